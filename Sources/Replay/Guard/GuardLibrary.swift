/// The shell functions that every agent script starts with: the marker's lock and check, and bookkeeping in place.
///
/// POSIX sh, run by dash. Values arrive by environment only:
/// - `FIREDRILL_STATE` where the host keeps its marker, lease and fault records (`/var/lib/firedrill`)
/// - `FIREDRILL_TOKEN` random text that marks this command's own report lines
/// - `FIREDRILL_RUN`, `FIREDRILL_TESTNET`, `FIREDRILL_CAPABILITY` what the marker must say
/// - `FIREDRILL_DEADLINE` whole seconds after which this command has ended, whoever is still connected
///
/// Files that must be writable when the disk is full are laid out at onboarding and overwritten in place (`1<>file`),
/// always with the same number of bytes.
enum GuardLibrary {
    static let text = #"""
        umask 077
        fd_state=${FIREDRILL_STATE:-/var/lib/firedrill}
        fd_marker=$fd_state/marker
        fd_lease=$fd_state/lease
        fd_token=${FIREDRILL_TOKEN:-none}
        fd_run=${FIREDRILL_RUN:-}
        fd_testnet=${FIREDRILL_TESTNET:-}
        fd_capability=${FIREDRILL_CAPABILITY:-}
        fd_deadline=${FIREDRILL_DEADLINE:-}
        fd_action=${FIREDRILL_ACTION:-}
        fd_lock_wait=5
        fd_dog=

        # Reports go to descriptor 3, which each script points at the stream that actions do not write to.
        fd_report() { printf 'firedrill %s %s\n' "$fd_token" "$*" >&3; }
        fd_stop() { [ -z "$fd_dog" ] || kill "$fd_dog" 2>/dev/null; exit "$1"; }
        fd_refuse() { fd_report "refused $*"; fd_stop 125; }

        # Whole seconds since boot, which nobody can set, and the id of this boot.
        fd_clock() {
            read -r fd_now fd_rest </proc/uptime || return 1
            fd_now=${fd_now%%.*}
            read -r fd_boot </proc/sys/kernel/random/boot_id
        }
        fd_is_number() { case $1 in '' | *[!0-9]*) return 1 ;; esac; [ "${#1}" -le 12 ]; }
        # 000000000042 is forty-two, not octal.
        fd_decimal() {
            fd_value=$1
            while [ "${#fd_value}" -gt 1 ] && [ "${fd_value#0}" != "$fd_value" ]; do fd_value=${fd_value#0}; done
        }

        # Kills this command's process group at its deadline, should whoever started it be gone by then.
        fd_watchdog() {
            fd_is_number "$fd_deadline" || fd_refuse "the command carries no deadline"
            (
                trap 'kill "$fd_sleep" 2>/dev/null; exit 0' TERM
                sleep "$fd_deadline" &
                fd_sleep=$!
                wait "$fd_sleep" && kill -KILL 0
            ) </dev/null >/dev/null 2>&1 3>&- 7<&- 8<&- 9<&- &
            fd_dog=$!
        }

        # Opens the marker as descriptor 9 and locks it: -s for a change under its protection, -x to rewrite it.
        fd_lock_marker() {
            [ -f "$fd_marker" ] && [ ! -L "$fd_marker" ] || fd_refuse "this host carries no marker"
            [ -O "$fd_marker" ] || fd_refuse "the marker belongs to another user"
            [ -r "$fd_marker" ] || fd_refuse "the marker cannot be read"
            exec 9<"$fd_marker"
            flock "$1" -w "$fd_lock_wait" 9 || fd_refuse "the marker stayed locked for $fd_lock_wait s"
            fd_held=$(stat -Lc '%d:%i' /proc/self/fd/9)
            fd_named=$(stat -c '%d:%i' "$fd_marker")
            [ -n "$fd_held" ] && [ "$fd_held" = "$fd_named" ] || fd_refuse "the marker was replaced while it was being locked"
            fd_size=$(stat -Lc '%s' /proc/self/fd/9)
            [ "${fd_size:-99999}" -le 4096 ] || fd_refuse "the marker is larger than a marker can be"
            fd_read_marker <&9
        }
        fd_read_marker() {
            fd_m_run= fd_m_testnet= fd_m_capabilities= fd_m_boot= fd_m_expires= fd_m_end=
            IFS= read -r fd_line || fd_refuse "the marker is empty"
            [ "$fd_line" = "firedrill-marker 1" ] || fd_refuse "the marker is of an unknown format"
            while IFS=' ' read -r fd_key fd_text; do
                [ -z "$fd_m_end" ] || fd_refuse "the marker goes on after its end"
                case $fd_key in
                    run) fd_m_run=$fd_text ;;
                    testnet) fd_m_testnet=$fd_text ;;
                    capabilities) fd_m_capabilities=$fd_text ;;
                    boot) fd_m_boot=$fd_text ;;
                    expires) fd_m_expires=$fd_text ;;
                    end) fd_m_end=yes ;;
                    *) fd_refuse "the marker has an unknown line" ;;
                esac
            done
            [ -n "$fd_m_end" ] || fd_refuse "the marker is torn"
            fd_is_number "$fd_m_expires" || fd_refuse "the marker's expiry is not a number"
            fd_decimal "$fd_m_expires"
            fd_m_expires=$fd_value
        }

        # Whose host this is, apart from expiry and capability.
        fd_check_owner() {
            [ -n "$fd_run" ] && [ "$fd_m_run" = "$fd_run" ] || fd_refuse "the marker is for another run"
            [ -n "$fd_testnet" ] && [ "$fd_m_testnet" = "$fd_testnet" ] || fd_refuse "the marker is for another testnet"
        }
        fd_check_expiry() {
            fd_clock || fd_refuse "the time since boot cannot be read"
            [ "$fd_m_boot" = "$fd_boot" ] || fd_refuse "the marker is from before this host's last boot"
            fd_is_number "$fd_deadline" || fd_refuse "the command carries no deadline"
            [ "$((fd_now + fd_deadline))" -lt "$fd_m_expires" ] ||
                fd_refuse "the marker expires at $fd_m_expires s of uptime, before this command's deadline $((fd_now + fd_deadline)) s"
        }
        fd_check_capability() {
            [ -n "$fd_capability" ] || return 0
            case " $fd_m_capabilities " in
                *" $fd_capability "*) ;;
                *) fd_refuse "this host was not onboarded for $fd_capability" ;;
            esac
        }
        # The whole guard: lock, then check inside the lock. The lock is held until this shell ends.
        fd_guard() {
            fd_lock_marker -s
            fd_check_owner
            fd_check_expiry
            fd_check_capability
        }

        # Runs shell text in a subshell of its own: no lock, no report descriptor, nothing of the agent's environment.
        fd_perform() {
            (
                unset FIREDRILL_TOKEN FIREDRILL_RUN FIREDRILL_TESTNET FIREDRILL_CAPABILITY FIREDRILL_DEADLINE \
                    FIREDRILL_ACTION FIREDRILL_RECORD FIREDRILL_LEASE_SECONDS FIREDRILL_BY FIREDRILL_EXPIRES_AFTER \
                    FIREDRILL_STATE FIREDRILL_LIBRARY
                umask 022
                eval "$1"
            ) </dev/null 3>&- 7<&- 8<&- 9<&-
        }

        # The lease: one line of fixed width, overwritten in place: `armed <boot id> <expires> <run>`.
        fd_read_lease() {
            fd_l_word= fd_l_boot= fd_l_expires= fd_l_run= fd_extra=
            [ -f "$fd_lease" ] && IFS=' ' read -r fd_l_word fd_l_boot fd_l_expires fd_l_run fd_extra <"$fd_lease" || return 1
            case $fd_l_word in idle | armed | fired) ;; *) return 1 ;; esac
            fd_is_number "$fd_l_expires" && [ -n "$fd_l_run" ] && [ -z "$fd_extra" ] || return 1
            fd_decimal "$fd_l_expires"
            fd_l_expires=$fd_value
        }
        fd_write_lease() { printf '%-5s %-36s %012d %-64s\n' "$1" "$2" "$3" "$4" 1<>"$fd_lease"; }
        fd_lock_lease() { exec 7<>"$fd_lease" && flock -x -w "$fd_lock_wait" 7; }

        # Fault records: `state` and `after` are lines of fixed width, overwritten in place and synced.
        fd_write_slot() { printf '%-80s\n' "$2" 1<>"$1" && sync "$1"; }
        fd_read_slot() { fd_value=; [ -f "$1" ] && IFS=' ' read -r fd_value fd_rest <"$1"; }
        fd_is_open() { case $1 in intended | armed | injecting | injected | undoing | undo-failed) ;; *) return 1 ;; esac; }
        fd_open_record() {
            case $1 in '' | *[!a-z0-9.-]* | .*) fd_refuse "'$1' is not the name of a record" ;; esac
            fd_record=$fd_state/faults/$1
            [ -d "$fd_record" ] && [ ! -L "$fd_record" ] || { fd_report missing; fd_stop 0; }
            exec 8<"$fd_record/about"
            flock -x -w "$fd_lock_wait" 8 || fd_refuse "the record stayed locked for $fd_lock_wait s"
            fd_r_run= fd_r_testnet= fd_r_deadline=
            while IFS=' ' read -r fd_key fd_text; do
                case $fd_key in
                    run) fd_r_run=$fd_text ;;
                    testnet) fd_r_testnet=$fd_text ;;
                    undo-deadline) fd_r_deadline=$fd_text ;;
                esac
            done <&8
            fd_read_slot "$fd_record/state"
            fd_r_state=$fd_value
        }
        # Runs one of the record's own scripts with the environment that was recorded for it, one file per variable.
        fd_perform_recorded() {
            (
                for fd_file in "$fd_record/$1/environment"/*; do
                    [ -f "$fd_file" ] || continue
                    fd_value=$(cat "$fd_file" && printf x) || exit 126
                    export "${fd_file##*/}=${fd_value%x}"
                done
                fd_script=$(cat "$fd_record/$1/script" && printf x) || exit 126
                fd_perform "${fd_script%x}"
            )
        }
        # SHA-256 of what a fingerprint prints; fails when the fingerprint does.
        fd_hash_recorded() {
            fd_print=$(fd_perform_recorded fingerprint) || return 1
            fd_hash=$(printf '%s' "$fd_print" | sha256sum) || return 1
            fd_hash=${fd_hash%% *}
        }

        """#
}
