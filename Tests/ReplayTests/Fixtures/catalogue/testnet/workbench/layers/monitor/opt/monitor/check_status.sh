#!/bin/sh
# Looks at the site once, and pages when it does not answer.
date >>/var/log/checks.log
curl -sf -m 2 -o /dev/null http://pool-1/ || /opt/monitor/page trigger site pool-1 "the site does not answer"
