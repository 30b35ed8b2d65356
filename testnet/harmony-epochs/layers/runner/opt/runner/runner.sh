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

# One curl asks all nodes at once.
body=$(printf '%s' "$request" | sed 's/"/\\"/g')
separator=
for name in $TARGETS; do
    printf '%surl = "http://%s:9500/"\noutput = "%s/%s.answer"\nmax-time = 2\ndata = "%s"\nheader = "Content-Type: application/json"\n' \
        "$separator" "$name" "$state" "$name" "$body"
    separator="next
"
done >"$state/look"

# The newest block of each node, one line each; - of a node that does not answer.
heights() {
    rm -f "$state"/*.answer
    curl -s -Z --parallel-max 12 --parallel-immediate -K "$state/look"
    for name in $TARGETS; do
        answer=
        [ ! -e "$state/$name.answer" ] || read -r answer <"$state/$name.answer"
        case $answer in *'"result"'*) height=${answer##*'"result"'} ;; *) height= ;; esac
        height=${height#"${height%%[0-9]*}"}
        height=${height%%[!0-9]*}
        echo "$name ${height:--}"
    done
}

while :; do
    found=$(heights)
    read -r now _ </proc/uptime
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
