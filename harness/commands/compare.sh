#!/bin/sh
# compare: runs side by side: two kernels, two machines, two days
#
# usage: ./run.sh compare A B [C...] [OPTIONS]
#
# A, B, ... are directories of runs. Prints what differs around them, and marks with ! what makes the comparison
# unfair; the ratio of each cell of B, C, ... to that of A, with what it is worth (unpaired: the weaker test); and
# the ratios to the reference within each run, which can be compared between machines. Only rows that are ok count.
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

set -u
program=compare
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/plain.sh"
. "$top/harness/lib/put.sh"
. "$top/harness/compare/read.sh"
. "$top/harness/compare/write.sh"
here=$top/harness/compare
words=$top/harness/stats/words.awk

metrics=throughput_rps
overlap=
format=text
out=

# The runs are left in "$@": each word goes to the end, or is an option.
left=$#
while [ "$left" -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$0" && exit 0 ;;
    --metric | --out) needs_value "$1" "$left" ;;
    esac
    case $1 in
    --metric) metrics=$2 && shift 2 && left=$((left - 2)) && continue ;;
    --out) out=$2 && shift 2 && left=$((left - 2)) && continue ;;
    --overlap) overlap=1 ;;
    --json) format=json ;;
    --markdown) format=md ;;
    --html) format=html ;;
    -*) fail_usage "there is no option '$1': see --help" ;;
    *) set -- "$@" "$1" ;;
    esac
    shift
    left=$((left - 1))
done
[ $# -ge 2 ] || fail_usage "name two runs at least: see --help"
[ $# -le 26 ] || fail_usage "26 runs at most have a letter each, and here are $#"
for run in "$@"; do
    [ -f "$run/trials.csv" ] || fail_usage "there is no run in $run: it has no trials.csv; name a directory that bench has made"
    directory=$(cd "$run" && pwd -P) || fail_usage "cannot read $run"
    shift
    set -- "$@" "$directory"
done
need_tools gnuplot jq datamash build/bin/stats
check_metrics
[ -z "$out" ] || [ ! -e "$out" ] || fail_usage "$out exists: choose another --out"

make_work ""
trap 'exit 1' INT TERM HUP

# each FUNCTION RUN...: calls it with the letter and the directory of each
each() {
    called=$1
    unused=ABCDEFGHIJKLMNOPQRSTUVWXYZ
    shift
    for run in "$@"; do
        "$called" "${unused%"${unused#?}"}" "$run"
        unused=${unused#?}
    done
}

stats() {
    "$top/${BUILD:-build}/bin/stats" "$@"
}

each check_not_twice "$@"
each check_columns "$@"
each read_environment "$@"
each check_schema "$@"
each read_rows "$@"
letters=$(cut -f1 "$work/runs" | tr '\n' ' ')
match_cells
compare_environments "$@"
each ratios_within "$@"
compare_cells
compare_within
each known_answers "$@" >"$work/exact" || cannot_work
make_documents
draw
put_documents
case $format in
json | md) ;;
*) document "$format" >"$work/compare.$format" || fail "could not write the comparison" ;;
esac
print_results "comparison: $out" "$work/compare.$format"
