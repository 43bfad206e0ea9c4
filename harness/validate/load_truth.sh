#!/bin/sh
# load_truth.sh [--rounds N]: known latencies as measured by load
#
# 1. A server that answers each request after exactly 5 ms: the median, 500 a second, on kept connections and
#    on new ones, where the connect comes first. Both sides spin, each on a CPU of its own, because waking a
#    virtual CPU takes 1 % of the 5 ms.
# 2. A server that is stopped (SIGSTOP) for 1 s in a run of 10 s at 1,000 requests a second: a request that is
#    due at time t of that second waits 1 s - t. So 9 % of all requests take longer than 100 ms, and the 99th
#    percentile is 900 ms. Compared with the closed loop, and with the method of wrk2 (per_connection.c) on 16
#    kept connections.
# 3. The same two methods on a server that is not disturbed, at 997 requests a second, so that the requests are
#    not in step with the timer of 1 ms.
#
# Prints medians and range over the rounds. `make validate-load` runs it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=load_truth
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

rounds=3
read_numbers "rounds:1:1000" "$@"
build all build/tests/odd build/validate/per_connection

make_work "continue_server; stop_servers"
trap 'exit 1' INT TERM HUP
load=$top/build/bin/load

server_processes() {
    cat "$work/stopped.pid" 2>/dev/null && pgrep -P "$(cat "$work/stopped.pid")"
}

continue_server() {
    # shellcheck disable=SC2046 # numbers
    [ ! -s "$work/stopped.pid" ] || kill -CONT $(server_processes) 2>/dev/null
}

# stopped_while COMMAND...: runs it, with the server stopped from its 3rd to its 4th second
stopped_while() {
    "$@" >"$work/out" 2>"$work/err" &
    client=$!
    sleep 3
    workers=$(pgrep -P "$(cat "$work/stopped.pid")")
    # shellcheck disable=SC2086 # numbers
    kill -STOP $workers
    sleep 1
    # shellcheck disable=SC2086
    kill -CONT $workers
    wait $client
    [ $? -ne 1 ] || fail "$1 failed: $(tail -n 1 "$work/err")"
}

# of_load NAME OPTIONS...: the name and a line like that of per_connection. The share above 100 ms is
# computed from the histogram.
of_load() {
    name=$1
    shift
    stopped_while "$load" --duration 10s --timeout 30s --json="$work/json" --histogram "$work/hgrm" \
        "$@" "$url"
    above=$(awk '/^ *[0-9]/ { total = $3; if ($1 <= 100000) within = $3 }
                 END { printf "%.4f", (total - within) / total }' "$work/hgrm")
    jq -r --arg name "$name" --arg above "$above" '[$name, .summary.requests, $above,
        .summary.latency_p50_us, .summary.latency_p99_us, .summary.latency_max_us] | @tsv' "$work/json"
}

start_server odd taskset -c 0 "$top/build/tests/odd" exact 5
for kept in 0 1; do
    for round in $(seq "$rounds"); do
        "$load" --rate 500 --duration 4s --warmup 200ms --requests-per-connection $kept \
            --spin --cpus $(($(nproc) - 1)) --json "http://127.0.0.1:$(cat "$work/odd.port")/" |
            jq -r --arg kept $kept '[["kept", "new"][$kept | tonumber], .summary.latency_p50_us,
                .summary.connect_p50_us // 0] | @tsv'
    done
done >"$work/delayed"
"$top/build/bin/stats" --columns median:2,min:2,max:2,median:3 <"$work/delayed" | LC_ALL=C sort | awk '{
    printf "answered after 5 ms, %s connections: p50 %.0f us (%.0f to %.0f), connect %.0f us\n", $1, $2, $3, $4, $5 }'
echo

echo "A server stopped for 1 s of 10 s (expected of 1,000 a second: 0.0900 above 100 ms, p99 900000 us):"
start_server stopped "$top/build/epoll/wakeone" --workers 4 --keepalive
port=$(cat "$work/stopped.port")
url=http://127.0.0.1:$port/
for round in $(seq "$rounds"); do
    for client in $(shuffled "$round" "open closed kept wrk2"); do
        case $client in
        open) of_load "open loop" --rate 1000 ;;
        closed) of_load "closed loop, 16 connections" --connections 16 ;;
        kept) of_load "open loop, kept connections" --rate 1000 --requests-per-connection 0 ;;
        wrk2) stopped_while "$top/build/validate/per_connection" "$port" 16 1000 10 &&
            printf 'wrk2 method, 16 kept connections\t%s\n' "$(cat "$work/out")" ;;
        esac
    done
done >"$work/samples"
printf '%-30s %9s %21s %10s %21s %10s\n' '' requests 'above 100 ms' 'p50 us' 'p99 us' 'max us'
"$top/build/bin/stats" --columns median:2,median:3,min:3,max:3,median:4,median:5,min:5,max:5,max:6 \
    <"$work/samples" | LC_ALL=C sort |
    awk -F '\t' '{ printf "%-30s %9d %7.4f %6.4f-%6.4f %10.1f %8.0f %6.0f-%6.0f %10.0f\n",
        $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 }'

echo
for round in $(seq "$rounds"); do
    for client in $(shuffled "$round" "kept wrk2"); do
        case $client in
        kept) "$load" --duration 3s --rate 997 --requests-per-connection 0 --json "$url" |
            jq -r '["open loop, kept connections", .summary.latency_p50_us, .summary.latency_p99_us] | @tsv' ;;
        wrk2) printf 'wrk2 method, 16 kept connections\t%s\n' \
            "$("$top/build/validate/per_connection" "$port" 16 997 3 | cut -f 3,4)" ;;
        esac
    done
done | "$top/build/bin/stats" --columns median:2,min:2,max:2,median:3,min:3,max:3 | LC_ALL=C sort | awk -F '\t' '{
    printf "undisturbed, %-30s p50 %.0f us (%.0f to %.0f), p99 %.0f us (%.0f to %.0f)\n", $1, $2, $3, $4, $5, $6, $7 }'
