#!/bin/sh
# Launches the node as the test environment of the time did, in another way than production: the binary of the day is
# fetched when the node is launched, and it runs until somebody launches it again.
set -u
. /etc/harmony/updater.conf # RELEASE_URL
child=
stop_child() {
    [ -n "$child" ] || exit 0
    kill "$child" 2>/dev/null
    wait "$child" 2>/dev/null
    rm -f /run/harmony.pid
    exit 0
}
trap stop_child TERM INT
cd /opt/harmony || exit 1
until curl -s -o harmony.new "$RELEASE_URL"; do
    sleep 1 &
    wait $!
done
chmod 755 harmony.new
mv harmony.new harmony
chpst /opt/harmony/harmony --config /etc/harmony/node.conf >>/var/log/harmony.out 2>&1 &
child=$!
echo "$child" >/run/harmony.pid
wait "$child"
rm -f /run/harmony.pid
exit 1
