#!/usr/bin/env bats
# trial: its interface to the engine, and clean-up.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

setup() {
    out=$BATS_TEST_TMPDIR/run
    mkdir -p "$out/hist"
    trial=("$build/bin/trial" --workers 2 --threads 2 --window 20ms --warmup 5ms)
}

field() {
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 2 { print $(at[name]) }' "$out/trials.csv"
}

# has_a_row: the trial has written one; on a noisy machine, with a quota, or if the client is the limit, the status is 3
has_a_row() {
    [ "$status" -eq 0 ] || { [ "$status" -eq 3 ] && [[ "$(field verdict)" =~ ^(noisy|client-bound|throttled)$ ]]; } ||
        { echo "status $status: $output"; return 1; }
}

@test "--as is the name in all rows, for any server" {
    run "${trial[@]}" --strategy wakeone --as slow-one --out "$out" -- --service-us 3
    has_a_row
    [ "$(field strategy)" = slow-one ]
    [ "$(tail -n +2 "$out/workers.csv" | cut -d, -f2 | sort -u)" = slow-one ]
    run "${trial[@]}" --strategy wakeone --as "a b"
    failed_in_one_line 2
}

@test "a warm-up is marked whatever its outcome, and is no failure" {
    run "${trial[@]}" --strategy wakeone --warm-up-trial --out "$out"
    [ "$status" -eq 0 ]
    [ "$(field verdict)" = warm-up ]
}

@test "a repeated trial replaces its histogram" {
    echo "what an attempt left that was killed before its row" >"$out/hist/7.hgrm"
    run "${trial[@]}" --strategy wakeone --trial 7 --out "$out"
    has_a_row
    [ "$(grep -c Percentile "$out/hist/7.hgrm")" -eq 1 ]
    refute grep -q attempt "$out/hist/7.hgrm"
}

# bats test_tags=root
@test "hiccups are measured if the scheduler allows it, and are empty otherwise" {
    command -v setpriv >/dev/null || skip "needs setpriv(1)"
    run "${trial[@]}" --window 200ms --strategy wakeone --out "$out"
    [[ "$(field hiccup_pct)" =~ ^[0-9.]+$ ]]
    [[ "$(field hiccup_max_us)" =~ ^[0-9.]+$ ]]
    rm "$out/trials.csv"
    run setpriv --bounding-set -sys_nice --inh-caps -sys_nice --ambient-caps -sys_nice "${trial[@]}" --strategy wakeone --instrument ctxsw --out "$out"
    has_a_row
    [ "$(field hiccup_pct)" = "" ]
    [ "$(field hiccup_max_us)" = "" ]
}

@test "the limits of the verdicts are those of docs/metrics.md" {
    run "$build/bin/trial" --limits
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -ge 7 ]
    while IFS=$'\t' read -r name value unit verdict; do
        grep -qF "| $name | $value | $unit | \`$verdict\` |" docs/metrics.md || { echo "not in docs/metrics.md: $name"; return 1; }
    done <<<"$output"
}

@test "the end of the parent process is noticed" {
    run "${trial[@]}" --strategy wakeone --parent 1
    failed_in_one_line 1
    run sh -c '"$@" --parent $$; exit $?' sh "${trial[@]}" --strategy wakeone --warm-up-trial
    [ "$status" -eq 0 ]
}

@test "no row is appended to a file with other columns" {
    run "${trial[@]}" --strategy wakeone --out "$out"
    has_a_row
    sed -i 's/,nr_throttled,throttled_us//; 2s/,[^,]*,[^,]*$//' "$out/trials.csv" # as before these columns
    cp "$out/trials.csv" "$out/old.csv"
    run "${trial[@]}" --strategy wakeone --out "$out"
    failed_in_one_line 1
    [[ "$output" == *"$out/trials.csv has other columns than this trial"* ]]
    cmp "$out/trials.csv" "$out/old.csv"
}

# ---- CPU quotas ----

# make_group: sets group to a new control group with two groups in it, of cgroup v1 or v2. It has 1 ms of CPU time in 10 ms, less
# than one time slice: a process that is always runnable is throttled whenever it runs, however rarely a busy machine schedules it.
make_group() {
    local at
    at=$(awk '{ for (i = 7; $i != "-"; i++); v2 = $(i + 1) == "cgroup2"; options = "," $(i + 3) "," }
        $4 == "/" && ($(i + 1) == "cgroup" && index(options, ",cpu,") || v2 && system("grep -qsw cpu " $5 "/cgroup.subtree_control") == 0) {
            print $5; exit }' /proc/self/mountinfo)
    [ "$at" ] || skip "no control groups of CPU time here"
    group=$at/wakeone-test-$$-$BATS_TEST_NUMBER
    mkdir "$group" || skip "no control groups can be made here"
    mkdir "$group/a" "$group/b"
    if [ -e "$group/cpu.max" ]; then
        echo "1000 10000" >"$group/cpu.max"
    else
        echo 10000 >"$group/cpu.cfs_period_us"
        echo 1000 >"$group/cpu.cfs_quota_us"
    fi
}

teardown() {
    [ -z "${group:-}" ] || rmdir "$group/a" "$group/b" "$group"
}

# in_group NAME COMMAND...: in this inner group, below the one with the quota
in_group() {
    sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$group/$1" "${@:2}"
}

# bats test_tags=root
@test "a CPU quota of a parent group: the row has how often and how long it throttled, and the verdict" {
    make_group
    run in_group a "${trial[@]}" --strategy racing --window 500ms --out "$out"
    [ "$status" -eq 3 ]
    [ "$(field verdict)" = throttled ]
    [ "$(field nr_throttled)" -ge 2 ]
    [ "$(field throttled_us)" -gt 10000 ]
    # Threads that measure hiccups leave the group if it has no real-time budget.
    [ ! -e "$group/cpu.rt_runtime_us" ] || [[ "$(field hiccup_pct)" =~ ^[0-9.]+$ ]]
    rm "$out/trials.csv"
    run "${trial[@]}" --strategy racing --out "$out"
    [ "$(field verdict)" = throttled ] || [ "$(field nr_throttled)" = 0 ] || [ "$(field nr_throttled)" = "" ]
}

# bats test_tags=root
@test "a CPU quota of the server alone" {
    make_group
    own=$BATS_TEST_TMPDIR/own
    mkdir -p "$own/bin" "$own/epoll"
    cp "$build/bin/trial" "$own/bin"
    printf '#!/bin/sh\necho $$ >"%s/b/cgroup.procs"\nexec "%s" "$@"\n' "$group" "$build/epoll/racing" >"$own/epoll/racing"
    chmod +x "$own/epoll/racing"
    # The server exceeds it by its own work.
    run "$own/bin/trial" --strategy racing --workers 2 --window 500ms --warmup 100ms --out "$out" -- --service-us 200
    [ "$status" -eq 3 ]
    [ "$(field verdict)" = throttled ]
    [ "$(field nr_throttled)" -ge 1 ]
}

# bats test_tags=root
@test "a CPU quota outside of a container, whose groups are not visible" {
    make_group
    [ -e "$group/cpu.stat.local" ] || skip "needs cpu.stat.local: Linux 6.6"
    type="cgroup -o cpu"
    [ ! -e "$group/cpu.max" ] || type=cgroup2
    mkdir "$BATS_TEST_TMPDIR/mnt"
    hidden="umount -l '${group%/*}' && mount -t $type none '$BATS_TEST_TMPDIR/mnt' && exec \"\$@\""
    run in_group a unshare -m -C sh -c "$hidden" sh "${trial[@]}" --strategy racing --window 500ms --out "$out"
    [ "$status" -eq 3 ] || { echo "$output"; return 1; }
    [ "$(field verdict)" = throttled ]
    [ "$(field throttled_us)" -gt 10000 ]
}

# With a build of its own: other tests may be using the shared one.
# bats test_tags=slow
@test "kill -9 of a trial at any moment leaves no process for more than three seconds" {
    own=$BATS_TEST_TMPDIR/own met=0
    mkdir -p "$own/bin" "$own/epoll"
    cp "$build/bin/trial" "$own/bin"
    cp "$build/epoll/fdpass" "$own/epoll"
    for _ in $(seq 20); do
        "$own/bin/trial" --strategy fdpass --workers 4 --window 100ms --warmup 20ms --out "$out" >/dev/null 2>&1 3>&- &
        pid=$!
        sleep "0.$(printf %03d $((RANDOM % 200)))"
        met=$((met + $(pgrep -c -f "^$own/epoll/" || true)))
        kill -KILL $pid || true
        wait $pid || true
        end=$((SECONDS + 3))
        while pgrep -f "^$own/"; do
            [ $SECONDS -lt $end ]
            sleep 0.02
        done
    done
    [ $met -gt 0 ]
}
