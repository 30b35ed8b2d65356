#!/bin/sh
# The host's scheduler: runs every command of /etc/monitor/crontab once a period. What a command prints, and that it
# could not be run, goes to root's local mail, as cron does it.
#
# usage: cron.sh
set -u
. /etc/monitor/monitor.conf # PERIOD_SECONDS
mkdir -p /var/mail

while :; do
    grep -v -e '^#' -e '^$' /etc/monitor/crontab | while IFS= read -r command; do
        output=$(sh -c "$command" 2>&1)
        code=$?
        [ -n "$output" ] || continue
        printf 'From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@%s> %s\nDate: %s\n\n%s\nexit %s\n\n' \
            "$(hostname)" "$command" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$output" "$code" >>/var/mail/root
    done
    sleep "$PERIOD_SECONDS"
done
