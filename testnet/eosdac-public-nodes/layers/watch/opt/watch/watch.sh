#!/bin/sh
# One team member's own external monitor: asks each public host and writes to that member's message channel when one
# begins to fail, and when it is back. Messages page nobody.
#
# usage: watch.sh
set -u
. /etc/watch/watch.conf # POLL_SECONDS, MESSAGES_URL, ENDPOINTS
state=/var/lib/watch
mkdir -p "$state"

message() {
    printf '{"username":"external monitor","text":"%s"}' "$1" |
        curl -sf -m 5 -o /dev/null -H 'Content-Type: application/json' --data-binary @- "$MESSAGES_URL"
}

while :; do
    for name in $ENDPOINTS; do
        if curl -s -m 3 "http://$name/v1/chain/get_info" | grep -q '"head_block_num"'; then
            [ ! -e "$state/$name" ] || { message "UP: $name answers again" && rm -f "$state/$name"; }
        else
            [ -e "$state/$name" ] || { message "DOWN: $name does not answer" && touch "$state/$name"; }
        fi
    done
    sleep "$POLL_SECONDS"
done
