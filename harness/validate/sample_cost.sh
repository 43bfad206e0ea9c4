#!/bin/sh
# sample_cost.sh [--rounds N] [--workers N] [--sample D/D]: overhead of wakeups on a fully loaded server, continuous and sampled
#
# racing, the strategy with most wakeups, one request per connection, 16 connections, closed loop. Each round measures it
# alone, with `wakeups`, and with `wakeups --sample` (1s/10s), in random order, for one sampling period each, so that the
# share of sampled time is the same. Prints the paired ratios of requests per second, counted / alone, with their 95 %
# intervals. `make validate-counter` runs it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=sample_cost
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

rounds=20
workers=64
sample=1s/10s
while [ $# -gt 0 ]; do
    needs_value "$1" $#
    case $1 in
    --rounds) check_number "$1" "$2" 2 1000 && rounds=$2 ;;
    --workers) check_number "$1" "$2" 1 512 && workers=$2 ;;
    --sample) sample=$2 ;;
    *) fail_usage "there is no option '$1'" ;;
    esac
    shift 2
done
build all

make_work ""
trap 'stop_counting; stop_servers' EXIT
trap 'exit 1' INT TERM HUP
counting=

# start_counting OPTIONS...: returns when wakeups has loaded its program, so that loading is not measured
start_counting() {
    "$top/build/bin/wakeups" --port "$(cat "$work/racing.port")" --instrument bpf --json "$@" >"$work/wakeups.json" 2>"$work/wakeups.log" &
    counting=$!
    sleep 2
    kill -0 "$counting" 2>/dev/null || fail "wakeups failed: $(tail -n 1 "$work/wakeups.log")"
}

stop_counting() {
    [ -n "$counting" ] || return 0
    kill -INT "$counting" 2>/dev/null
    wait "$counting"
    counting=
}

# measure WAY: requests per second, to $work/rate
measure() {
    case $1 in
    counted) start_counting ;;
    sampled) start_counting --sample "$sample" ;;
    alone) sleep 2 ;;
    esac
    "$top/build/bin/load" --connections 16 --warmup 200ms --duration "${sample#*/}" --json="$work/load.json" \
        "http://127.0.0.1:$(cat "$work/racing.port")/" >"$work/load.log" 2>&1 || fail "load failed: $(tail -n 1 "$work/load.log")"
    stop_counting
    jq .summary.throughput_rps "$work/load.json" >"$work/rate"
}

start_server racing "$top/build/epoll/racing" --workers "$workers"
for round in $(seq "$rounds"); do
    for way in $(shuffled "$round" "alone counted sampled"); do
        measure "$way"
        printf "%s\t%s\t%s\n" "$round" "$way" "$(cat "$work/rate")"
    done
done >"$work/samples" || exit 1

# ratio WAY
ratio() {
    awk -F '\t' -v OFS='\t' -v way="$1" '
        { value[$2, $1] = $3; rounds[$1] = 1 }
        END { for (r in rounds) print way, value[way, r], value["alone", r] }
    ' "$work/samples" | "$top/build/bin/stats" |
        awk -F '\t' -v workers="$workers" '{ printf "requests per second, %d racing workers, %s / alone: %.3f [%.3f, %.3f], %d rounds\n", workers, $1, $3, $4, $5, $2 }'
}
ratio counted
ratio sampled
