#!/bin/sh
# Starts nodeos on this host, with further options of nodeos; stops it first if it runs.
#
# usage: start.sh [OPTION...]      start.sh --genesis-json /etc/eos/genesis.json
# Exits 0 when nodeos answers on its RPC port; with nodeos's own exit code when it ends instead; with 75 when it does
# neither within WAIT_SECONDS (default 20).
set -eu
address=$(sed -n 's/^address *= *//p' /etc/eos/nodeos.conf)
sv -w 10 stop nodeos >/dev/null
mkdir -p /var/lib/eos
rm -f /run/nodeos.exit
: >/var/lib/eos/options
for option; do printf '%s\n' "$option" >>/var/lib/eos/options; done
sv once nodeos >/dev/null
waited=0
while [ "$waited" -lt "$((${WAIT_SECONDS:-20} * 10))" ]; do
    if [ -s /run/nodeos.exit ]; then
        code=$(cat /run/nodeos.exit)
        tail -n 3 /var/log/nodeos.out
        echo "nodeos exited with $code"
        exit "$code"
    fi
    if curl -s -m 1 -o /dev/null "http://$address:8888/v1/chain/get_info"; then
        echo "nodeos runs"
        exit 0
    fi
    sleep 0.1
    waited=$((waited + 1))
done
echo "nodeos neither answers nor ends" >&2
exit 75
