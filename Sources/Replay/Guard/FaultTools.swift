/// Programs that the scripts of faults may use on every onboarded host, beside what the host has anyway.
enum FaultTools {
    /// How runit keeps a service, and how to bring it there: faults have to put back a service that was run once as
    /// run once.
    static let service = #"""
        #!/bin/sh
        # What a fault must know of a supervised service, and how it changes it. Every wait is bounded.
        #
        # usage: service state NAME             up, once or down: what the supervisor keeps it at
        #        service runs NAME              exits 0 when its process is there
        #        service processes NAME         ids of its process and of all that it started
        #        service set NAME STATE         brings it to up, once or down
        #        service restart NAME STATE     the same, but stops it first (killed after 5 s)
        set -u
        name=${2:-} wanted=${3:-}
        case $name in '' | .* | */*) echo "service: '$name' is not the name of a service" >&2; exit 64 ;; esac
        supervise=${SVDIR:-/etc/service}/$name/supervise
        [ -r "$supervise/status" ] || { echo "service: no supervised service '$name'" >&2; exit 69; }

        # The supervisor's own record: bytes 12 to 15 are the process id, byte 17 is what it wants (u or d).
        look() {
            set -- $(od -An -tu1 -j12 -N6 "$supervise/status")
            pid=$(($1 + 256 * ($2 + 256 * ($3 + 256 * $4)))) wants=$6
        }
        family() {
            for member in "$@"; do
                echo "$member"
                family $(pgrep -P "$member")
            done
        }
        # Waits until the supervisor has taken an order (100 is d) and the process is gone; exits 1 after 5 s.
        await_end() {
            looks=0
            while look && [ "$wants" -ne 100 ] || [ "$pid" -ne 0 ]; do
                [ "$looks" -lt 50 ] || return 1
                sleep 0.1
                looks=$((looks + 1))
            done
        }
        # Gives it two seconds to be there. That it was started is all that is asked: a service may be broken on purpose.
        await_start() {
            looks=0
            while look && [ "$pid" -eq 0 ] && [ "$looks" -lt 20 ]; do
                sleep 0.1
                looks=$((looks + 1))
            done
            return 0
        }
        # Gives an order until the supervisor has taken it: `sv` gives none that the record, which may be behind, makes
        # look superfluous.
        order() {
            looks=0
            until sv "$1" "$name" >/dev/null && look && [ "$wants" -eq "$2" ]; do
                [ "$looks" -lt 30 ] || return 1
                sleep 0.1
                looks=$((looks + 1))
            done
        }
        bring() {
            case $wanted in
            up) order up 117 && await_start ;;
            once) order once 100 && await_start ;;
            down) stop ;;
            *) echo "service: '$wanted' is not up, once or down" >&2; exit 64 ;;
            esac
        }
        stop() {
            look
            left=
            [ "$pid" -eq 0 ] || left=$(family "$pid")
            order down 100 && sv cont "$name" >/dev/null
            await_end
            # What a killed parent leaves behind would keep its ports and files.
            [ -z "$left" ] || kill -KILL $left 2>/dev/null
            await_end
        }

        look
        case ${1:-} in
        state) if [ "$wants" -eq 117 ]; then echo up; elif [ "$pid" -ne 0 ]; then echo once; else echo down; fi ;;
        runs) [ "$pid" -ne 0 ] ;;
        processes) [ "$pid" -eq 0 ] || family "$pid" ;;
        set) bring ;;
        restart) stop && bring ;;
        *) echo "usage: service state|runs|processes NAME; service set|restart NAME STATE" >&2; exit 64 ;;
        esac

        """#
}
