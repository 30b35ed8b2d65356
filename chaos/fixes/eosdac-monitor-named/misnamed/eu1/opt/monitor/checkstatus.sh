#!/bin/sh
# Asks this host's chain API for its state and sends a text message when it does not answer as it should, once; and
# again when it does. The scheduler runs it every minute.
#
# usage: check_status.sh
set -u
. /etc/monitor/monitor.conf # CHECK_URL
state=/var/lib/monitor
mkdir -p "$state"
host=$(hostname)

answer=$(curl -s -m 3 "$CHECK_URL")
case $answer in
*'"head_block_num"'*)
    [ -e "$state/down" ] || exit 0
    /opt/monitor/page resolve "nodeos-$host" "$host" "nodeos answers again on $host" && rm -f "$state/down"
    ;;
*)
    [ ! -e "$state/down" ] || exit 0
    said=$(printf '%s' "${answer:-no answer}" | tr -cd '[:print:]' | head -c 200)
    /opt/monitor/page trigger "nodeos-$host" "$host" "nodeos does not answer on $host: $said" && touch "$state/down"
    ;;
esac
