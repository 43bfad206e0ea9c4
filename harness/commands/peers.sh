#!/bin/sh
# peers: compare third-party servers (nginx, lighttpd, apache, h2o, haproxy) with the suite's strategies
#
# usage: ./run.sh peers [OPTIONS OF bench] [--client-rounds N]
#
# This is bench with other defaults: --strategies racing,wakeone,mutex,reuseport, --peers all, --reference wakeone,
# --workers 8, --requests-per-connection 1,100 (without and with keep-alive), --rounds 20, --window 200ms,
# --instrument auto. All servers reply with the same 13 bytes, write no access log, have the same number of workers and
# the same load, and run one at a time, interleaved. Third-party servers run as user `nobody`, in sessions of their own, on
# free ports of 127.0.0.1; their configurations, replies and versions are in RUN/peers, and differences between the replies
# are printed. A server that is not installed, or does not start, is skipped with the reason.
#
# Then the same servers are measured with third-party clients, ab (the one of 2010) and wrk, in rounds of their own; the
# results are in RUN/clients.csv, and printed as a table.
#
#   --client-rounds N  rounds with third-party clients (10; 0 = none)
#
# example: ./run.sh peers --peers nginx-off,lighttpd --rounds 10

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=peers
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"

exec_engine peers "$@"
