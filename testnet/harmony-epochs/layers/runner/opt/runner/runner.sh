#!/bin/sh
# People who run nodes: each looks at the newest block of a node, one in every shard, and tells the community chat when
# there has been no new one for long enough to be sure. Chat pages nobody.
set -u
. /etc/runner/runner.conf
state=/var/lib/runner
mkdir -p "$state"
request='{"jsonrpc":"2.0","id":1,"method":"hmyv2_blockNumber","params":[]}'

report() {
    printf '{"username":"node runner","text":"%s: no new block since %s, is the shard down?"}' "$1" "$2" |
        curl -sf -m 5 -o /dev/null -H 'Content-Type: application/json' --data-binary @- "$CHAT_URL"
}

# The newest block of each node, one line each, asked for together; - of a node that does not answer.
heights() {
    rm -f "$state"/*.answer
    for name in $TARGETS; do
        curl -s -m 2 -o "$state/$name.answer" -H 'Content-Type: application/json' -d "$request" "http://$name:9500/" &
    done
    wait
    for name in $TARGETS; do
        height=$(sed -n 's/.*"result" *: *\([0-9]*\).*/\1/p' "$state/$name.answer" 2>/dev/null)
        echo "$name ${height:--}"
    done
}

while :; do
    found=$(heights)
    now=$(cut -d' ' -f1 /proc/uptime)
    printf '%s\n' "$found" | while read -r name height; do
        [ -e "$state/$name" ] || echo "none $now" >"$state/$name"
        read -r before since <"$state/$name"
        if [ "$height" != - ] && [ "$height" != "$before" ]; then
            echo "$height $now" >"$state/$name"
            rm -f "$state/$name.reported"
        elif [ ! -e "$state/$name.reported" ] &&
            awk -v now="$now" -v since="$since" -v after="$REPORT_AFTER_SECONDS" 'BEGIN { exit !(now - since >= after) }'; then
            report "$name" "$before" && touch "$state/$name.reported"
        fi
    done
    sleep "$POLL_SECONDS"
done
