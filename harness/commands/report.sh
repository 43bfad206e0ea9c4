#!/bin/sh
# report: a page about a run, or about two side by side, made from their files
#
# usage: ./run.sh report RUN [OPTIONS]
#        ./run.sh report A B [OPTIONS]
#
# Draws the figures of the run again and writes report.html, one page with everything in it: the finding in one
# sentence with its intervals, the summary, the figures, the machine with its warnings, the method, the verdicts and
# what was left out, and how to measure it again. It asks nothing of any other place, and can be opened from the file
# system, sent and printed. Beside it report.md, the same without figures, for an issue or a mail.
#
# Of two runs: their findings, ratios and figures side by side; A is what B is compared with.
#
#   --out DIR    where the two files go (RUN; of two runs results/report-<utc>)
#
# example: ./run.sh report results/reference/main

set -u
program=report
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/plain.sh"
. "$top/harness/lib/put.sh"
. "$top/harness/report/read.sh"
. "$top/harness/report/write.sh"
here=$top/harness/report
stats=$top/harness/stats
plots=$top/plots
words=$stats/words.awk
TAB=$(printf '\t')

out=
left=$#
while [ "$left" -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$0" && exit 0 ;;
    --out) needs_value "$1" "$left" && out=$2 && shift 2 && left=$((left - 2)) && continue ;;
    -*) fail_usage "there is no option '$1': see --help" ;;
    *) set -- "$@" "$1" ;;
    esac
    shift
    left=$((left - 1))
done
[ $# -eq 1 ] || [ $# -eq 2 ] || fail_usage "name one run, or two: see --help"
for run in "$@"; do
    [ -f "$run/trials.csv" ] || fail_usage "there is no run in $run: it has no trials.csv; name a directory that bench has made"
done
typed_a=$1
typed_b=${2:-}
run_a=$(cd "$1" && pwd)
run_b=
[ $# -eq 1 ] || run_b=$(cd "$2" && pwd)
[ "$run_a" != "$run_b" ] || fail_usage "both are the same run: name two"
need_tools gnuplot jq datamash build/bin/stats

if [ -z "$out" ]; then
    out=$run_a
    [ -z "$run_b" ] || out=$top/results/report-$(date -u +%Y%m%dT%H%M%SZ)
fi
make_directory_for "$out" "$out: choose another --out"

make_work ""
trap 'exit 1' INT TERM HUP

# Drawn first: a run in which no row is ok has no figures, and still a report (status 3).
status=0
for run in "$run_a" ${run_b:+"$run_b"}; do
    drawn=0
    sh "$top/harness/commands/plot.sh" "$run" 2>"$work/drawing" || drawn=$?
    grep -v '^figures: ' "$work/drawing" >&2
    [ "$drawn" -eq 0 ] || [ "$drawn" -eq 3 ] || [ -f "$run/figures/index.tsv" ] || { check_scratch; end_as "$drawn"; }
    [ "$drawn" -le "$status" ] || status=$drawn
done

read_about "$run_a" "$work/A" "$typed_a"
if [ -n "$run_b" ]; then
    read_about "$run_b" "$work/B" "$typed_b"
    compare_both
    two_pages >"$work/report.html" && two_markdown >"$work/report.md" || : >"$work/failed"
else
    one_page >"$work/report.html" && one_markdown >"$work/report.md" || : >"$work/failed"
fi
[ ! -e "$work/failed" ] || fail "could not make the report"

put_files "$out" "$work/report.html" "$work/report.md"
say "report: $out/report.html"
exit $status
