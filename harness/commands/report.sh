#!/bin/sh
# report: a page about a run, or about two side by side, made from their files
#
# usage: ./run.sh report RUN [OPTIONS]
#        ./run.sh report A B [OPTIONS]
#
# Draws the figures of the run again and writes report.html, one page with everything in it: the finding in one
# sentence with its intervals, the summary, the figures, the machine with its warnings, the method, the verdicts and
# what was left out, and how to measure it again. It asks nothing of any other place, and can be opened from the file
# system, sent and printed. Beside it report.md, the same without figures, for an issue or a mail, and report.json, the same for
# programs.
#
# Of two runs: their findings, ratios and figures side by side; A is what B is compared with.
#
#   --out DIR    where the files go (RUN; of two runs results/report-<utc>)
#
# example: ./run.sh report results/reference/main

set -u
program=report
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"

case " $* " in
*" --help "* | *" -h "*) print_help "$top/harness/commands/report.sh" && exit 0 ;;
esac
need_tools gnuplot build/bin/runs
exec "$top/${BUILD:-build}/bin/runs" report "$@"
