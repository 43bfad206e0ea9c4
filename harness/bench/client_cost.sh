#!/bin/sh
# client_cost.sh [--rounds N] [--workers N]: what a request costs the client: load against wrk and ab
#
# The same server (wakeone), one request per connection, 16 connections; in each round each client
# once, in random order; CPU time (user and system) of the whole client process over the requests it
# made. Prints the paired ratios with their 95 % intervals. `make bench-load` runs it.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=client_cost
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

rounds=25
workers=8
while [ $# -gt 0 ]; do
    needs_value "$1" $#
    case $1 in
    --rounds) check_number "$1" "$2" 2 1000 && rounds=$2 ;;
    --workers) check_number "$1" "$2" 1 4096 && workers=$2 ;;
    *) fail_usage "there is no option '$1'" ;;
    esac
    shift 2
done
for tool in wrk ab; do
    command -v $tool >/dev/null || fail "there is no $tool: run harness/lib/install.sh run test"
done
build all

work=$(mktemp -d) || fail "cannot make a temporary directory"
trap 'stop_servers; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
start_server wakeone "$top/build/epoll/wakeone" --workers "$workers"
url=http://127.0.0.1:$(cat "$work/wakeone.port")/
requests=15000

# cpu_us COMMAND...: CPU time of the command in microseconds, as the kernel's ticks give it (10 ms,
# 1 % of what it is used for here). Its output goes to $work/out.
cpu_us() {
    ("$@" >"$work/out" 2>"$work/err" && times) | awk -F '[ms ]+' 'NR == 2 {
        printf "%.0f\n", (($1 + $3) * 60 + $2 + $4) * 1e6 }'
}

run_load() {
    cpu=$(cpu_us "$top/build/bin/load" --count $requests --connections 16 "$url")
    made=$requests
}

run_ab() {
    cpu=$(cpu_us ab -q -n $requests -c 16 "$url")
    made=$(awk '/^Complete requests/ { print $NF }' "$work/out")
}

run_wrk() {
    cpu=$(cpu_us wrk -t 1 -c 16 -d 1s -H 'Connection: close' "$url")
    made=$(awk '/ requests in / { print $1 }' "$work/out")
}

for round in $(seq "$rounds"); do
    for client in $(shuffled "$round" "load wrk ab"); do
        "run_$client"
        [ "${cpu:-0}" -gt 0 ] && [ "${made:-0}" -gt 0 ] || fail "$client failed: $(tail -n 1 "$work/err")"
        printf '%s\t%s\t%s\t%s\n' "$round" "$client" "$cpu" "$made"
    done
done >"$work/samples"

awk -F '\t' -v OFS='\t' '
    $2 == "load" { load[$1] = $3 / $4 }
    $2 != "load" { other[$1, $2] = $3 / $4; names[$2] = 1 }
    END { for (name in names) for (round in load) print "load/" name, load[round], other[round, name] }
' "$work/samples" | sort | "$top/build/bin/stats" |
    awk -F '\t' '{ printf "CPU per request, %s: %.3f [%.3f, %.3f], %d rounds\n", $1, $3, $4, $5, $2 }'
