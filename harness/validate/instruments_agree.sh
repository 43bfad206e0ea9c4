#!/bin/sh
# instruments_agree.sh [--wakeups N]: the wakeup counter compared with context switches and with bpftrace
#
# For each of racing, wakeone, fdpass and mutex, 8 workers at full load. First trials until the counter has
# counted 100,000 wakeups: its sum and that of the voluntary context switches. Then one server under load,
# with `wakeups` and a bpftrace one-liner (sched_wakeup of its processes) at the same time. Prints the
# differences in %. `make validate-instruments` runs it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=instruments_agree
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

wakeups=100000
read_numbers "wakeups:1000:100000000" "$@"
command -v bpftrace >/dev/null || fail "bpftrace is not installed: run harness/lib/install.sh peers"
build all

work=$(mktemp -d) || fail "cannot make a temporary directory"
mounted=
# shellcheck disable=SC2317 # called by a trap
clean_up() {
    stop_servers
    [ -z "$mounted" ] || umount /sys/kernel/tracing
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

against_switches() {
    : >"$work/rows"
    counted=0
    while [ "$counted" -lt "$wakeups" ]; do
        "$top/build/bin/trial" --strategy "$1" --workers 8 --window 2s --json >"$work/row.json"
        [ $? -ne 1 ] || fail "the trial failed: see above"
        jq -e '.instrument == "bpf"' "$work/row.json" >/dev/null || fail "the BPF counter is unavailable"
        jq -r '[.wakeups, .wakeups_per_conn, .instrument_diff_pct] | @tsv' "$work/row.json" >>"$work/rows"
        counted=$(awk '{ sum += $1 } END { print sum }' "$work/rows")
    done
    awk -v name="$1" '{ sum += $1; apart += $1 * $3 }
        END { printf "%s: counter and voluntary context switches differ by %.4f %% over %d wakeups\n", name, apart / sum, sum }' "$work/rows"
}

# Both start before the load and end after it, so that they observe the same wakeups.
against_bpftrace() {
    start_server "$1" "$top/build/epoll/$1" --workers 8
    url=http://127.0.0.1:$(cat "$work/$1.port")/
    "$top/build/bin/wakeups" -p "$(cat "$work/$1.pid")" --children --json >"$work/wakeups.json" &
    wakeups_pid=$!
    bpftrace -e "tracepoint:sched:sched_wakeup /strncmp(args->comm, \"$1\", 15) == 0/ { @wakeups = count(); }" \
        >"$work/bpftrace" 2>&1 &
    bpftrace_pid=$!
    until grep -q Attaching "$work/bpftrace"; do
        kill -0 $bpftrace_pid 2>/dev/null || fail "bpftrace: $(tail -n 1 "$work/bpftrace")"
        sleep 0.1
    done
    sleep 2
    "$top/build/bin/load" --connections 16 --duration 6s "$url" >/dev/null
    sleep 0.5
    kill -INT $wakeups_pid $bpftrace_pid
    wait $wakeups_pid $bpftrace_pid
    by_bpftrace=$(awk '/@wakeups/ { print $2 }' "$work/bpftrace")
    by_counter=$(jq .summary.wakeups "$work/wakeups.json")
    stop_servers
    echo "$by_counter $by_bpftrace" | awk -v name="$1" '{ d = $1 - $2; if (d < 0) d = -d
        printf "%s: counter and bpftrace differ by %.4f %% (%d and %d wakeups)\n", name, 100 * d / $2, $1, $2 }'
}

for strategy in racing wakeone fdpass mutex; do
    against_switches $strategy
done
# bpftrace needs tracefs at its usual mount point.
if [ ! -e /sys/kernel/tracing/events ]; then
    mount -t tracefs tracefs /sys/kernel/tracing || fail "bpftrace needs tracefs: mount -t tracefs tracefs /sys/kernel/tracing"
    mounted=1
fi
for strategy in racing wakeone fdpass mutex; do
    against_bpftrace $strategy
done
