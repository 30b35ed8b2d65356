#!/bin/sh
# Looks at the site once, and pages when it does not answer.
date >>/var/log/checks.log
curl -sf -m 2 -o /dev/null http://web-1/ || /opt/monitor/page trigger site web-1 "the site does not answer"
