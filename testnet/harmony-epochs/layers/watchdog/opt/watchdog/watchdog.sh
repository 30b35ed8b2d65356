#!/bin/sh
# The consensus watchdog: asks the nodes of every shard how high their chain is and pages when a shard's highest block
# has been the same for DELAY_SECONDS. It sees the loss of consensus at once; the notice goes out late.
set -u
. /etc/watchdog/watchdog.conf # POLL_SECONDS, DELAY_SECONDS, PAGER_URL, ROUTING_KEY, SHARDn
state=/var/lib/watchdog
mkdir -p "$state"

# Prints the highest block number among the hosts given; nothing when none answers.
height() {
    separator=
    for name in "$@"; do
        printf '%surl = "http://%s:9500/"\nheader = "Content-Type: application/json"\nmax-time = 2\nwrite-out = "\\n"\n' "$separator" "$name"
        printf 'data = "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":1,\\"method\\":\\"hmyv2_blockNumber\\",\\"params\\":[]}"\n'
        separator="next
"
    done | curl -s -Z --parallel-max 50 --parallel-immediate -K - |
        sed -n 's/.*"result" *: *\([0-9]*\).*/\1/p' | sort -n | tail -n 1
}

page() {
    printf '{"routing_key":"%s","event_action":"%s","dedup_key":"consensus-shard%s","payload":{"summary":"consensus lost on shard %s","source":"%s","severity":"critical","component":"harmony"}}' \
        "$ROUTING_KEY" "$1" "$2" "$2" "$3" |
        curl -sf -m 5 -o /dev/null -H 'Content-Type: application/json' --data-binary @- "$PAGER_URL"
}

watch() {
    shard=$1
    shift
    highest=$(height "$@")
    read -r now _ </proc/uptime
    [ -e "$state/$shard" ] || echo "none $now" >"$state/$shard"
    read -r before since <"$state/$shard"
    if [ -n "$highest" ] && [ "$highest" != "$before" ]; then
        echo "$highest $now" >"$state/$shard"
        if [ -e "$state/$shard.paged" ]; then page resolve "$shard" "$1" && rm -f "$state/$shard.paged"; fi
    elif [ ! -e "$state/$shard.paged" ] &&
        awk -v now="$now" -v since="$since" -v after="$DELAY_SECONDS" 'BEGIN { exit !(now - since >= after) }'; then
        page trigger "$shard" "$1" && touch "$state/$shard.paged"
    fi
}

while :; do
    # Hosts are words of a list.
    # shellcheck disable=SC2086
    {
        watch 0 $SHARD0
        watch 2 $SHARD2
        watch 3 $SHARD3
    }
    sleep "$POLL_SECONDS"
done
