#!/bin/sh
# The uptime service: asks every node whether its process answers, whatever it answers. A node that does not is paged
# for when it has not answered for DELAY_SECONDS, one page a node; a whole shard looks like many single nodes.
set -u
. /etc/uptime/uptime.conf
state=/var/lib/uptime
mkdir -p "$state"

# One curl asks all nodes at once and prints 'name status' lines; status 000 means that nothing answered.
look() {
    separator=
    for name in $TARGETS; do
        printf '%surl = "http://%s:9500/"\noutput = "/dev/null"\nconnect-timeout = 1\nmax-time = 2\n' "$separator" "$name"
        printf 'write-out = "%s %%{http_code}\\n"\n' "$name"
        separator="next
"
    done | curl -s -Z --parallel-max 50 --parallel-immediate -K -
}

while :; do
    read -r now _ </proc/uptime
    look | while read -r name status; do
        if [ "$status" != 000 ]; then
            if [ -e "$state/$name.paged" ]; then
                /opt/uptime/page resolve "process-$name" "$name" "harmony process is back on $name"
            fi
            rm -f "$state/$name".*
            continue
        fi
        [ -e "$state/$name.since" ] || echo "$now" >"$state/$name.since"
        [ -e "$state/$name.paged" ] && continue
        since=$(cat "$state/$name.since")
        if awk -v now="$now" -v since="$since" -v after="$DELAY_SECONDS" 'BEGIN { exit !(now - since >= after) }'; then
            /opt/uptime/page trigger "process-$name" "$name" "harmony process stopped on $name" && touch "$state/$name.paged"
        fi
    done
    sleep "$POLL_SECONDS"
done
