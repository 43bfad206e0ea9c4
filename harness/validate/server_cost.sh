#!/bin/sh
# server_cost.sh [--rounds N] [--workers N]: the suite's servers compared with the same method in nginx
#
#   wakeone               nginx, accept_mutex off (EPOLLEXCLUSIVE), and on, which is another method
#   mutex-trylock-delay   nginx, accept_mutex on
#   reuseport             nginx, listen ... reuseport
#
# The same number of workers, access log off, a reply of the same 13 bytes; one request per connection, 16
# connections. Once with one load process, which is itself the limit on a machine of 2 CPUs, and once with two (8
# connections each), which leave the servers no idle CPU. Each round measures each server once, in random order.
# Prints the paired ratios of requests per second, of the servers' CPU time per request and of their voluntary
# context switches (sleeps) per request, with their 95 % intervals, and the system calls and TCP segments per
# request. `make validate-server` runs it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=server_cost
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"
. "$top/harness/lib/strategies.sh"

rounds=40
workers=8
window=400ms
WARMUP_AND_WINDOW=0.45 # seconds: CPU time and sleeps are counted over both
read_numbers "rounds:2:1000 workers:1:512" "$@"
[ -z "$(why_unavailable nginx-off)" ] || fail "$(why_unavailable nginx-off)"
build all

make_work stop_servers
trap 'exit 1' INT TERM HUP

one_load() {
    "$top/build/bin/load" --connections "$2" --warmup 50ms --duration $window --json \
        "http://127.0.0.1:$(cat "$work/$1.port")/"
}

# of_workers SERVER: CPU nanoseconds and voluntary context switches of its workers so far
of_workers() {
    for pid in $(workers_of "$1"); do
        cut -d' ' -f1 "/proc/$pid/schedstat"
        sed -n 's/^voluntary_ctxt_switches:[[:space:]]*//p' "/proc/$pid/status"
    done | awk 'NR % 2 { cpu += $1; next } { sleeps += $1 } END { printf "%.0f %.0f\n", cpu, sleeps }'
}

# measure SERVER LOADS: requests per second, CPU nanoseconds and sleeps per request
measure() {
    before=$(of_workers "$1")
    if [ "$2" -eq 1 ]; then
        one_load "$1" 16 >"$work/one.json"
        echo '{}' >"$work/other.json"
    else
        one_load "$1" 8 >"$work/other.json" &
        one_load "$1" 8 >"$work/one.json"
        wait $!
    fi
    echo "$before $(of_workers "$1") $(jq -rs 'map(.summary.throughput_rps) | add' "$work/one.json" "$work/other.json")" |
        awk -v warm="$WARMUP_AND_WINDOW" '{ made = $5 * warm; printf "%s\t%s\t%s\n", $5, ($3 - $1) / made, ($4 - $2) / made }'
}

servers="wakeone mutex-trylock-delay reuseport nginx-off nginx-on nginx-reuseport"
for server in $servers; do
    start_server "$server" "$(server_of "$server")" --workers "$workers"
done
for loads in 1 2; do
    for round in $(seq "$rounds"); do
        for server in $(shuffled "$round" "$servers"); do
            printf '%s\t%s\t%s\t%s\n' "$loads" "$round" "$server" "$(measure "$server" "$loads")"
        done
    done
done >"$work/samples"

# pairs COLUMN SERVER BASELINE LOADS: lines of "key server baseline" for stats
pairs() {
    awk -F '\t' -v OFS='\t' -v column="$1" -v server="$2" -v baseline="$3" -v loads="$4" '
        $1 != loads { next }
        $3 == server { a[$2] = $column }
        $3 == baseline { b[$2] = $column }
        END { for (round in a) if (a[round] > 0 && b[round] > 0) print server " / " baseline ", load processes: " loads, a[round], b[round] }
    ' "$work/samples"
}

# ratios COLUMN WHAT
ratios() {
    for loads in 1 2; do
        pairs "$1" wakeone nginx-off $loads
        pairs "$1" wakeone nginx-on $loads
        pairs "$1" mutex-trylock-delay nginx-on $loads
        pairs "$1" reuseport nginx-reuseport $loads
    done | "$top/build/bin/stats" |
        awk -F '\t' -v what="$2" '{ printf "%s, %s: %.3f [%.3f, %.3f], %d rounds\n", what, $1, $3, $4, $5, $2 }'
}
ratios 4 "requests per second"
ratios 5 "server CPU per request"
ratios 6 "sleeps per request"

# system_calls SERVER: of its workers, per request
system_calls() {
    pids=$(workers_of "$1" | tr '\n' ',')
    strace -c -f -o "$work/strace" -p "${pids%,}" 2>/dev/null &
    strace_pid=$!
    sleep 1
    made=$("$top/build/bin/load" --count 4000 --json "http://127.0.0.1:$(cat "$work/$1.port")/" | jq .summary.requests)
    kill -INT $strace_pid
    wait $strace_pid
    awk -v made="$made" -v server="$1" '$NF == "total" { printf "system calls per request, %s: %.2f\n", server, $4 / made }' "$work/strace"
}

segments_sent() {
    awk '/^Tcp:/ && $2 == "RtoAlgorithm" { for (i = 2; i <= NF; i++) if ($i == "OutSegs") at = i; next }
        /^Tcp:/ { print $at }' /proc/net/snmp
}

# segments SERVER: of both sides, per request; counted for the whole machine, so no other process may send
segments() {
    before=$(segments_sent)
    made=$("$top/build/bin/load" --count 4000 --json "http://127.0.0.1:$(cat "$work/$1.port")/" | jq .summary.requests)
    echo "$before $(segments_sent) $made" |
        awk -v server="$1" '{ printf "TCP segments per request, %s: %.2f\n", server, ($2 - $1) / $3 }'
}

for server in $servers; do
    segments "$server"
done
if command -v strace >/dev/null; then
    for server in $servers; do
        system_calls "$server"
    done
else
    message "$program: strace is not installed: system calls are not counted"
fi
