#!/bin/sh
# load_pace.sh [--rounds N] [--duration D]: how well the open loop keeps its schedule
#
# At half and a quarter of the server's capacity (measured first, closed loop, 16 connections), constant
# and Poisson arrivals, in random order; with the server on the first CPU and the client alone on the last
# one, and with both on any CPU. Prints, per configuration, the requests answered and sent over those due, and
# the dispatch delay (from when a request was due to when it was sent), medians and range over the rounds.
# `make validate-load` runs it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=load_pace
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

rounds=10
duration=3s
while [ $# -gt 0 ]; do
    needs_value "$1" $#
    case $1 in
    --rounds) check_number "$1" "$2" 1 1000 && rounds=$2 ;;
    --duration) check_duration "$1" "$2" 100 3600000 && duration=$2 ;;
    *) fail_usage "there is no option '$1'" ;;
    esac
    shift 2
done
build all

make_work stop_servers
trap 'exit 1' INT TERM HUP
last_cpu=$(($(nproc) - 1))
start_server any "$top/build/epoll/wakeone" --workers 4
start_server apart "$top/build/epoll/wakeone" --workers 4 --cpus 0

# load PLACE OPTIONS...: its JSON
run_load() {
    url=http://127.0.0.1:$(cat "$work/$1.port")/
    cpus=
    [ "$1" = any ] || cpus="--cpus $last_cpu"
    shift
    # shellcheck disable=SC2086 # options
    "$top/build/bin/load" $cpus --json "$@" "$url" 2>"$work/err"
    [ $? -ne 1 ] || fail "load failed: $(tail -n 1 "$work/err")"
}

for place in apart any; do
    capacity=$(run_load $place --duration 2s | jq '.summary.throughput_rps | floor')
    for round in $(seq "$rounds"); do
        for configuration in $(shuffled "$round" "constant/2 constant/4 poisson/2 poisson/4"); do
            run_load $place --rate $((capacity / ${configuration#*/})) --arrivals "${configuration%/*}" --warmup 200ms \
                --seed "$round" --duration "$duration" |
                jq -r --arg configuration "$place $configuration" '[$configuration, .summary.requests / .summary.intended,
                    .phases.send_lag.count / .summary.intended,
                    (.phases.send_lag.percentiles[0, 2].us), .phases.send_lag.max_us,
                    .summary.rate_offered] | @tsv'
        done
    done
done >"$work/samples"

printf '%-18s %8s %22s %22s %22s %22s %14s\n' 'CPUs, arrivals' rate answered/due begun/due 'lag p50 us' \
    'lag p99 us' 'lag max us'
"$top/build/bin/stats" --columns median:7,median:2,min:2,max:2,median:3,min:3,max:3,median:4,min:4,max:4,median:5,min:5,max:5,max:6 \
    <"$work/samples" | LC_ALL=C sort |
    awk -F '\t' '{ printf "%-18s %8d %8.4f %6.4f-%6.4f %8.4f %6.4f-%6.4f %8.1f %6.1f-%6.1f %8.1f %6.1f-%6.1f %14.1f\n",
        $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15 }'
