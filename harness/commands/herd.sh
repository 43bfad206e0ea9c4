#!/bin/sh
# herd: a figure of the sleeping workers that one connection wakes
#
# usage: ./run.sh herd [OPTIONS]
#
#   --strategies LIST  one panel each (racing,wakeone,fdpass,mutex); those of kernel/kqueue begin with kqueue-
#   --workers N        worker processes (8)
#   --tries N          recordings of each strategy; the shortest is kept (5)
#   --out DIR          where the files go (results/herd-<host>-<kernel>-<utc>)
#   --draw FILE        only draw FILE.svg from FILE.tsv, a herd.tsv of --out
#
# Starts the server of each strategy, waits until all of its processes sleep, opens one connection, and records the scheduling of
# each process until all sleep again. Files: NAME.trace.json, the trace of each strategy, for Perfetto (https://ui.perfetto.dev) and
# chrome://tracing; herd.tsv, the first 10 ms of all of them; herd.svg, the figure: a row per process, with the times when it slept,
# waited for a CPU and ran, and the class of its wakeup. Counts are exact (./run.sh selftest). Times are those of one connection, the
# try after which all slept first, since other programs delay some tries; they include the cost of tracing. Requires root (or CAP_BPF
# and CAP_PERFMON) and a kernel with BTF.
#
# example: ./run.sh herd --strategies racing,wakeone --workers 8

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=herd
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/strategies.sh"

BEFORE_US=1000
AFTER_US=10000

strategies=racing,wakeone,fdpass,mutex
workers=8
tries=5
out=
draw=
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$top/harness/commands/herd.sh" && exit 0 ;;
    --strategies | --workers | --tries | --out | --draw) needs_value "$1" $# && eval "$(option_variable "$1")=\$2" ;;
    *) fail_usage "there is no option '$1': see --help" ;;
    esac
    shift 2
done

# noted NAME: a field of the opening comments of herd.tsv
noted() {
    sed -n "s/^# $1: //p" "$table" | head -n 1
}

# looks NAME...: name, colour and point of each, space-separated
looks() {
    for name in "$@"; do
        awk -F '\t' -v name="$name" '$1 == name { found = $1 " " $2 " " $3 } END { printf "%s ", found ? found : name " #5F5F5F 15" }' \
            "$top/plots/strategies.tsv"
    done
}

# draw_table: $picture from $table
draw_table() {
    shown=$(awk -F '\t' '!/^#/ && $3 == "arrived" { print $1 }' "$table") && [ "$shown" ] ||
        fail "$table has no connection: expected a herd.tsv of this command"
    awk -f "$top/harness/herd/blocks.awk" "$table" >"$work/blocks" || cannot_work
    facts=$(awk -f "$top/harness/herd/counts.awk" "$table")
    # shellcheck disable=SC2086 # names
    "$top/${BUILD:-build}/bin/runs" picture herd "$work/blocks" "$picture" "What one connection wakes" \
        "$(noted workers) workers, all asleep (thin line); a row per process; traced by the wakeup counter" \
        "$(noted machine); $(noted command)" "$(looks $shown)" "$facts" 0 || end_as $?
}

if [ "$draw" ]; then
    case $draw in
    *.tsv) ;;
    *) fail_usage "--draw takes a file that ends in .tsv, not '$draw'" ;;
    esac
    [ -r "$draw" ] || fail_usage "cannot read $draw"
    need_tools gnuplot build/bin/runs
    make_work ""
    table=$draw
    picture=${draw%.tsv}.svg
    draw_table
    exit 0
fi

check_strategies "$strategies" && strategies=$list
check_number --workers "$workers" 1 512
check_number --tries "$tries" 1 100
[ -z "$out" ] || [ ! -e "$out" ] || fail_usage "$out exists: choose another --out"
install_and_build run all
make_work ""
trap 'exit 1' INT TERM HUP

# record STRATEGY: traces one connection: $work/trace, and its lines of the table in $work/one
record() {
    "$top/${BUILD:-build}/bin/selftest" --strategy "$(program_of "$1")" --backend "$(backend_of "$1")" --workers "$workers" \
        --connections 1 --any-cpu --trace "$work/trace" >"$work/counted" || end_as 1
    jq -r --arg strategy "$1" --argjson before $BEFORE_US --argjson after $AFTER_US -f "$top/harness/herd/table.jq" \
        "$work/trace" >"$work/one" || fail "$1: its trace cannot be read: see above"
}

# duration: of the recording in $work/one, in ns, until all slept again
duration() {
    awk -F '\t' '$3 != "sleeping" && $5 > last { last = $5 } END { printf "%d\n", 1000 * last }' "$work/one" || cannot_work
}

# record_shortest STRATEGY
record_shortest() {
    least=
    for _ in $(seq "$tries"); do
        record "$1"
        took=$(duration)
        [ -z "$least" ] || [ "$took" -lt "$least" ] || continue
        least=$took
        mv "$work/trace" "$work/$1.trace.json" && mv "$work/one" "$work/kept" || cannot_work
    done
    cat "$work/kept" >>"$work/lines" || cannot_work
}

: >"$work/lines" || cannot_work
for strategy in $strategies; do
    why=$(why_unavailable "$strategy") || exit 1
    most=$(workers_max "$strategy") || exit 1
    [ -n "$why" ] || [ "$workers" -le "${most:-$workers}" ] || why="it supports at most $most workers"
    if [ "$why" ]; then
        message "$program: $strategy is skipped: $why"
    else
        record_shortest "$strategy"
    fi
done
[ -s "$work/lines" ] || fail "nothing to draw: every strategy was skipped"

machine=metal
! grep -q '^flags.* hypervisor' /proc/cpuinfo || machine=vm
out=${out:-$top/results/herd-$(uname -n)-$(uname -r)-$(date -u +%Y%m%dT%H%M%SZ)}
make_directory_for "$out" "$out: choose another --out"
table=$out/herd.tsv
picture=$out/herd.svg
{
    echo "# machine: $machine, $(nproc) CPUs, $(uname -s) $(uname -r), $(date -u +%Y-%m-%d)"
    echo "# workers: $workers"
    echo "# command: ./run.sh herd --workers $workers --tries $tries --strategies $(echo "$strategies" | tr ' ' ,)"
    printf 'strategy\tprocess\twhat\tfrom_us\tto_us\twakeup\n'
    cat "$work/lines"
} >"$table" && mv "$work"/*.trace.json "$out" || fail "cannot write to $out: see above"
draw_table
message "picture: $picture"
