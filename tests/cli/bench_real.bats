#!/usr/bin/env bats
# run.sh: real runs, interruptions, and errors during a run.

# SPDX-License-Identifier: BSD-2-Clause

load support

setup() {
    out=$BATS_TEST_TMPDIR/run
    quick="--rounds 1 --window 20ms --warmup 10ms"
    built all
}

# The running programs of this build, not of other checkouts
left_here() {
    pgrep -f "^$(printf %s "$build" | sed 's/[][\.*^$+?(){}|]/\\&/g')/(epoll|bin)/" || true
}

# bats test_tags=slow
@test "a bench writes a complete run: rows, workers, histograms, environment, summary, figures" {
    run_quiet anew "$out" ./run.sh bench $quick --rounds 2 --workers 2,4 --out "$out"
    done_or_noisy
    # a warm-up; four strategies and the A/A control, two numbers of workers, two rounds
    [ "$(wc -l <"$out/trials.csv")" -eq 22 ]
    [ "$(ls "$out/hist" | wc -l)" -eq 21 ]
    jq -e '.kernel and .cpu.model and .sysctls["net.core.somaxconn"]' "$out/env.json"
    [ "$(wc -l <"$out/summary.csv")" -eq 11 ]
    ls "$out"/figures/*.svg
    # the order of the rows is the order of the plan
    [ "$(cut -d, -f1,2,3,5 "$out/trials.csv" | tail -n +2 | tr , ' ')" = \
        "$(tail -n +2 "$out/plan.tsv" | cut -f1-4 | tr '\t' ' ')" ]
    # the paired ratio in summary.csv is that of its rows, if all samples are valid
    refute grep -q ",noisy$" "$out/trials.csv" || return 0
    ratio=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $(at["workers"]) == 4 { rps[$(at["strategy"]), $(at["round"])] = $(at["throughput_rps"]) }
        END { print exp((log(rps["wakeone", 1] / rps["racing", 1]) + log(rps["wakeone", 2] / rps["racing", 2])) / 2) }' \
        "$out/trials.csv")
    awk -F, -v want="$ratio" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $(at["strategy"]) == "wakeone" && $(at["workers"]) == 4 { d = $(at["ratio"]) - want; found = d < 1e-3 && d > -1e-3 }
        END { exit !found }' "$out/summary.csv"
}

# bats test_tags=root
@test "--wire adds rounds of their own, whose rows are in a file of their own" {
    run_quiet anew "$out" ./run.sh bench $quick --strategies racing,wakeone --rounds 2 --workers 2 --wire --out "$out"
    done_or_noisy
    grep -q 'Time to the first byte of the response' <<<"$output"
    [ "$(tail -n +2 "$out/plan.tsv" | cut -f2,20 | sort -u | tr '\t\n' ' ;')" = \
        "0 warm-up;1 measured;2 measured;3 wire;4 wire;" ]
    [ "$(wc -l <"$out/trials.csv")" -eq 8 ]
    [ "$(wc -l <"$out/wire.csv")" -eq 7 ]
    [ "$(wc -l <"$out/wire_summary.csv")" -eq 4 ]
    [ -s "$out/figures/wire.svg" ]
    # all rows are there already, and none is measured twice
    run ./run.sh bench --resume "$out"
    done_or_noisy
    [ "$(wc -l <"$out/trials.csv")" -eq 8 ]
    [ "$(wc -l <"$out/wire.csv")" -eq 7 ]
}

# bats test_tags=root
@test "--wire without permission to capture is reported before anything is measured" {
    [ "$(id -u)" -eq 0 ] || skip "takes root, to give up a capability"
    run setpriv --bounding-set -net_raw --inh-caps -net_raw --ambient-caps -net_raw \
        ./run.sh --no-install bench $quick --wire --out "$out"
    [ "$status" -eq 1 ]
    [[ "$output" == *"CAP_NET_RAW"*"leave out --wire"* ]]
    [ ! -e "$out" ]
}

# bats test_tags=slow
@test "a configuration that needs too many descriptors is skipped, the others are measured; status 3" {
    run bash -c "ulimit -n 150; ./run.sh bench $quick --strategies racing,fdpass --workers 2,100 --out '$out'"
    [ "$status" -eq 3 ]
    grep -q '^fdpass, 100 workers.fdpass: cannot make a channel' "$out/skipped.tsv"
    [ "$(wc -l <"$out/trials.csv")" -eq 7 ]
}

# bats test_tags=slow
@test "a variant has rows and figures under its own name" {
    run_quiet anew "$out" ./run.sh bench $quick --strategies racing,wakeone-readd,shared-edge --workers 2 --out "$out"
    done_or_noisy
    [ "$(tail -n +2 "$out/trials.csv" | cut -d, -f5 | sort -u | tr '\n' ' ')" = "racing racing-again shared-edge wakeone-readd " ]
    grep -q '>wakeone-readd<' "$out/figures/throughput.svg"
}

# bats test_tags=slow
@test "reproduce.sh measures the plan again" {
    run ./run.sh bench $quick --strategies racing --workers 2 --seed 5 --out "$out"
    done_or_noisy
    run sh "$out/reproduce.sh" "$top" --no-compare --out "$out-again"
    done_or_noisy
    diff "$out/plan.tsv" "$out-again/plan.tsv"
    [ "$(wc -l <"$out-again/trials.csv")" -eq 4 ]
}

# bats test_tags=slow
@test "an interrupted bench keeps its samples, leaves no process, and continues with --resume" {
    setsid ./run.sh bench --rounds 2 --window 20ms --warmup 150ms --workers 2 --out "$out" \
        >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    bench=$!
    wait_until eval '[ "$(cat "$out/trials.csv" 2>/dev/null | wc -l)" -ge 4 ]'
    kill -TERM $bench
    status=0
    wait $bench || status=$?
    [ "$status" -eq 1 ]
    grep -q -- "--resume $out" "$BATS_TEST_TMPDIR/stderr"
    wait_until nobody_lives_in "$bench"
    cp "$out/trials.csv" "$BATS_TEST_TMPDIR/before.csv"
    # and a machine that crashed while writing
    printf '99,1,1,vm,rac' >>"$out/trials.csv"
    printf '98,racing,2,0,worker,1,1,1,1,0,0,0,1.0\n' >>"$out/workers.csv"
    run ./run.sh bench --resume "$out"
    done_or_noisy
    [ "$(wc -l <"$out/trials.csv")" -eq 12 ]
    [ "$(cut -d, -f1 "$out/trials.csv" | sort -u | wc -l)" -eq 12 ]
    [ "$(head -n "$(wc -l <"$BATS_TEST_TMPDIR/before.csv")" "$out/trials.csv")" = "$(cat "$BATS_TEST_TMPDIR/before.csv")" ]
    refute grep -q '^98,' "$out/workers.csv"
    run ./run.sh bench --resume "$out"
    done_or_noisy
    [ "$(wc -l <"$out/trials.csv")" -eq 12 ]
}

# bats test_tags=slow
@test "Ctrl-C on a terminal's process group does the same" {
    # a terminal sends SIGINT to every process of the group, so it must not be ignored
    env --default-signal=INT setsid ./run.sh bench --window 300ms --workers 2 --out "$out" \
        >/dev/null 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    bench=$!
    wait_until eval '[ "$(cat "$out/trials.csv" 2>/dev/null | wc -l)" -ge 2 ]'
    kill -INT -- -$bench
    status=0
    wait $bench || status=$?
    [ "$status" -eq 1 ]
    [ "$(grep -c interrupted "$BATS_TEST_TMPDIR/stderr")" -eq 1 ]
    wait_until eval '[ -z "$(pgrep -f -- "--out $out")" ]'
}

# A bench in which one worker is killed in mid-window, and its rows; the window is long, since finding the worker takes time
bench_with_a_death() {
    rm -rf "$out"
    ./run.sh bench --rounds 1 --window 2s --warmup 10ms --strategies wakeone --workers 2,3 --out "$out" \
        >/dev/null 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    local bench=$! trial supervisor worker status=0
    # not the warm-up, which may take long to end, nor a child that is about to become the server
    wait_until eval 'trial=$(pgrep -o -f "bin/trial .*--out $out .*--trial 2 ")'
    wait_until eval 'supervisor=$(pgrep -P "$trial")'
    wait_until eval 'worker=$(pgrep -P "$supervisor" | head -n 1)'
    sleep 0.2
    kill -KILL "$worker"
    wait $bench || status=$?
    cat "$out/trials.csv"
    return "$status"
}

# bats test_tags=slow
@test "a server that dies in mid-window gives an invalid sample; the run continues; status 3" {
    run_quiet bench_with_a_death
    [ "$status" -eq 3 ]
    [ "$(grep -c ',server-died$' "$out/trials.csv")" -eq 1 ]
    [ "$(grep -c ',\(ok\|noisy\)$' "$out/trials.csv")" -eq 3 ]
}

# bats test_tags=root
@test "a full disk: one line and status 1, and the samples so far are complete" {
    unshare --mount --map-root-user true || skip "no mount namespace here"
    mkdir "$BATS_TEST_TMPDIR/disk"
    run unshare --mount --map-root-user sh -c "
        mount -t tmpfs -o size=320k tmpfs '$BATS_TEST_TMPDIR/disk' || exit 99
        ./run.sh bench --rounds 9 --window 50ms --warmup 10ms --workers 2 --out '$BATS_TEST_TMPDIR/disk/run' 2>'$BATS_TEST_TMPDIR/stderr'
        status=\$?
        cp '$BATS_TEST_TMPDIR/disk/run/trials.csv' '$BATS_TEST_TMPDIR/trials.csv'
        exit \$status"
    [ "$status" -ne 99 ] || skip "no tmpfs can be mounted here"
    [ "$status" -eq 1 ]
    grep -q 'No space left on device' "$BATS_TEST_TMPDIR/stderr"
    grep -q -- '--resume' "$BATS_TEST_TMPDIR/stderr"
    [ "$(awk -F, '{ print NF }' "$BATS_TEST_TMPDIR/trials.csv" | sort -u | wc -l)" -eq 1 ]
    [ "$(tail -c 1 "$BATS_TEST_TMPDIR/trials.csv" | wc -l)" -eq 1 ]
}

# Processes to kill: the shell, its helpers, a trial, a supervisor, a worker; one process ID a line.
parts_of_bench() {
    local trial supervisor
    pgrep -s "$bench" || true
    for trial in $(pgrep -f -- "bin/trial .*--out $out"); do
        for supervisor in $(pgrep -P "$trial"); do
            echo "$supervisor"
            pgrep -P "$supervisor" || true
        done
    done
}

# bats test_tags=slow
@test "kill -9 of any process at 50 random moments: no orphan, no incomplete row, and the run is completed" {
    export TMPDIR=$BATS_TEST_TMPDIR # killed processes leave temporary files
    words="--rounds 12 --window 10ms --warmup 5ms --workers 4 --strategies racing,wakeone --no-figures --out $out"
    setsid ./run.sh bench $words >/dev/null 2>&1 3>&- &
    bench=$!
    killed=0
    wait_until test -s "$out/plan.tsv"
    for moment in $(seq 50); do
        sleep 0.0$((RANDOM % 10))
        victim=$(parts_of_bench | shuf -n 1)
        [ -z "$victim" ] || { kill -KILL "$victim" 2>/dev/null && killed=$((killed + 1)); } || true
        sleep 0.05
        if [ -z "$(pgrep -s $bench)" ]; then
            wait $bench || true
            wait_until eval '[ -z "$(pgrep -f -- "--out $out")" ] && [ -z "$(left_here)" ]'
            # a run whose plan was not written starts again
            if [ -s "$out/reproduce.sh" ] && [ -s "$out/plan.tsv" ]; then
                setsid ./run.sh bench --resume "$out" >/dev/null 2>&1 3>&- &
            else
                rm -rf "$out"
                setsid ./run.sh bench $words >/dev/null 2>&1 3>&- &
            fi
            bench=$!
        fi
    done
    [ "$killed" -ge 30 ]
    wait $bench || true
    wait_until eval '[ -z "$(pgrep -f -- "--out $out")" ] && [ -z "$(left_here)" ]'
    run ./run.sh bench --resume "$out"
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] # a killed worker makes its sample invalid
    [ "$(wc -l <"$out/trials.csv")" -eq "$(wc -l <"$out/plan.tsv")" ]
    [ "$(cut -d, -f1 "$out/trials.csv" | sort | uniq -d)" = "" ]
    [ "$(awk -F, '{ print NF }' "$out/trials.csv" | sort -u | wc -l)" -eq 1 ]
    [ "$(awk -F, 'NR > 1 { print $1 "," $4 }' "$out/workers.csv" | sort | uniq -d)" = "" ]
    for row in $(awk -F, 'NR > 1 && $NF == "ok" { print $1 }' "$out/trials.csv"); do
        [ "$(grep -c 'Percentile' "$out/hist/$row.hgrm")" -eq 1 ] # complete, and written once
    done
}

# done_or_busy DIR: the run was completed. Samples on a busy machine may be invalid: the status is 3 only if there are such samples,
# with no other verdict.
done_or_busy() {
    [ "$status" -ne 0 ] || return 0
    [ "$status" -eq 3 ] && awk -F, 'NR > 1 && $NF !~ /^(ok|warm-up)$/ { n++; busy += $NF ~ /^(noisy|throttled|client-bound)$/ }
        END { exit !n || busy < n }' "$1/trials.csv" || { echo "status $status: $output"; return 1; }
}

# bats test_tags=slow
@test "headline: two measurements, no failed request of ab, the samples are kept" {
    run ./run.sh headline --rounds 2 --count 400 --workers 4 --out "$out"
    done_or_busy "$out"
    grep -q 'times faster than' "$out/headline.txt"
    grep -q '95 % interval' "$out/headline.txt"
    [ "$(jq '.results | length' "$out/hyperfine.json")" -eq 2 ]
    [ "$(jq '[.results[].times | length] | unique[]' "$out/hyperfine.json")" -eq 2 ]
    grep -q '^Failed requests: *0$' "$out/ab-wakeone.txt"
    wait_until eval '[ -z "$(left_here)" ]' # workers end after the supervisor
}
