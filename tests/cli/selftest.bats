#!/usr/bin/env bats
# run.sh selftest and run.sh faults: expected counts, with the real servers.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

export BUILT=1 # use the existing build

# judge ORDER LEAST MOST DIRECTION WORKERS WAKEUPS LEAST_SEEN MOST_SEEN WINNERS [BY COUNTER, USEFUL, SPURIOUS,
# ABSORBED, BLOCKED]: checks one strategy, x, with 4 connections
judge() {
    [ $# -eq 14 ] || set -- "$@" - - - - -
    printf '%s\t%s\t%s\t%s\tx\t%s\t4\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@" | "$build/bin/selftest" --check
}

# Expected counts are exact; but without the wakeup counter, wakeups of a worker that waited for a page or a lock are also
# counted: a strategy with wrong counts is checked again, alone.
# counted OPTIONS...: selftest of all strategies
counted() {
    local wrong
    run "$build/tests/deny" bpf ./run.sh selftest "$@"
    wrong=$(sed -n '/WRONG/s/ .*//p' <<<"$output" | sort -u | paste -sd,)
    grep -v WRONG <<<"$output"
    [ -z "$wrong" ] || run "$build/tests/deny" bpf ./run.sh selftest "$@" --strategies "$wrong"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ -z "$wrong" ] || echo "$output"
}

@test "every strategy wakes as many as it declares, and the right workers, by context switches" {
    counted --workers 1,2,8 --connections 12 >"$BATS_TEST_TMPDIR/table"
    cat "$BATS_TEST_TMPDIR/table"
    grep -qE '^racing +8 +8\.00 +8\.00 +- +- +any' "$BATS_TEST_TMPDIR/table"
    grep -qE '^wakeone +8 +1\.00 +1\.00 +- +- +registered' "$BATS_TEST_TMPDIR/table"
    grep -qE '^fdpass +8 +2\.00 +2\.00 +- +- +numbered' "$BATS_TEST_TMPDIR/table"
    for strategy in $(all_strategies); do
        grep -qE "^$strategy\\s" "$BATS_TEST_TMPDIR/table"
    done
}

# bats test_tags=root
@test "every strategy wakes as many as it declares, and the right workers" {
    run ./run.sh selftest
    grep -v " ok$" <<<"$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c ' ok$' <<<"$output")" -eq "$(($(wc -l <<<"$output") - 1))" ]
    grep -qE '^racing +23 +23\.00 +23\.00 +(1\.00|-) ' <<<"$output"
    grep -qE '^wakeone +23 +1\.00 +1\.00 +(1\.00|-) +[0-9-]+ +registered +ok$' <<<"$output"
    grep -qE '^fdpass +23 +2\.00 +2\.00 +(2\.00|-) +[0-9-]+ +numbered +ok$' <<<"$output"
    for strategy in $(all_strategies); do
        grep -q "^$strategy " <<<"$output"
    done
}

@test "a wrong number of wakeups is detected, for any connection" {
    run judge any 1 1 - 2 4 1 1 0,1,0,1
    [ "$status" -eq 0 ]
    run judge any 1 1 - 2 5 1 2 0,1,0,1
    [ "$status" -eq 3 ]
    run judge any 1 1 - 2 3 0 1 0,1,0,1
    [ "$status" -eq 3 ]
    run judge any 2 8 - 8 20 2 8 0,1,0,1
    [ "$status" -eq 0 ]
}

@test "instruments that disagree are detected, and so are unclassified wakeups or too few useful ones" {
    run judge any 2 2 - 2 8 2 2 0,1,0,1 8 4 1 3 0
    [ "$status" -eq 0 ]
    run judge any 2 2 - 2 8 2 2 0,1,0,1 9 4 2 3 1
    [ "$status" -eq 0 ]
    for counts in "7 4 1 2 0" "9 4 2 3 0" "8 4 1 2 0" "8 3 2 3 0" "8 4 1 3 1"; do
        run judge any 2 2 - 2 8 2 2 0,1,0,1 $counts
        [ "$status" -eq 3 ]
        grep -q WRONG <<<"$output"
    done
}

# bats test_tags=root
# Two workers that accept at the same time on two CPUs sometimes contend for the lock of the listener.
@test "a worker that waits for a lock in the kernel is not counted as woken by a connection" {
    cpus=$(sed -n "s/^Cpus_allowed_list:\t//p" /proc/self/status)
    run "$build/bin/selftest" --strategy racing --workers 23 --connections 400 -- --cpus "$cpus"
    [ "$status" -eq 0 ]
    IFS=$'\t' read -r _ _ _ sum least most _ by_counter _ _ _ blocked <<<"$output"
    [ "$blocked" != - ] || skip "needs the wakeup counter"
    [ "$sum $least $most" = "9200 23 23" ]
    [ "$((by_counter - blocked))" -eq "$sum" ]
}

@test "an order is checked connection by connection" {
    for case in "registered - 0,0,0,0" "registered reversed 3,3,3,3" "fifo - 0,1,2,3" "fifo reversed 3,2,1,0" \
        "lifo - 3,2,3,2" "lifo reversed 0,1,0,1" "rotates - 0,1,2,3" "rotates reversed 3,2,1,0" \
        "numbered - 0,1,2,3" "numbered reversed 0,1,2,3" "latest - 3,3,3,3" "latest reversed 0,0,0,0"; do
        read -r order direction winners <<<"$case"
        run judge "$order" 1 1 "$direction" 4 4 1 1 "$winners"
        [ "$status" -eq 0 ]
        for wrong in 1,1,1,1 0,1,2,2 3,2,3,3 0,0,0,1 3,3,3,2 0,1,0,0; do
            [ "$wrong" != "$winners" ] || continue
            run judge "$order" 1 1 "$direction" 4 4 1 1 "$wrong"
            [ "$status" -eq 3 ]
            grep -q 'went to worker' <<<"$output"
        done
    done
}

@test "selftest: strategies that this kernel does not support are reported, and the others are tested" {
    run "$build/tests/deny" io_uring_setup ./run.sh selftest --strategies uring,wakeone --workers 2
    [ "$status" -eq 0 ]
    grep -q '^uring.*not available on this kernel' <<<"$output"
    grep -q '^wakeone .*ok$' <<<"$output"
}

@test "selftest and faults: usage errors are one line and status 2" {
    for words in "selftest --strategies nosuch" "selftest --workers 0" "selftest --connections x" "selftest word" \
        "selftest --strategies" "faults --faults nosuch" "faults --strategies nosuch" "faults --faults" "faults --workers 2"; do
        run ./run.sh $words
        failed_in_one_line 2
    done
    run "$build/bin/selftest"
    failed_in_one_line 2
    run "$build/bin/faults" --strategy wakeone --fault kill-holder
    failed_in_one_line 2
    [[ "$output" == *"this strategy has no lock"* ]]
}

# bats test_tags=slow
@test "every fault has its expected outcome with every strategy, and no process is left" {
    # How fast a process ends affects the outcome, and a leak sanitizer makes it slow.
    ASAN_OPTIONS=detect_leaks=0 run ./run.sh faults
    grep -v " ok: " <<<"$output" # what is not as known, should it fail
    [ "$status" -eq 0 ]
    for strategy in $(all_strategies); do
        grep -q "^$strategy  *kill-woken .* ok: " <<<"$output"
    done
    wait_until eval '[ -z "$(left_of_test)" ]'
}

# bats test_tags=slow
@test "faults: a fault injected too late on a busy machine is measured again, not checked" {
    local busy=()
    for _ in 1 2 3 4; do
        while :; do /bin/true; done &
        busy+=($!)
    done
    run ./run.sh faults --strategies fdpass,wakeone,wakeone-edge,shared,blocking --faults kill-woken
    kill "${busy[@]}"
    printf '%s\n' "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c ' kill-woken .* ok: ' <<<"$output")" -eq 5 ]
}

@test "an unexpected outcome is detected, and so is one without an expectation" {
    line() { printf 'wakeone\tkill-woken\t4\t36\t36\t0\t%s\t0\t0\t0\tyes\n' "$1"; }
    line 1 | "$build/bin/faults" --check harness/faults/known.tsv
    for wrong in 0 2; do
        run "$build/bin/faults" --check harness/faults/known.tsv < <(line $wrong)
        [ "$status" -eq 3 ]
        grep -q 'WRONG: stranded should be 1' <<<"$output"
    done
    run "$build/bin/faults" --check harness/faults/known.tsv < <(line 1 | sed s/kill-woken/nosuch/)
    [ "$status" -eq 3 ]
    run "$build/bin/faults" --check harness/faults/known.tsv --wrong-only < <(line 1; line 2)
    [ "$status" -eq 3 ]
    [ "$output" = "wakeone kill-woken" ]
}

@test "on PREEMPT_RT a worker that wakes another may cost two more wakeups; on no other kernel" {
    mkdir "$BATS_TEST_TMPDIR/tools"
    wakes=$("$build/epoll/mutex" --describe | sed -n 's/^wakes: *//p')
    for case in "#1 SMP PREEMPT_RT Debian 6.1:4" "#1 SMP PREEMPT_DYNAMIC Debian 6.1:2"; do
        printf '#!/bin/sh\necho "%s"\n' "${case%:*}" >"$BATS_TEST_TMPDIR/tools/uname"
        chmod +x "$BATS_TEST_TMPDIR/tools/uname"
        [ "$(PATH="$BATS_TEST_TMPDIR/tools:$PATH"; . harness/lib/common.sh; . harness/lib/strategies.sh; least_wakes "$wakes" 8; most_wakes "$wakes" 8)" = "2
${case##*:}" ]
    done
}
