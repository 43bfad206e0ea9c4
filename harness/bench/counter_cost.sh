#!/bin/sh
# counter_cost.sh [--rounds N] [--workers LIST]: what counting wakeups in the kernel costs
#
# The same server (racing, the one that is woken most), one request per connection, 16 connections, as
# fast as it goes: each round measures each number of workers once with the wakeup counter attached
# and once without, in random order. Prints the paired ratios of requests per second, with / without,
# and the server's CPU time per request, with their 95 % intervals. `make bench-counter` runs it.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=counter_cost
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

rounds=60
workers=8,64
while [ $# -gt 0 ]; do
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

# trial WORKERS auto|ctxsw: a row; a noisy one is measured again
trial() {
    for _ in 1 2 3 4 5; do
        "$top/build/bin/trial" --strategy racing --workers "$1" --instrument "$2" --window 500ms \
            --warmup 100ms --json >"$work/row.json" && return
        [ $? -eq 3 ] || fail "the trial failed: see above"
    done
    fail "five trials in a row were not ok: $(jq -r .verdict "$work/row.json")"
}

# choices: each number of workers with both instruments, "8:auto 8:ctxsw ..."
choices() {
    for count in $workers; do
        printf '%s:auto %s:ctxsw ' "$count" "$count"
    done
}

for round in $(seq "$rounds"); do
    for choice in $(shuffled "$round" "$(choices)"); do
        trial "${choice%:*}" "${choice#*:}"
        jq -r --arg round "$round" '[$round, .workers, .instrument, .throughput_rps, .server_cpu_us_per_req] | @tsv' "$work/row.json"
    done
done >"$work/samples"
grep -q 'bpf' "$work/samples" || fail "wakeups cannot be counted in the kernel here: see build/bin/wakeups --instrument bpf -p $$"

# ratios COLUMN WHAT
ratios() {
    awk -F '\t' -v OFS='\t' -v column="$1" '
        { value[$2, $3, $1] = $column; workers[$2] = 1; rounds[$1] = 1 }
        END { for (n in workers) for (r in rounds) print n " racing workers", value[n, "bpf", r], value[n, "ctxsw", r] }
    ' "$work/samples" | sort -n | "$top/build/bin/stats" |
        awk -F '\t' -v what="$2" '{ printf "%s, %s, counted / not: %.3f [%.3f, %.3f], %d rounds\n", what, $1, $3, $4, $5, $2 }'
}
ratios 4 "requests per second"
ratios 5 "server CPU per request"
