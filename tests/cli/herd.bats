#!/usr/bin/env bats
# run.sh herd: one connection, recorded and drawn. Tests that need the BPF counter are root tests.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
load runs

bats_require_minimum_version 1.5.0

export BUILT=1 # use the existing build

needs_bpf() {
    "$build/bin/wakeups" -p $$ --instrument bpf --duration 10ms >/dev/null 2>&1 ||
        skip "counting in the kernel is not permitted here"
}

# woken STRATEGY: the number of processes that the connection woke, by the arrows in the trace
woken() {
    jq -s '[.[].traceEvents[] | select(.ph == "f") | .tid] | unique | length' "$out/$1.trace.json"
}

# bats test_tags=root
@test "one connection wakes all workers of racing and one of wakeone, in the trace, the table and the figure" {
    needs_bpf
    out=$BATS_TEST_TMPDIR/herd
    run ./run.sh herd --strategies racing,wakeone --workers 8 --tries 1 --out "$out"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = "picture: $out/herd.svg" ]
    [ "$(woken racing)" -eq 8 ]
    [ "$(woken wakeone)" -eq 1 ]
    # all of them ran, and the accepting worker is one of them
    jq -e '[.traceEvents[] | select(.name == "running" and .args.wakeup) | .tid] | unique | length == 8' "$out/racing.trace.json"
    jq -e '[.traceEvents[] | select(.name == "running" and .args.wakeup == "useful")] | length == 1' "$out/wakeone.trace.json"
    jq -e '[.traceEvents[] | select(.name == "accept" and .args.connection == 1)] | length == 1' "$out/racing.trace.json"
    [ "$(awk -F '\t' '$1 == "racing" && $3 == "woken"' "$out/herd.tsv" | wc -l)" -eq 8 ]
    [ "$(awk -F '\t' '$1 == "wakeone" && $3 == "woken"' "$out/herd.tsv" | wc -l)" -eq 1 ]
    grep -q '>racing: 8 of 8 woken, accepted after [0-9]* us<' "$out/herd.svg"
    grep -q '>wakeone: 1 of 8 woken, accepted after [0-9]* us<' "$out/herd.svg"
    grep -q "$(uname -r)" "$out/herd.svg"
    # a second time into the same directory
    run ./run.sh herd --out "$out"
    failed_in_one_line 2
}

# bats test_tags=root
@test "every strategy wakes as many as it declares" {
    needs_bpf
    local strategy wakes
    for strategy in $(available); do
        out=$BATS_TEST_TMPDIR/$strategy
        wakes=$("$build/epoll/$strategy" --describe | sed -n 's/^wakes: *//p')
        [ "$wakes" = n ] || [ "$wakes" = 1 ] || continue
        "$build/bin/selftest" --strategy "$strategy" --workers "$(workers_for "$strategy" 4)" --connections 1 --trace "$BATS_TEST_TMPDIR/$strategy.json" >/dev/null
        run jq '[.traceEvents[] | select(.ph == "X" and .name == "connection 1")][0].args.woken' "$BATS_TEST_TMPDIR/$strategy.json"
        echo "$strategy: $wakes: $output"
        [ "$output" -eq "$([ "$wakes" = n ] && workers_for "$strategy" 4 || echo 1)" ]
    done
}

@test "without the BPF counter: one line with the requirement" {
    run "$build/tests/deny" bpf ./run.sh herd --out "$BATS_TEST_TMPDIR/herd"
    failed_in_one_line 1
    [[ "$output" == *"cannot trace: "* ]]
    [ ! -e "$BATS_TEST_TMPDIR/herd" ]
}

@test "usage errors: one line" {
    local arguments
    for arguments in "--strategies nosuch" "--workers 0" "--workers x" "--tries 0" "--out" "--nonsense" "--draw $BATS_TEST_TMPDIR/none.tsv" \
        "--draw docs/herd.svg"; do
        # shellcheck disable=SC2086 # words
        run ./run.sh herd $arguments
        failed_in_one_line 2
    done
    echo nothing >"$BATS_TEST_TMPDIR/other.tsv"
    run ./run.sh herd --draw "$BATS_TEST_TMPDIR/other.tsv"
    failed_in_one_line 1
    [[ "$output" == *"expected a herd.tsv of this command"* ]]
}


@test "docs/herd.svg is drawn from docs/herd.tsv, small, complete and valid" {
    cp docs/herd.tsv "$BATS_TEST_TMPDIR/herd.tsv"
    ./run.sh herd --draw "$BATS_TEST_TMPDIR/herd.tsv"
    diff <(structure docs/herd.svg) <(structure "$BATS_TEST_TMPDIR/herd.svg")
    [ "$(wc -c <docs/herd.svg)" -lt 60000 ]
    xmllint --nonet --noout docs/herd.svg
    grep -q '^<title>What one connection wakes</title>$' docs/herd.svg
    refute grep -q "<title>gnuplot_plot_" docs/herd.svg
}

@test "the figure has the data of the table: woken, accepted, and strategies in its order" {
    printf '%s\n' '# machine: none' '# workers: 2' 'x	-	arrived	0	0	-' 'x	1	woken	2	2	-' 'x	2	woken	3	3	-' \
        'x	2	running	4	9	useful' 'x	2	accept	7	7	-' 'a	-	arrived	0	0	-' 'a	1	sleeping	-1000	10000	-' |
        sed 's/   */\t/g' >"$BATS_TEST_TMPDIR/herd.tsv"
    [ "$(awk -f harness/herd/counts.awk "$BATS_TEST_TMPDIR/herd.tsv")" = "2 2 7 1 0 -1" ]
    ./run.sh herd --draw "$BATS_TEST_TMPDIR/herd.tsv"
    grep -o '>[xa]: [^<]*' "$BATS_TEST_TMPDIR/herd.svg" >"$BATS_TEST_TMPDIR/panels"
    [ "$(cat "$BATS_TEST_TMPDIR/panels")" = ">x: 2 of 2 woken, accepted after 7 us
>a: 0 of 1 woken, not accepted" ]
}
