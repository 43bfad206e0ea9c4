#!/bin/sh
# reproduce: measure the plan of a run again on this machine, and compare the two
#
# usage: ./run.sh reproduce RUN [OPTIONS]
#
#   --out DIR       where the new run goes (results/<host>-<kernel>-<utc>)
#   --max-time D    no trial begins after that (none)
#   --no-compare    do not compare the two
#   --no-figures    only measure, and the table
#
# The same cells in the same order with the same seeds. RUN may come from elsewhere: of its files only
# settings.tsv and plan.tsv are read, and checked; nothing in it is executed. Options of servers that a plan
# may bring are those that change how they serve (--service-us, --backlog, --keepalive, --readd-every, ...).
#
# example: ./run.sh reproduce results/reference/main

set -u
program=reproduce
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"

exec_engine reproduce "$@"
