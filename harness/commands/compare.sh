#!/bin/sh
# compare: compare runs, such as of two kernels, two machines or two days
#
# usage: ./run.sh compare A B [C...] [OPTIONS]
#
# A, B, ... are directories of runs, or files that ./run.sh share made. Prints how their environments differ, with ! where the
# difference makes the comparison unfair; the ratio of each configuration of B, C, ... to that of A, with its interval
# (unpaired: the weaker test); and the ratios to the baseline within each run, which can be compared between machines.
# Invalid samples are not used.
#
#   --metric LIST   columns of trials.csv (throughput_rps); the last line is about the first of them
#   --overlap       compare what the runs have in common; without it, runs with other columns or other plans
#                   are refused
#   --json          print it as JSON
#   --markdown      print it as Markdown
#   --html          print it as HTML, a part of a page
#   --out DIR       where it goes (results/compare-<utc>): compare.csv, compare.md, compare.json, forest.svg;
#                   of further metrics forest-<metric>.svg
#
# example: ./run.sh compare results/monday results/tuesday --metric throughput_rps,latency_p99_us

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=compare
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"

case " $* " in
*" --help "* | *" -h "*) print_help "$top/harness/commands/compare.sh" && exit 0 ;;
esac
need_tools gnuplot build/bin/runs
exec "$top/${BUILD:-build}/bin/runs" compare "$@"
