#!/bin/sh
# The bot of the witnesses' chat room: says when a witness has produced no block and missed some for a while. The room
# pages nobody.
set -u
. /etc/chatbot/chatbot.conf
state=/var/lib/chatbot
mkdir -p "$state"

say() {
    printf '{"username":"witness bot","text":"%s"}' "$1" |
        curl -sf -m 5 -o /dev/null -H 'Content-Type: application/json' --data-binary @- "$CHAT_URL"
}

# One witness: its last block and its missed slots; when the block stays and the count grows, for how long.
look() {
    answer=$(/opt/rpc/rpc "$RPC_URL" condenser_api.get_witness_by_account "[\"$1\"]") || return 0
    missed=$(printf '%s' "$answer" | sed -n 's/.*"total_missed":\([0-9]*\).*/\1/p')
    block=$(printf '%s' "$answer" | sed -n 's/.*"last_confirmed_block_num":\([0-9]*\).*/\1/p')
    [ -n "$missed" ] && [ -n "$block" ] || return 0
    now=$(cut -d' ' -f1 /proc/uptime)
    if [ "$block" != "$(cat "$state/$1.block" 2>/dev/null)" ]; then
        echo "$block" >"$state/$1.block"
        echo "$missed" >"$state/$1.missed"
        echo "$now" >"$state/$1.since"
        rm -f "$state/$1.said"
        return 0
    fi
    [ -e "$state/$1.said" ] && return 0
    lost=$((missed - $(cat "$state/$1.missed")))
    since=$(cat "$state/$1.since")
    if [ "$lost" -ge 2 ] && awk -v now="$now" -v since="$since" -v after="$REPORT_AFTER_SECONDS" \
        'BEGIN { exit !(now - since >= after) }'; then
        say "witness $1 has missed its last $lost blocks" && touch "$state/$1.said"
    fi
}

while :; do
    for witness in $WITNESSES; do look "$witness"; done
    sleep "$POLL_SECONDS"
done
