#!/bin/sh
# Launches the node and keeps its binary up to date, as node operators ran it in 2019.
#
# It ends when the node's file cannot be started; nothing restarts it then but a person (service 'harmony', run once).
set -u
. /etc/harmony/updater.conf # RELEASE_URL, AUTO_UPDATE

home=/opt/harmony
cd "$home" || exit 1
mkdir -p staging
child=

log() { printf '%s node.sh: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>/var/log/harmony-updater.log; }

stop_child() {
    [ -n "$child" ] || return 0
    kill "$child" 2>/dev/null
    wait "$child" 2>/dev/null
    child=
    rm -f /run/harmony.pid
}

trap 'stop_child; exit 0' TERM INT

download() { "$home/fetch-release" "$RELEASE_URL" "$home/staging/harmony"; }

# chpst executes the file itself: no shell tries to read it as a script when it is not a program.
start() {
    chpst "$home/harmony" --config /etc/harmony/node.conf >>/var/log/harmony.out 2>&1 &
    child=$!
    echo "$child" >/run/harmony.pid
    log "started $home/harmony as $child"
}

# Waits so that a signal is acted on at once.
pause() {
    sleep "$1" &
    wait $!
}

running() { kill -0 "$child" 2>/dev/null; }

if [ ! -e harmony ] || [ "$AUTO_UPDATE" = yes ]; then
    until download; do
        log "the release could not be fetched; trying again"
        pause 1
    done
    mv staging/harmony harmony
fi
start

if [ "$AUTO_UPDATE" = yes ]; then wait_for=$("$home/next-look" first); else wait_for=86400; fi
while :; do
    pause "$wait_for"
    if ! running; then
        wait "$child"
        log "harmony ended with $?"
        rm -f /run/harmony.pid
        exit 1
    fi
    [ "$AUTO_UPDATE" = yes ] || continue
    if download; then fetched=yes; else fetched=no; fi
    wait_for=$("$home/next-look" again)
    [ "$fetched" = yes ] || continue
    cmp -s staging/harmony harmony && continue
    log "a new release: $(sha256sum <staging/harmony | cut -c1-12)"
    stop_child
    mv staging/harmony harmony
    start
    pause 1
    if ! running; then
        wait "$child"
        log "harmony did not start: $?"
        rm -f /run/harmony.pid
        exit 1
    fi
done
