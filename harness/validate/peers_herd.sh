#!/bin/sh
# peers_herd.sh [--rounds N] [--workers N]: wakeups per connection of third-party servers (harness/peers/peers.tsv), and of
# racing and wakeone for comparison
#
# All servers run, each on a port of its own; one at a time is loaded: first 200 connections, 20 ms apart, so
# that all workers sleep (low), then 16 connections in a closed loop for 2 seconds (full). One request per
# connection. Counted by `wakeups --port`; medians over the rounds, and the range. `make validate-herd` runs
# it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=peers_herd
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"
. "$top/harness/lib/strategies.sh"

rounds=3
workers=8
read_numbers "rounds:1:1000 workers:1:64" "$@"
servers="$(all_peers | tr '\n' ' ') racing wakeone"
for name in $servers; do
    [ -z "$(why_unavailable "$name")" ] || fail "$name: $(why_unavailable "$name")"
done
build all
why=$("$top/build/bin/wakeups" --instrument bpf --pid $$ --duration 10ms --json 2>&1 >/dev/null) || fail "${why#wakeups: }"

make_work stop_servers
trap 'exit 1' INT TERM HUP

# one_request PORT
one_request() {
    "$top/build/bin/load" --count 1 --connections 1 "http://127.0.0.1:$1/" >/dev/null 2>&1
}

low() {
    for _ in $(seq 200); do
        one_request "$1" || fail "a request failed, at port $1"
        sleep 0.02
    done
}

full() {
    "$top/build/bin/load" --connections 16 --duration 2s "http://127.0.0.1:$1/" >/dev/null || fail "requests failed, at port $1"
}

# measure SERVER LOAD: wakeups per connection, of these useful, spurious, absorbed, by timeout
measure() {
    port=$(cat "$work/$1.port")
    "$top/build/bin/wakeups" --instrument bpf --port "$port" --json >"$work/wakeups.json" &
    wakeups_pid=$!
    sleep 0.5
    "$2" "$port"
    kill -INT $wakeups_pid
    wait $wakeups_pid || fail "wakeups failed: see above"
    jq -er '.summary | .connections as $n |
        [.wakeups, .useful, .spurious - .timeouts, .absorbed, .timeouts] | map(. / $n) | @tsv' "$work/wakeups.json" ||
        fail "no connection to $1 was counted"
}

for name in $servers; do
    start_server "$name" "$(server_of "$name")" --workers "$workers"
done

for round in $(seq "$rounds"); do
    for server in $(shuffled "$round" "$servers"); do
        for load in low full; do
            counted=$(measure "$server" $load) || exit 1
            printf '%s %s\t%s\n' "$server" "$load" "$counted"
        done
    done
done >"$work/samples"

printf '%-16s %-5s %9s %15s %8s %9s %9s %9s\n' server load wakeups 'least to most' useful spurious absorbed time-outs
for server in $servers; do
    for load in low full; do
        grep "^$server $load	" "$work/samples"
    done
done | "$top/build/bin/stats" --columns median:2,min:2,max:2,median:3,median:4,median:5,median:6 |
    awk -F '[ \t]' '{ printf "%-16s %-5s %9.2f %7.2f %7.2f %8.2f %9.2f %9.2f %9.2f\n", $1, $2, $3, $4, $5, $6, $7, $8, $9 }'
