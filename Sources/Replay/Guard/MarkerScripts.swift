/// The scripts that write a host's marker: onboarding makes it, renewal moves its expiry.
enum MarkerScripts {
    /// Writes the marker and lays out the lease. Refuses a host that belongs to another run whose marker is still
    /// valid, and one with fault records that are not closed.
    static let onboard =
        GuardLibrary.text + #"""
            exec 3>&1 1>&2
            mkdir -p "$fd_state/faults" || fd_refuse "$fd_state cannot be made"
            fd_clock || fd_refuse "the time since boot cannot be read"
            fd_is_number "${FIREDRILL_EXPIRES_AFTER:-}" || fd_refuse "the marker to write has no expiry"
            for fd_dir in "$fd_state/faults"/*; do
                [ -d "$fd_dir" ] || continue
                fd_read_slot "$fd_dir/state"
                if fd_is_open "$fd_value"; then
                    fd_refuse "the fault record ${fd_dir##*/} is still open (state $fd_value); its lease undoes it; wait, or use another host"
                fi
            done
            if [ -e "$fd_marker" ]; then
                fd_lock_marker -x
                if [ "$fd_m_run" != "$fd_run" ] && [ "$fd_m_boot" = "$fd_boot" ] && [ "$fd_now" -lt "$fd_m_expires" ]; then
                    fd_refuse "this host belongs to another run until $fd_m_expires s of uptime (now $fd_now)"
                fi
            fi
            fd_new=$fd_state/.marker.new
            printf 'firedrill-marker 1\nrun %s\ntestnet %s\ncapabilities %s\nboot %s\nexpires %012d\nend\n' \
                "$fd_run" "$fd_testnet" "$fd_capability" "$fd_boot" "$((fd_now + FIREDRILL_EXPIRES_AFTER))" >"$fd_new" &&
                sync "$fd_new" && mv "$fd_new" "$fd_marker" && sync "$fd_state" || fd_refuse "the marker cannot be written"
            fd_write_lease idle - 0 none && sync "$fd_lease" || fd_refuse "the lease cannot be laid out"
            [ -p "$fd_state/wake" ] || mkfifo "$fd_state/wake" || fd_refuse "the lease cannot be laid out"
            printf '%012d\n' 0 1<>"$fd_state/watch" && sync "$fd_state/watch" || fd_refuse "the lease cannot be laid out"
            fd_report "expires $((fd_now + FIREDRILL_EXPIRES_AFTER))"
            """#

    /// Moves the expiry of a marker that is this run's and not expired, in place, under the exclusive lock.
    static let renew =
        GuardLibrary.text + #"""
            exec 3>&1 1>&2
            fd_lock_marker -x
            fd_check_owner
            fd_check_expiry
            fd_is_number "${FIREDRILL_EXPIRES_AFTER:-}" || fd_refuse "the renewal has no expiry"
            printf 'firedrill-marker 1\nrun %s\ntestnet %s\ncapabilities %s\nboot %s\nexpires %012d\nend\n' \
                "$fd_m_run" "$fd_m_testnet" "$fd_m_capabilities" "$fd_m_boot" "$((fd_now + FIREDRILL_EXPIRES_AFTER))" \
                1<>"$fd_marker" || fd_refuse "the marker cannot be written"
            fd_report "expires $((fd_now + FIREDRILL_EXPIRES_AFTER))"
            """#

    /// Runs `FIREDRILL_ACTION` under the guard. Reports go to standard error, so that standard output is the action's.
    static let act =
        GuardLibrary.text + #"""
            exec 3>&2
            fd_watchdog
            fd_guard
            unset FIREDRILL_ACTION
            fd_report acting
            fd_perform "$fd_action"
            fd_stop "$?"
            """#
}
