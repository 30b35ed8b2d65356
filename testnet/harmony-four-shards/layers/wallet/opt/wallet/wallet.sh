#!/bin/sh
# A user's wallet: reads a balance from community nodes and tells the community chat when a node has failed it for long
# enough to notice. Chat pages nobody.
set -u
. /etc/wallet/wallet.conf
state=/var/lib/wallet
mkdir -p "$state"
address=one1zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3wueres
request='{"jsonrpc":"2.0","id":1,"method":"hmyv2_getBalance","params":["'$address'"]}'

look() {
    separator=
    body=$(printf '%s' "$request" | sed 's/"/\\"/g')
    for name in $TARGETS; do
        printf '%surl = "http://%s:9500/"\noutput = "/dev/null"\ndata = "%s"\nheader = "Content-Type: application/json"\n' \
            "$separator" "$name" "$body"
        printf 'connect-timeout = 1\nmax-time = 2\nwrite-out = "%s %%{http_code}\\n"\n' "$name"
        separator="next
"
    done | curl -s -Z --parallel-max 12 --parallel-immediate -K -
}

report() {
    printf '{"username":"node runner of %s","text":"%s: requests to my node fail"}' "$1" "$1" |
        curl -sf -m 5 -o /dev/null -H 'Content-Type: application/json' --data-binary @- "$CHAT_URL"
}

while :; do
    read -r now _ </proc/uptime
    look | while read -r name status; do
        if [ "$status" = 200 ]; then
            rm -f "$state/$name".*
            continue
        fi
        [ -e "$state/$name.since" ] || echo "$now" >"$state/$name.since"
        [ -e "$state/$name.reported" ] && continue
        since=$(cat "$state/$name.since")
        if awk -v now="$now" -v since="$since" -v after="$REPORT_AFTER_SECONDS" 'BEGIN { exit !(now - since >= after) }'; then
            report "$name" && touch "$state/$name.reported"
        fi
    done
    sleep "$POLL_SECONDS"
done
