#!/bin/sh
# Stops nodeos on this host and waits until it is gone.
#
# usage: stop.sh
exec sv -w 10 stop nodeos
