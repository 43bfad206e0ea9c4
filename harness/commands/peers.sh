#!/bin/sh
# peers: nginx, lighttpd, apache, h2o and haproxy against the suite's strategies
#
# usage: ./run.sh peers [OPTIONS OF bench] [--client-rounds N]
#
# It is bench with other defaults: --strategies racing,wakeone,mutex,reuseport, --peers all, --reference wakeone,
# --workers 8, --requests-per-connection 1,100 (without and with keep-alive), --rounds 20, --window 200ms,
# --instrument auto. All of them reply with the same 13 bytes, log nothing, have the same workers and load, and run
# one at a time, interleaved. Peers run as nobody, in sessions of their own, on free ports of 127.0.0.1; what was
# configured, what they reply and which versions they are is in RUN/peers; how replies differ is printed. A peer that is
# not installed, or that does not start, is left out, and named with the reason.
#
# Then the same servers with the clients of others: ab, the one of 2010, and wrk; rounds of their own,
# in RUN/clients.csv, and as a table.
#
#   --client-rounds N  of the clients of others (10; 0 = none)
#
# example: ./run.sh peers --peers nginx-off,lighttpd --rounds 10

set -u
program=peers
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"

exec_engine peers "$@"
