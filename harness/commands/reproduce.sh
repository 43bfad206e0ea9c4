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
: "${top:?is set by run.sh}"
. "$top/harness/engine/engine.sh"

run=
no_compare=
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$0" && exit 0 ;;
    --no-compare) no_compare=1 && shift && continue ;;
    --no-figures) no_figures=1 && shift && continue ;;
    --out | --max-time) needs_value "$1" $# ;;
    -*) fail_usage "there is no option '$1': see --help" ;;
    *) [ -z "$run" ] || fail_usage "one run at a time: what is '$1'?" && run=$1 && shift && continue ;;
    esac
    case $1 in
    --out) out=$2 ;;
    --max-time) max_time=$2 ;;
    esac
    shift 2
done
[ -n "$run" ] || fail_usage "say which run: see --help"
for file in plan.tsv settings.tsv; do
    [ -f "$run/$file" ] || fail_usage "there is no run in $run to repeat: it has no $file"
done

run_copy "$run" "$max_time"
conclude
[ -n "$no_compare" ] || sh "$top/harness/commands/compare.sh" "$run" "$out" --out "$out/compare" || end_as $?
tell_what_is_missing
