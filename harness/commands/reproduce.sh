#!/bin/sh
# reproduce: measure the plan of a run again on this machine, and compare the two runs
#
# usage: ./run.sh reproduce RUN [OPTIONS]
#
#   --out DIR       where the new run goes (results/<host>-<kernel>-<utc>)
#   --max-time D    start no trial after D (unlimited)
#   --no-compare    do not compare the two runs
#   --no-figures    measure and print the table, draw nothing
#
# Measures the same configurations in the same order with the same seeds. RUN may come from elsewhere: only its settings.tsv
# and plan.tsv are read, and checked; nothing in it is executed. A plan may contain only server options that change how
# requests are served (--service-us, --backlog, --keepalive, --readd-every, ...).
#
# example: ./run.sh reproduce results/reference/main

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=reproduce
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"

exec_engine reproduce "$@"
