#!/bin/sh
# Failover of a witness: watches its missed blocks, and when there are too many, moves production to the next backup node
# by changing the witness's signing key, then texts the operator. Asks one RPC node after the other until one answers, and
# may run in several places at once: whoever sees that the key has changed begins to count anew.
#
# Runs as the service 'failover'. Settings: /etc/failover/failover.conf, /etc/rpc/account.conf; backup nodes and their
# keys: /etc/rpc/backups.
set -u
. /etc/rpc/account.conf          # WITNESS, WITNESS_URL
. /etc/failover/failover.conf    # RPC_URLS, POLL_SECONDS, MISSES, WINDOW_SECONDS

log() { printf '%s failover[%s]: %s\n' "$(date +%s)" "$$" "$*" >&2; }

# Reads the witness from one address: sets missed and key.
read_from() {
    answer=$(/opt/rpc/rpc "$1" condenser_api.get_witness_by_account "[\"$WITNESS\"]") || return 1
    missed=$(printf '%s' "$answer" | sed -n 's/.*"total_missed":\([0-9]*\).*/\1/p')
    key=$(printf '%s' "$answer" | sed -n 's/.*"signing_key":"\([A-Za-z0-9]*\)".*/\1/p')
    [ -n "$missed" ] && [ -n "$key" ]
}

# Reads the witness from the first address that answers: sets url as well.
status() {
    for url in $RPC_URLS; do
        if read_from "$url"; then return 0; fi
        log "cannot read the status of $WITNESS from $url"
    done
    return 1
}

# The node that comes after the present one in the list, or the first.
next_backup() {
    awk -v key="$key" '$2 == key { found = NR } { name[NR] = $1 " " $2 }
        END { print name[found % NR + 1] }' /etc/rpc/backups
}

switch() {
    node=$(next_backup)
    log "$lost blocks missed: switching $WITNESS to ${node% *}"
    if /opt/rpc/broadcast "$url" "$WITNESS" "$WITNESS_URL" "${node#* }" >&2; then
        /opt/failover/page trigger "failover-$WITNESS-$missed" "${node% *}" \
            "witness $WITNESS missed $lost blocks; ${node% *} produces now"
        seen=
        return 0
    fi
    log "the switch failed"
}

log "starting, reading $WITNESS from $RPC_URLS"
if ! status; then
    log "cannot read the status of $WITNESS from any address"
    exit 1
fi
log "watching $WITNESS: $missed blocks missed so far, signing key $key"

# Lines of time and missed blocks, of the window only.
seen= watched=$key
while :; do
    now=$(cut -d' ' -f1 /proc/uptime)
    # Another place has switched already: what was missed before is not missed any more.
    [ "$key" = "$watched" ] || seen= watched=$key
    seen=$(printf '%s\n%s %s\n' "$seen" "$now" "$missed" \
        | awk -v now="$now" -v window="$WINDOW_SECONDS" 'NF == 2 && now - $1 <= window')
    lost=$((missed - $(printf '%s\n' "$seen" | awk 'NR == 1 { print $2 }')))
    [ "$lost" -lt "$MISSES" ] || switch
    sleep "$POLL_SECONDS"
    until status; do sleep "$POLL_SECONDS"; done
done
