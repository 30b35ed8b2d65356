#!/bin/sh
# Failover of a witness: watches its missed blocks, and when there are too many, moves production to the next backup node
# by changing the witness's signing key, then texts the operator. It texts as well when it cannot do its work: when it
# cannot read the witness, at the start or later, and again every tenth poll for as long as that lasts.
#
# Runs as the service 'failover'. Settings: /etc/failover/failover.conf, /etc/rpc/account.conf; backup nodes and their
# keys: /etc/rpc/backups.
set -u
. /etc/rpc/account.conf          # WITNESS, WITNESS_URL
. /etc/failover/failover.conf    # RPC_URL, POLL_SECONDS, MISSES, WINDOW_SECONDS
# When the last text about trouble was sent, and its key: kept over restarts, or each would text anew.
trouble=/var/lib/failover/trouble
mkdir -p /var/lib/failover

log() { printf '%s failover[%s]: %s\n' "$(date +%s)" "$$" "$*" >&2; }

# Reads the witness: sets missed and key.
status() {
    answer=$(/opt/rpc/rpc "$RPC_URL" condenser_api.get_witness_by_account "[\"$WITNESS\"]") || return 1
    missed=$(printf '%s' "$answer" | sed -n 's/.*"total_missed":\([0-9]*\).*/\1/p')
    key=$(printf '%s' "$answer" | sed -n 's/.*"signing_key":"\([A-Za-z0-9]*\)".*/\1/p')
    [ -n "$missed" ] && [ -n "$key" ]
}

# Says that the script is blind, unless it has said so within the last ten polls.
blind() {
    log "cannot read the status of $WITNESS from $RPC_URL"
    now=$(cut -d' ' -f1 /proc/uptime)
    sent=$(cut -d' ' -f1 "$trouble" 2>/dev/null)
    [ -z "$sent" ] ||
        awk -v now="$now" -v sent="$sent" -v poll="$POLL_SECONDS" 'BEGIN { exit !(now - sent >= 10 * poll) }' || return 0
    name="failover-blind-$WITNESS-$now"
    /opt/failover/page trigger "$name" "$(hostname)" "failover cannot read $WITNESS from $RPC_URL: nobody watches it" &&
        echo "$now $name" >"$trouble"
}

sighted() {
    [ -e "$trouble" ] || return 0
    /opt/failover/page resolve "$(cut -d' ' -f2 "$trouble")" "$(hostname)" "failover reads $WITNESS again" &&
        rm -f "$trouble"
}

# The node that comes after the present one in the list, or the first.
next_backup() {
    awk -v key="$key" '$2 == key { found = NR } { name[NR] = $1 " " $2 }
        END { print name[found % NR + 1] }' /etc/rpc/backups
}

switch() {
    node=$(next_backup)
    log "$lost blocks missed: switching $WITNESS to ${node% *}"
    if /opt/rpc/broadcast "$RPC_URL" "$WITNESS" "$WITNESS_URL" "${node#* }" >&2; then
        /opt/failover/page trigger "failover-$WITNESS-$missed" "${node% *}" \
            "witness $WITNESS missed $lost blocks; ${node% *} produces now"
        seen=
        return 0
    fi
    log "the switch failed"
}

log "starting, reading $WITNESS from $RPC_URL"
if ! status; then
    blind
    exit 1
fi
sighted
log "watching $WITNESS: $missed blocks missed so far, signing key $key"

# Lines of time and missed blocks, of the window only.
seen=
while :; do
    now=$(cut -d' ' -f1 /proc/uptime)
    seen=$(printf '%s\n%s %s\n' "$seen" "$now" "$missed" \
        | awk -v now="$now" -v window="$WINDOW_SECONDS" 'NF == 2 && now - $1 <= window')
    lost=$((missed - $(printf '%s\n' "$seen" | awk 'NR == 1 { print $2 }')))
    [ "$lost" -lt "$MISSES" ] || switch
    sleep "$POLL_SECONDS"
    until status; do
        blind
        sleep "$POLL_SECONDS"
    done
    sighted
done
