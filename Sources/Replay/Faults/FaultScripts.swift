/// The scripts of the fault contract on a host. Each reports on standard output; what the fault's own scripts print
/// goes to standard error.
///
/// Locks are always taken in this order: marker (shared), record (exclusive), lease (exclusive).
enum FaultScripts {
    /// Runs `FIREDRILL_ACTION`, a fingerprint, and reports its hash. Changes nothing.
    static let fingerprint =
        GuardLibrary.text + #"""
            exec 3>&1 1>&2
            fd_watchdog
            fd_print=$(fd_perform "$fd_action")
            fd_status=$?
            printf '%s\n' "$fd_print"
            [ "$fd_status" -eq 0 ] || { fd_report "exit $fd_status"; fd_stop 0; }
            fd_hash=$(printf '%s' "$fd_print" | sha256sum)
            fd_report "fingerprint ${fd_hash%% *}"
            fd_stop 0
            """#

    /// Writes a record from lines `path mode base64` on standard input, whole or not at all, and syncs it.
    static let stage =
        GuardLibrary.text + #"""
            exec 3>&1 1>&2
            fd_watchdog
            fd_guard
            fd_name=${FIREDRILL_RECORD:-}
            case $fd_name in '' | *[!a-z0-9.-]* | .*) fd_refuse "'$fd_name' is not the name of a record" ;; esac
            fd_new=$fd_state/faults/.$fd_name.new
            [ ! -e "$fd_state/faults/$fd_name" ] || fd_refuse "the record $fd_name exists already"
            rm -rf "$fd_new" && mkdir -p "$fd_new" || fd_refuse "the record cannot be written"
            while IFS=' ' read -r fd_path fd_mode fd_data; do
                case $fd_path in '' | /* | *..* | *[!A-Za-z0-9_./-]*) fd_refuse "a file of the record has a bad name" ;; esac
                case $fd_path in */*) mkdir -p "$fd_new/${fd_path%/*}" || fd_refuse "the record cannot be written" ;; esac
                printf '%s' "$fd_data" | base64 -d >"$fd_new/$fd_path" && chmod "$fd_mode" "$fd_new/$fd_path" &&
                    sync "$fd_new/$fd_path" || fd_refuse "the record cannot be written"
            done
            for fd_slot in state before after fired; do
                [ -f "$fd_new/$fd_slot" ] || fd_refuse "the record arrived incomplete"
            done
            mv "$fd_new" "$fd_state/faults/$fd_name" && sync "$fd_state/faults/$fd_name" "$fd_state/faults" ||
                fd_refuse "the record cannot be written"
            fd_report "state intended"
            fd_stop 0
            """#

    /// Arms the lease for a record and waits until the lease's watcher has looked at it.
    static let arm =
        GuardLibrary.text + #"""
            exec 3>&1 1>&2
            fd_watchdog
            fd_guard
            fd_open_record "${FIREDRILL_RECORD:-}"
            [ "$fd_r_run" = "$fd_run" ] || fd_refuse "the record is of another run"
            [ "$fd_r_state" = intended ] || fd_refuse "the record is $fd_r_state, not intended"
            fd_lock_lease || fd_refuse "the lease stayed locked"
            if fd_read_lease && [ "$fd_l_word" = fired ]; then
                for fd_dir in "$fd_state/faults"/*; do
                    [ -d "$fd_dir" ] && [ "$fd_dir" != "$fd_record" ] || continue
                    fd_read_slot "$fd_dir/state"
                    ! fd_is_open "$fd_value" || fd_refuse "the lease has fired and ${fd_dir##*/} is still open"
                done
            fi
            fd_clock
            fd_armed_at=$fd_now
            fd_write_lease armed "$fd_boot" "$((fd_now + FIREDRILL_LEASE_SECONDS))" "$fd_run" || fd_refuse "the lease cannot be written"
            sync "$fd_lease" || fd_refuse "the lease cannot be written"
            exec 7<&-
            fd_write_slot "$fd_record/state" armed || fd_refuse "the record cannot be written"
            fd_tries=0
            while :; do
                fd_watched=
                read -r fd_watched <"$fd_state/watch"
                if fd_is_number "$fd_watched"; then
                    fd_decimal "$fd_watched"
                    [ "$fd_value" -lt "$fd_armed_at" ] || break
                fi
                # Opened for both, so that it blocks neither without a reader nor at all.
                [ ! -p "$fd_state/wake" ] || printf 'look\n' 1<>"$fd_state/wake"
                fd_tries=$((fd_tries + 1))
                [ "$fd_tries" -le 50 ] || fd_refuse "the lease's watcher does not run on this host (service firedrill-lease)"
                sleep 0.2
            done
            fd_report "state armed"
            fd_stop 0
            """#

    /// Injects: only from an armed record, under a live lease, and only if the fingerprint is still the recorded one.
    static let inject =
        GuardLibrary.text + #"""
            exec 3>&1 1>&2
            fd_watchdog
            fd_guard
            fd_open_record "${FIREDRILL_RECORD:-}"
            [ "$fd_r_run" = "$fd_run" ] || fd_refuse "the record is of another run"
            [ "$fd_r_state" = armed ] || fd_refuse "the record is $fd_r_state, not armed"
            fd_hash_recorded || fd_refuse "the fingerprint failed just before the injection"
            fd_read_slot "$fd_record/before"
            [ "$fd_value" = "$fd_hash" ] || fd_refuse "the fingerprint changed between intent and injection"
            fd_lock_lease && fd_read_lease && fd_clock || fd_refuse "the lease cannot be read"
            [ "$fd_l_word" = armed ] && [ "$fd_l_run" = "$fd_run" ] && [ "$fd_l_boot" = "$fd_boot" ] && [ "$fd_now" -lt "$fd_l_expires" ] ||
                fd_refuse "the lease is not in force"
            fd_write_slot "$fd_record/state" injecting || fd_refuse "the record cannot be written"
            exec 7<&-
            fd_report acting
            fd_perform_recorded inject
            fd_status=$?
            fd_report "exit $fd_status"
            if fd_hash_recorded; then
                fd_write_slot "$fd_record/after" "$fd_hash" && fd_write_slot "$fd_record/state" injected &&
                    fd_report "after $fd_hash" && fd_report "state injected"
            else
                fd_report "state injecting"
            fi
            fd_stop 0
            """#

    /// Undoes a record from any state, at most once at a time, and only while the state is what the injection left.
    /// Run by the replay, by the lease (`FIREDRILL_BY=lease`) and by `heal`; needs no valid expiry, because the
    /// host's own record is the consent to undo it.
    static let undo =
        GuardLibrary.text + #"""
            exec 3>&1 1>&2
            fd_by=${FIREDRILL_BY:-replay}
            fd_watchdog
            # The marker may be gone or expired: then the record's own lock must do.
            if [ -f "$fd_marker" ] && [ ! -L "$fd_marker" ]; then
                exec 9<"$fd_marker"
                flock -s -w "$fd_lock_wait" 9 || fd_refuse "the marker stayed locked for $fd_lock_wait s"
            fi
            fd_open_record "${FIREDRILL_RECORD:-}"
            if [ "$fd_by" != lease ]; then
                [ "$fd_r_run" = "$fd_run" ] && [ "$fd_r_testnet" = "$fd_testnet" ] || fd_refuse "the record is of another run"
            fi
            fd_read_slot "$fd_record/fired"
            [ "$fd_value" != fired ] || fd_report fired
            fd_end() {
                # The outcome is reported even if it can no longer be written down: an undo done twice is compared first.
                fd_write_slot "$fd_record/state" "$1" || fd_report "unwritten $1"
                if [ "$fd_by" = lease ]; then
                    fd_clock
                    fd_write_slot "$fd_record/fired" "fired $fd_now $1"
                fi
                fd_report "state $1"
                fd_stop 0
            }
            case $fd_r_state in
                undone | superseded | closed) fd_report "state $fd_r_state"; fd_stop 0 ;;
                intended | armed) fd_report "untouched"; fd_end undone ;;
                injecting | injected | undoing | undo-failed) ;;
                *) fd_refuse "the record is in the unknown state '$fd_r_state'" ;;
            esac
            if ! fd_hash_recorded; then
                fd_report "reason the fingerprint failed, so the present state is not known"
                # An undo that failed half-way stays one; what was never tried keeps its state and its comparison.
                fd_report "state undo-failed"
                fd_stop 0
            fi
            fd_read_slot "$fd_record/before" && fd_before=$fd_value
            fd_read_slot "$fd_record/after" && fd_after=$fd_value
            case $fd_r_state in
                injected) [ "$fd_hash" = "$fd_after" ] || fd_end superseded ;;
                # Begun by us and not known to have ended: all that differs from before is ours to undo.
                *) [ "$fd_hash" != "$fd_before" ] || fd_end undone ;;
            esac
            fd_write_slot "$fd_record/state" undoing || fd_report "unwritten undoing"
            fd_report acting
            fd_perform_recorded undo
            fd_status=$?
            fd_report "exit $fd_status"
            [ "$fd_status" -eq 0 ] || { fd_report "reason the undo script ended with status $fd_status"; fd_end undo-failed; }
            if fd_hash_recorded && [ "$fd_hash" = "$fd_before" ]; then fd_report restored; fi
            fd_end undone
            """#

    /// Closes a record that is undone or superseded, or whose fault is gone; puts the lease to rest when it was the last open one.
    static let close =
        GuardLibrary.text + #"""
            exec 3>&1 1>&2
            fd_watchdog
            fd_open_record "${FIREDRILL_RECORD:-}"
            [ "$fd_r_run" = "$fd_run" ] && [ "$fd_r_testnet" = "$fd_testnet" ] || fd_refuse "the record is of another run"
            case $fd_r_state in
                undone | superseded | closed) ;;
                intended | armed | injecting | injected | undoing | undo-failed)
                    # How the undo ended was reported and could not be written down. That it is over its caller knows, who heard it
                    # and proved it; what was injected must not be there as it was.
                    fd_before= fd_after=
                    fd_read_slot "$fd_record/before" && fd_before=$fd_value
                    fd_read_slot "$fd_record/after" && fd_after=$fd_value
                    fd_hash_recorded || fd_refuse "the record is $fd_r_state, and the fingerprint failed"
                    [ "$fd_hash" = "$fd_before" ] || { [ -n "$fd_after" ] && [ "$fd_hash" != "$fd_after" ]; } ||
                        fd_refuse "the record is $fd_r_state, not undone"
                    ;;
                *) fd_refuse "the record is $fd_r_state, not undone" ;;
            esac
            [ "$fd_r_state" = closed ] || fd_write_slot "$fd_record/state" closed || fd_refuse "the record cannot be written"
            if fd_lock_lease; then
                fd_left=0
                for fd_dir in "$fd_state/faults"/*; do
                    [ -d "$fd_dir" ] || continue
                    fd_read_slot "$fd_dir/state"
                    ! fd_is_open "$fd_value" || fd_left=$((fd_left + 1))
                done
                [ "$fd_left" -gt 0 ] || fd_write_lease idle - 0 none
            fi
            fd_report "state closed"
            fd_stop 0
            """#

    /// Extends a lease in force; an expired or fired one is reported and left alone.
    static let heartbeat =
        GuardLibrary.text + #"""
            exec 3>&1 1>&2
            fd_watchdog
            [ -f "$fd_lease" ] && fd_lock_lease || fd_refuse "the lease cannot be locked"
            fd_read_lease && fd_clock || fd_refuse "the lease cannot be read"
            [ "$fd_l_run" = "$fd_run" ] || fd_refuse "the lease is not of this run"
            fd_watched=
            read -r fd_watched <"$fd_state/watch"
            if [ "$fd_l_word" = fired ]; then
                fd_report "lease fired"
            elif [ "$fd_l_boot" != "$fd_boot" ] || [ "$fd_now" -ge "$fd_l_expires" ]; then
                fd_report "lease expired"
            else
                fd_write_lease armed "$fd_boot" "$((fd_now + FIREDRILL_LEASE_SECONDS))" "$fd_run" || fd_refuse "the lease cannot be written"
                fd_report "lease armed"
            fi
            fd_report "watched ${fd_watched:-never} $fd_now"
            fd_stop 0
            """#

    /// Lists every record with its state: `record <name> <state> <fired line>`.
    static let list =
        GuardLibrary.text + #"""
            exec 3>&1 1>&2
            for fd_dir in "$fd_state/faults"/*; do
                [ -d "$fd_dir" ] || continue
                fd_read_slot "$fd_dir/state"
                fd_found=$fd_value
                fd_read_slot "$fd_dir/fired"
                fd_report "record ${fd_dir##*/} $fd_found $fd_value"
            done
            fd_report end
            """#
}
