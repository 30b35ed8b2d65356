#!/bin/sh
# Launches the node, notes its process in /run/harmony.pid, and ends with it.
set -u
child=
stop_child() {
    [ -n "$child" ] || exit 0
    # A node that somebody holds cannot end.
    kill -CONT "$child" 2>/dev/null
    kill "$child" 2>/dev/null
    wait "$child" 2>/dev/null
    rm -f /run/harmony.pid
    exit 0
}
trap stop_child TERM INT
chpst /opt/harmony/harmony --config /etc/harmony/node.conf >>/var/log/harmony.out 2>&1 &
child=$!
echo "$child" >/run/harmony.pid
wait "$child"
code=$?
rm -f /run/harmony.pid
exit "$code"
