#!/bin/sh
# report: write a page about a run, or about two runs side by side, from their files
#
# usage: ./run.sh report RUN [OPTIONS]
#        ./run.sh report A B [OPTIONS]
#
# Draws the figures of the run again and writes report.html, one self-contained page: the finding in one sentence with its
# intervals, the summary, the figures, the machine with its warnings, the method, the verdicts and what was skipped, and how
# to measure it again. The page loads nothing from elsewhere; it can be opened from the file system, sent and printed.
# report.md is the same without figures, for an issue or a mail, and report.json the same for programs.
#
# For two runs: their findings, ratios and figures side by side; A is the baseline.
#
#   --out DIR    where the files go (RUN; of two runs results/report-<utc>)
#
# example: ./run.sh report results/reference/main

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=report
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"

case " $* " in
*" --help "* | *" -h "*) print_help "$top/harness/commands/report.sh" && exit 0 ;;
esac
need_tools gnuplot build/bin/runs
exec "$top/${BUILD:-build}/bin/runs" report "$@"
