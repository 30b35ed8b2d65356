/// The lease's watcher: the `run` script of the runit service `firedrill-lease`.
///
/// runsv restarts it when it dies, and it keeps nothing in memory, so it may be killed at any moment. Time is the
/// host's uptime; a lease from before the last boot has expired. It writes only files that were laid out beforehand.
/// While nothing is armed it costs nothing.
enum LeaseService {
    static let run =
        "#!/bin/sh\n# Watches the lease of this host's faults and undoes them when nobody renews it.\n"
        + GuardLibrary.text + #"""
            exec 3>/dev/null 2>&1
            fd_library=${FIREDRILL_LIBRARY:-/usr/local/lib/firedrill}
            fd_undo_open() {
                for fd_dir in "$fd_state/faults"/*; do
                    [ -d "$fd_dir" ] || continue
                    fd_read_slot "$fd_dir/state"
                    fd_is_open "$fd_value" || continue
                    fd_limit=
                    while IFS=' ' read -r fd_key fd_text; do
                        [ "$fd_key" != undo-deadline ] || fd_limit=$fd_text
                    done <"$fd_dir/about"
                    fd_is_number "$fd_limit" || fd_limit=60
                    echo "firedrill-lease: expired, undoing ${fd_dir##*/}"
                    # A process group of its own: an undo that hangs is killed whole, and tried again later.
                    FIREDRILL_BY=lease FIREDRILL_RECORD=${fd_dir##*/} FIREDRILL_DEADLINE=$fd_limit FIREDRILL_TOKEN=lease \
                        timeout -k 2 "$((fd_limit + 2))" /bin/sh "$fd_library/undo"
                done
            }
            fd_fire() {
                (
                    fd_lock_lease || exit 1
                    fd_clock
                    if fd_read_lease; then
                        [ "$fd_l_word" = armed ] || exit 0
                        [ "$fd_l_boot" != "$fd_boot" ] || [ "$fd_now" -ge "$fd_l_expires" ] || exit 0
                    else
                        fd_l_expires=0 fd_l_run=unreadable
                    fi
                    fd_write_lease fired "$fd_boot" "$fd_l_expires" "$fd_l_run"
                    sync "$fd_lease"
                )
            }
            # Nothing is armed: wait on a pipe, at no cost, until `arm` pokes it. It pokes until it sees `watch` written, and
            # that is only written with an armed lease in hand.
            fd_rest() {
                if [ -p "$fd_state/wake" ]; then read -r fd_line <"$fd_state/wake"; else sleep 1; fi
            }
            fd_pause=0
            fd_unreadable=0
            while :; do
                fd_clock || { sleep 1; continue; }
                if fd_read_lease; then
                    fd_unreadable=0
                    if [ "$fd_l_word" = idle ]; then
                        fd_pause=0
                        fd_rest
                        continue
                    fi
                    printf '%012d\n' "$fd_now" 1<>"$fd_state/watch"
                    if [ "$fd_l_word" = armed ]; then
                        if [ "$fd_l_boot" != "$fd_boot" ] || [ "$fd_now" -ge "$fd_l_expires" ]; then fd_fire; fd_read_lease; fi
                    fi
                    if [ "$fd_l_word" = fired ]; then
                        # Records whose undo failed are tried again every five seconds, for as long as it takes.
                        if [ "$fd_pause" -eq 0 ]; then fd_undo_open; fd_pause=5; else fd_pause=$((fd_pause - 1)); fi
                    fi
                elif [ -d "$fd_state/faults" ]; then
                    # A lease that cannot be read three times in a row is not one that protects anything.
                    fd_unreadable=$((fd_unreadable + 1))
                    [ "$fd_unreadable" -lt 3 ] || fd_fire
                fi
                sleep 1
            done

            """#
}
