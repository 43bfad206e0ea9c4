#!/bin/sh
# ranks_cost.sh [--rounds N]: client CPU time of a load by four MPI processes, compared with four threads
#
# wakeone with 4 workers, one request per connection, 16 connections, closed loop: each round measures `load --threads 4` and
# `mpirun -n 4 load-mpi` once, in random order. Prints the paired ratio of the client's CPU time per request, processes /
# threads, with its 95 % interval. Requires `make mpi`.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=ranks_cost
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

rounds=40
while [ $# -gt 0 ]; do
    needs_value "$1" $#
    case $1 in
    --rounds) check_number "$1" "$2" 2 1000 && rounds=$2 ;;
    *) fail_usage "there is no option '$1'" ;;
    esac
    shift 2
done
build all
[ -x "$top/build/bin/load-mpi" ] || fail "there is no build/bin/load-mpi: run make mpi"

make_work ""
trap stop_servers EXIT
trap 'exit 1' INT TERM HUP

# measure WAY: microseconds of CPU time per request, to $work/cost
measure() {
    case $1 in
    threads) set -- "$top/build/bin/load" --threads 4 ;;
    processes) set -- mpirun --oversubscribe -n 4 "$top/build/bin/load-mpi" ;;
    esac
    "$@" --connections 16 --warmup 200ms --duration 1s --json="$work/load.json" "http://127.0.0.1:$(cat "$work/wakeone.port")/" \
        >"$work/load.log" 2>&1 || fail "load failed: $(tail -n 1 "$work/load.log")"
    jq .summary.client_cpu_us_per_req "$work/load.json" >"$work/cost"
}

start_server wakeone "$top/build/epoll/wakeone" --workers 4
for round in $(seq "$rounds"); do
    for way in $(shuffled "$round" "threads processes"); do
        measure "$way"
        printf '%s\t%s\t%s\n' "$round" "$way" "$(cat "$work/cost")"
    done
done >"$work/samples" || exit 1

awk -F '\t' -v OFS='\t' '
    { value[$2, $1] = $3; rounds[$1] = 1 }
    END { for (r in rounds) print "cost", value["processes", r], value["threads", r] }
' "$work/samples" | "$top/build/bin/stats" |
    awk -F '\t' '{ printf "client CPU per request, 4 processes / 4 threads: %.3f [%.3f, %.3f], %d rounds\n", $3, $4, $5, $2 }'
