#!/bin/sh
# The external monitor: asks every team node whether its process answers and pages when one stops doing so. A node is
# reported after two failed looks in a row, and again when it is back.
set -u
. /etc/monitor/monitor.conf
state=/var/lib/monitor
mkdir -p "$state"

request='{"jsonrpc":"2.0","id":1,"method":"hmyv2_blockNumber","params":[]}'

# One curl asks all nodes at once and prints 'name status' lines; status 000 means that nothing answered.
look() {
    separator=
    body=$(printf '%s' "$request" | sed 's/"/\\"/g')
    for name in $TARGETS; do
        printf '%surl = "http://%s:9500/"\noutput = "/dev/null"\ndata = "%s"\nheader = "Content-Type: application/json"\n' \
            "$separator" "$name" "$body"
        printf 'connect-timeout = 1\nmax-time = 2\nwrite-out = "%s %%{http_code}\\n"\n' "$name"
        separator="next
"
    done | curl -s -Z --parallel-max 16 --parallel-immediate -K -
}

while :; do
    look | while read -r name status; do
        if [ "$status" = 000 ]; then
            if [ -e "$state/$name.suspect" ] && [ ! -e "$state/$name.down" ]; then
                /opt/monitor/page trigger "process-$name" "$name" "harmony process stopped on $name" && touch "$state/$name.down"
            fi
            touch "$state/$name.suspect"
        else
            if [ -e "$state/$name.down" ]; then
                /opt/monitor/page resolve "process-$name" "$name" "harmony process is back on $name" && rm -f "$state/$name.down"
            fi
            rm -f "$state/$name.suspect"
        fi
    done
    sleep "$POLL_SECONDS"
done
