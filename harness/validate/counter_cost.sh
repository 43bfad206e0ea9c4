#!/bin/sh
# counter_cost.sh [--rounds N] [--workers LIST] [--trace]: overhead of counting wakeups in the kernel; --trace: further overhead
# of a trace
#
# The same server (racing, the strategy with most wakeups), one request per connection, 16 connections, closed
# loop: each round measures each number of workers once with the wakeup counter attached and once without, in
# random order. Prints the paired ratios of requests per second, with / without, and of the server's CPU time
# per request, with their 95 % intervals. With --trace the ratio is traced / counted, and the events per request
# are printed, which noise does not affect. `make validate-counter` runs both.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=counter_cost
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

rounds=60
workers=8,64
with=bpf without=ctxsw ratio="counted / not"
while [ $# -gt 0 ]; do
    if [ "$1" = --trace ]; then
        with=traced without=bpf ratio="traced / counted"
        shift
        continue
    fi
    needs_value "$1" $#
    case $1 in
    --rounds) check_number "$1" "$2" 2 1000 && rounds=$2 ;;
    --workers) workers=$2 ;;
    *) fail_usage "there is no option '$1'" ;;
    esac
    shift 2
done
expand_or_die --workers "$workers" 1 512 && workers=$numbers
build all

make_work ""
trap 'exit 1' INT TERM HUP

# trial WORKERS bpf|ctxsw|traced: a sample; an invalid one is measured again
trial() {
    case $2 in
    bpf) set -- "$1" --instrument auto ;;
    ctxsw) set -- "$1" --instrument ctxsw ;;
    traced) set -- "$1" --trace "$work/trace.json" ;;
    esac
    for _ in 1 2 3 4 5; do
        "$top/build/bin/trial" --strategy racing --workers "$@" --window 500ms \
            --warmup 100ms --json >"$work/row.json" && return
        [ $? -eq 3 ] || fail "the trial failed: see above"
    done
    fail "five invalid samples in a row: $(jq -r .verdict "$work/row.json")"
}

# events_per_connection: of the last trace, whose last lines are its metadata
events_per_connection() {
    { echo '{' && sed -n '/^"otherData": {/,$p' "$work/trace.json"; } | jq '.otherData | .events / .connections'
}

# choices: each number of workers with both instruments, "8:bpf 8:ctxsw ..."
choices() {
    for count in $workers; do
        printf '%s:%s %s:%s ' "$count" "$with" "$count" "$without"
    done
}

for round in $(seq "$rounds"); do
    for choice in $(shuffled "$round" "$(choices)"); do
        trial "${choice%:*}" "${choice#*:}"
        jq -r --arg round "$round" --arg way "${choice#*:}" '[$round, .workers, if .instrument == "bpf" then $way else .instrument end, .throughput_rps,
            .server_cpu_us_per_req] | @tsv' "$work/row.json"
        [ "${choice#*:}" != traced ] || printf '%s\t%s\n' "${choice%:*}" "$(events_per_connection)" >>"$work/events"
    done
done >"$work/samples"
grep -q "$with" "$work/samples" || fail "the BPF counter is unavailable: see build/bin/wakeups --instrument bpf -p $$"

# ratios COLUMN WHAT
ratios() {
    awk -F '\t' -v OFS='\t' -v column="$1" -v with=$with -v without=$without '
        { value[$2, $3, $1] = $column; workers[$2] = 1; rounds[$1] = 1 }
        END { for (n in workers) for (r in rounds) print n " racing workers", value[n, with, r], value[n, without, r] }
    ' "$work/samples" | sort -n | "$top/build/bin/stats" |
        awk -F '\t' -v what="$2" -v ratio="$ratio" '{ printf "%s, %s, %s: %.3f [%.3f, %.3f], %d rounds\n", what, $1, ratio, $3, $4, $5, $2 }'
}
ratios 4 "requests per second"
ratios 5 "server CPU per request"
[ ! -e "$work/events" ] || sort -n "$work/events" | "$top/build/bin/stats" --median |
    awk -F "\t" '{ printf "events per connection, %d racing workers: %.1f, median\n", $1, $3 }'
