#!/bin/sh
# load_cost.sh [--rounds N] [--workers N]: client CPU time per request: load compared with a minimal client, wrk and ab
#
# The same server (wakeone), one request per connection, 1, 16 and 256 connections; each round runs each
# client once, in random order, and divides CPU time (user and system) of the client process by its
# requests. The minimal client (floor.c) makes the same system calls and measures nothing. Prints the
# paired ratios with their 95 % intervals. `make validate-load` runs it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=load_cost
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

rounds=25
workers=8
read_numbers "rounds:2:1000 workers:1:4096" "$@"
for tool in wrk ab; do
    command -v $tool >/dev/null || fail "$tool is not installed: run harness/lib/install.sh run test"
done
build all build/validate/floor

make_work stop_servers
trap 'exit 1' INT TERM HUP
start_server wakeone "$top/build/epoll/wakeone" --workers "$workers"
port=$(cat "$work/wakeone.port")
url=http://127.0.0.1:$port/
requests=15000

# cpu_us COMMAND...: CPU time of the command in microseconds, with the resolution of the kernel's ticks (10 ms,
# 1 % of the durations here). Its output goes to $work/out.
cpu_us() {
    ("$@" >"$work/out" 2>"$work/err" && times) | awk -F '[ms ]+' 'NR == 2 {
        printf "%.0f\n", (($1 + $3) * 60 + $2 + $4) * 1e6 }'
}

run_load() {
    cpu=$(cpu_us "$top/build/bin/load" --count $requests --connections "$1" "$url")
    made=$requests
}

run_floor() {
    cpu=$(cpu_us "$top/build/validate/floor" "$port" "$1" $requests)
    made=$requests
}

run_ab() {
    cpu=$(cpu_us ab -q -n $requests -c "$1" "$url")
    made=$(awk '/^Complete requests/ { print $NF }' "$work/out")
}

run_wrk() {
    cpu=$(cpu_us wrk -t 1 -c "$1" -d 1s -H 'Connection: close' "$url")
    made=$(awk '/ requests in / { print $1 }' "$work/out")
}

for round in $(seq "$rounds"); do
    for connections in $(shuffled "$round" "1 16 256"); do
        for client in $(shuffled "$round$connections" "load floor wrk ab"); do
            "run_$client" "$connections"
            [ "${cpu:-0}" -gt 0 ] && [ "${made:-0}" -gt 0 ] ||
                fail "$client failed: $(tail -n 1 "$work/err")"
            printf '%s\t%s\t%s\t%s\t%s\n' "$round" "$connections" "$client" "$cpu" "$made"
        done
    done
done >"$work/samples"

awk -F '\t' -v OFS='\t' '
    $3 == "load" { load[$1, $2] = $4 / $5 }
    $3 != "load" { other[$1, $2, $3] = $4 / $5 }
    END {
        for (key in other) {
            split(key, part, SUBSEP)
            printf "%3d connections, load/%s\t%s\t%s\n", part[2], part[3], load[part[1], part[2]], other[key]
        }
    }
' "$work/samples" | sort | "$top/build/bin/stats" |
    awk -F '\t' '{ printf "CPU per request, %s: %.3f [%.3f, %.3f], %d rounds\n", $1, $3, $4, $5, $2 }'
