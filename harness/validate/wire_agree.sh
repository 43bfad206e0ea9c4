#!/bin/sh
# wire_agree.sh [--rounds N] [--workers N]: the load generator's latencies compared with the packet capture's, and the overhead
# of the capture
#
# 1. At half of the server's capacity (Poisson arrivals, one request a connection): the load's connect and SYN to
#    SYN/ACK, its first byte and SYN to first byte; medians over the rounds. `any`: client, server and capture
#    share all CPUs; `apart`: the server on the first CPU, the client on the last one, where it never sleeps.
# 2. At full load, 16 connections in a closed loop: requests per second and client CPU per request with
#    --wire / without, interleaved, in random order: geometric mean and 95 % interval.
# 3. The tool with its default ring at full load for 10 s: the packets that were lost.
#
# `make validate-wire` runs it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=wire_agree
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

rounds=10
workers=8
read_numbers "rounds:2:1000 workers:1:4096" "$@"
build all
make_work stop_servers
trap 'exit 1' INT TERM HUP

# trial STRATEGY OPTIONS...: the row as JSON
trial() {
    strategy=$1
    shift
    "$top/build/bin/trial" --strategy "$strategy" --workers "$workers" --instrument ctxsw --json "$@" \
        2>"$work/err"
    [ $? -ne 1 ] || fail "trial failed: $(tail -n 1 "$work/err")"
}

capacity=$(trial wakeone | jq '.throughput_rps | floor')
echo "$((capacity / 2)) requests a second, half of the capacity; us, medians of $rounds rounds:"
for round in $(seq "$rounds"); do
    for configuration in $(shuffled "$round" "any/wakeone any/racing any/fdpass apart/wakeone apart/racing apart/fdpass"); do
        [ "${configuration%/*}" = any ] && place= || place="--spin --client-cpus $(($(nproc) - 1)) --server-cpus 0"
        # shellcheck disable=SC2086 # options
        trial "${configuration#*/}" --wire --rate $((capacity / 2)) --arrivals poisson --seed "$round" $place |
            jq -r --arg configuration "$configuration" '[$configuration, .connect_p50_us, .wire_synack_p50_us, .connect_p99_us, .wire_synack_p99_us,
                .first_byte_p50_us, .wire_first_byte_p50_us, .first_byte_p99_us, .wire_first_byte_p99_us,
                .wire_wait_p50_us, .wire_wait_p99_us, .send_lag_p99_us] | @tsv'
    done
done >"$work/half"
"$top/build/bin/stats" --columns median:2,median:3,median:4,median:5,median:6,median:7,median:8,median:9,median:10,median:11,median:12 \
    <"$work/half" | LC_ALL=C sort | awk -F '\t' '
    BEGIN {
        printf "%-14s %16s %16s %18s %18s %16s %9s\n", "", "connect p50", "connect p99", "first byte p50", "first byte p99", "waited", "lag"
        printf "%-14s %8s %7s %8s %7s %10s %7s %10s %7s %8s %7s %9s\n", "CPUs/strategy", "load", "wire", "load", "wire", "load", "wire", "load", "wire", "p50", "p99", "p99"
    }
    { printf "%-14s %8.1f %7.1f %8.1f %7.1f %10.1f %7.1f %10.1f %7.1f %8.1f %7.1f %9.1f\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 }'

printf '\nFull load, with / without the capture at the wire:\n'
for round in $(seq $((2 * rounds))); do
    for capture in $(shuffled "$round" "with without"); do
        [ "$capture" = with ] && option=--wire || option=
        # shellcheck disable=SC2086 # one option or nothing
        trial wakeone $option | jq -r --arg round "$round" --arg capture "$capture" '[$round, $capture,
            .throughput_rps, .client_cpu_us_per_req, .server_cpu_us_per_req] | @tsv'
    done
done >"$work/full"
awk -F '\t' -v OFS='\t' '
    { at[$1, $2] = $3; client[$1, $2] = $4; server[$1, $2] = $5; rounds = $1 }
    END {
        for (r = 1; r <= rounds; r++) {
            print "requests per second", at[r, "with"], at[r, "without"]
            print "client CPU per request", client[r, "with"], client[r, "without"]
            print "server CPU per request", server[r, "with"], server[r, "without"]
        }
    }' "$work/full" | sort -s -t '	' -k1,1 | "$top/build/bin/stats" |
    awk -F '\t' '{ printf "%s: %.3f [%.3f, %.3f], %d rounds\n", $1, $3, $4, $5, $2 }'

start_server server "$top/build/epoll/wakeone" --workers "$workers"
port=$(cat "$work/server.port")
"$top/build/bin/wire" -i lo --port "$port" --json="$work/wire.json" >/dev/null 2>"$work/err" &
wire=$!
sleep 1
"$top/build/bin/load" --duration 10s --json="$work/load.json" "http://127.0.0.1:$port/" >/dev/null
kill -TERM $wire
wait $wire
jq -n --slurpfile wire "$work/wire.json" --slurpfile load "$work/load.json" -r '
    "\nDefault ring, full load for 10 s: \($load[0].summary.throughput_rps | floor) requests a second, " +
    "\($wire[0].packets.tcp) packets, \($wire[0].summary.dropped) lost"'
