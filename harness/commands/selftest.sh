#!/bin/sh
# selftest: check the wakeup counts of every strategy against the expected counts
#
# usage: ./run.sh selftest [OPTIONS]
#
#   --strategies LIST  names, or all (all); those of kernel/kqueue begin with kqueue-
#   --workers LIST     worker processes, all asleep (1,2,8,23)
#   --connections N    opened one at a time, idle (40)
#
# For each strategy, idle connections are opened one at a time while all workers sleep. The wakeups of each
# connection must be those that the strategy declares (`--describe`). If the strategy defines which worker is
# woken, each connection must go to that worker; with the workers started in reverse order, to the one that
# is it then. A worker that waits for a lock in the kernel or for the disk is also woken when that wait ends:
# the wakeup counter (root, BPF) reports such wakeups in the column blocked, and not as counted. Results of
# bench are valid only if this passes. Exit status 1 if any line is not ok.
#
# example: ./run.sh selftest --strategies racing,wakeone

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=selftest
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/strategies.sh"

strategies=all
workers=1,2,8,23
connections=40
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$top/harness/commands/selftest.sh" && exit 0 ;;
    --strategies | --workers | --connections) needs_value "$1" $# ;;
    *) fail_usage "there is no option '$1': see --help" ;;
    esac
    case $1 in
    --strategies) strategies=$2 ;;
    --workers) workers=$2 ;;
    --connections) connections=$2 ;;
    esac
    shift 2
done
check_strategies "$strategies" && strategies=$list
expand_or_die --workers "$workers" 1 512 && workers=$numbers
check_number --connections "$connections" 1 10000
install_and_build run all
servers=$top/${BUILD:-build}

make_work ""
trap 'exit 1' INT TERM HUP

# one_line STRATEGY WORKERS DIRECTION
one_line() {
    wakes=$(fact "$1" wakes) || exit 1
    order=$(fact "$1" order) || exit 1
    line=$("$servers/bin/selftest" --strategy "$(program_of "$1")" --backend "$(backend_of "$1")" --workers "$2" --connections "$connections" \
        ${reverse:+-- "$reverse"}) || exit 1
    printf '%s\t%s\t%s\t%s\t%s\n' "$order" "$(least_wakes "$wakes" "$2")" \
        "$(most_wakes "$wakes" "$2")" "$3" "$(printf '%s' "$line" | sed "s/^[^\t]*/$1/")" >>"$work/lines" || cannot_work
}

for strategy in $strategies; do
    why=$(why_unavailable "$strategy") || exit 1
    if [ "$why" ]; then
        printf '%s\t%s\n' "$strategy" "$why" >>"$work/skipped" || cannot_work
        continue
    fi
    most_workers=$(workers_max "$strategy") || exit 1
    for count in $workers; do
        [ "$count" -le "${most_workers:-$count}" ] || continue
        reverse=
        one_line "$strategy" "$count" -
        [ "$(fact "$strategy" order)" != any ] && [ "$count" -gt 1 ] || continue
        reverse=--reverse
        one_line "$strategy" "$count" reversed
    done
done
touch "$work/lines" "$work/skipped" || cannot_work
"$servers/bin/selftest" --check <"$work/lines" >"$work/table"
status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit 1
print_out "$work/table" "$work/skipped"
[ "$status" -eq 0 ] || exit 1
