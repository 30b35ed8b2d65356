#!/bin/sh
# A public board of all block producers. It sees nothing of an operator but the public endpoint: asks each one a few
# times and shows the operator green when all answers are good, else red.
#
# usage: board.sh      the board: /srv/board/board.json
set -u
. /etc/board/board.conf # POLL_SECONDS, ENDPOINTS
mkdir -p /srv/board

while :; do
    separator='{'
    printf '%s\n' "$ENDPOINTS" | {
        while read -r operator url; do
            good=$(curl -s -m 3 "$url/v1/chain/get_info?look=[1-4]" | grep -o '"head_block_num"' | wc -l)
            color=green
            [ "$good" -eq 4 ] || color=red
            printf '%s"%s":"%s"' "$separator" "$operator" "$color"
            separator=,
        done
        echo '}'
    } >/srv/board/board.new
    mv /srv/board/board.new /srv/board/board.json
    sleep "$POLL_SECONDS"
done
