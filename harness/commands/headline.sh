#!/bin/sh
# headline: the experiment of 2010: ab against racing and wakeone, timed by hyperfine
#
# usage: ./run.sh headline [OPTIONS]
#
#   --workers N       worker processes (8)
#   --connections C   concurrent connections (16)
#   --count N         requests per run of ab (20000)
#   --rounds N        runs of ab for each server, and ten times as many rounds of bench (10)
#   --out DIR         where the results go (results/<host>-<kernel>-<utc>)
#
# The same comparison is measured in two ways. hyperfine times whole runs of ab, first all against one
# server, then all against the other, as in 2010. bench interleaves the servers and pairs the rounds.
# hyperfine's samples and ab's own reports are kept in the run's directory.
#
# example: ./run.sh headline --workers 32

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=headline
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

workers=8
connections=16
count=20000
rounds=10
out=$WAKEONE_RESULTS/$(uname -n)-$(uname -r)-$(date -u +%Y%m%dT%H%M%SZ)

while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$top/harness/commands/headline.sh" && exit 0 ;;
    --workers | --connections | --count | --rounds | --out) needs_value "$1" $# ;;
    *) fail_usage "there is no option '$1': see --help" ;;
    esac
    case $1 in
    --workers) workers=$2 ;;
    --connections) connections=$2 ;;
    --count) count=$2 ;;
    --rounds) rounds=$2 ;;
    --out) out=$2 ;;
    esac
    shift 2
done
check_number --workers "$workers" 1 4096
check_number --connections "$connections" 1 20000
check_number --count "$count" "$connections" 100000000
check_number --rounds "$rounds" 2 1000

sh "$top/harness/commands/bench.sh" --strategies racing,wakeone --workers "$workers" \
    --connections "$connections" --rounds "$((10 * rounds))" --out "$out" >/dev/null
bench_status=$?
[ "$bench_status" -eq 0 ] || [ "$bench_status" -eq 3 ] || end_as "$bench_status"
out=$(cd "$out" && pwd)

make_work stop_servers
trap 'exit 1' INT TERM HUP

# hyperfine replaces {strategy} by each of the two.
serve="sh '$top/harness/lib/serve_one.sh'"
hyperfine --style basic --warmup 1 --runs "$rounds" --export-json "$out/hyperfine.json" \
    --parameter-list strategy racing,wakeone --command-name '{strategy}' \
    --setup "$serve start '$work' {strategy} $workers" --cleanup "$serve stop '$work'" \
    "ab -q -n $count -c $connections http://127.0.0.1:\$(cat '$work/{strategy}.port')/ >'$out/ab-{strategy}.txt' 2>>'$work/ab.log'" \
    >"$work/hyperfine.txt" 2>"$work/hyperfine.log" || {
    reason=$(cat "$work"/ab.log "$work"/racing.log "$work"/wakeone.log "$work"/hyperfine.log 2>/dev/null | grep -m 1 .)
    fail "hyperfine failed: $reason"
}

for strategy in racing wakeone; do
    failed=$(awk '/^(Failed|Non-2xx|Write errors)/ { sum += $NF } END { print sum + 0 }' "$out/ab-$strategy.txt")
    [ "$failed" -eq 0 ] || fail "ab reports $failed failed requests against $strategy: see $out/ab-$strategy.txt"
done

of_bench() {
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $(at["strategy"]) == "wakeone" { print $(at[name]) }' "$out/summary.csv"
}

{
    echo "wakeone against racing, $workers workers, $connections connections, one request each"
    echo
    echo "hyperfine and ab, $rounds runs of $count requests, one server after the other:"
    sed -n '/^Summary/,$p' "$work/hyperfine.txt" | sed -n '2,$p'
    jq -r '"  time of racing / time of wakeone: \(.results | (map({(.command): .mean}) | add) | .racing / .wakeone * 1000 | round / 1000), no failed request"' \
        "$out/hyperfine.json"
    echo
    echo "bench and load, $((10 * rounds)) rounds, interleaved and paired:"
    echo "  requests per second of wakeone / of racing: $(of_bench ratio), 95 % interval $(of_bench ratio_low) to $(of_bench ratio_high)"
    echo "  $(of_bench sentence)"
    echo
    echo "2010, kqueue, 2 cores (recalled; its outputs are lost): 1.16"
} >"$out/headline.txt" || fail "cannot write $out/headline.txt"
print_results "results: $out" "$out/headline.txt"
exit "$bench_status"
