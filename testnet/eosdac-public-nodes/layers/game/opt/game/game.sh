#!/bin/sh
# A game that runs on the public endpoint: every poll its players' clients read the chain through it. When requests
# have failed for so long that players complain, its owner writes to the operator's community channel, once.
#
# usage: game.sh
set -u
. /etc/game/game.conf # POLL_SECONDS, REPORT_AFTER_SECONDS, CHAT_URL, ENDPOINT
state=/var/lib/game
mkdir -p "$state"

while :; do
    now=$(cut -d' ' -f1 /proc/uptime)
    answers=$(curl -s -m 3 "$ENDPOINT/v1/chain/get_info?client=[1-4]")
    case $answers in
    *NODEOS_UNREACHABLE*)
        [ -e "$state/since" ] || echo "$now" >"$state/since"
        since=$(cat "$state/since")
        if [ ! -e "$state/reported" ] &&
            awk -v now="$now" -v since="$since" -v after="$REPORT_AFTER_SECONDS" 'BEGIN { exit !(now - since >= after) }'; then
            printf '{"username":"owner of a game","text":"eu: half of our requests answer NODEOS_UNREACHABLE, players complain"}' |
                curl -sf -m 5 -o /dev/null -H 'Content-Type: application/json' --data-binary @- "$CHAT_URL" &&
                touch "$state/reported"
        fi
        ;;
    *) rm -f "$state/since" ;;
    esac
    sleep "$POLL_SECONDS"
done
