#!/usr/bin/env bats
# run.sh: its commands, a short real run, and errors before a run. Longer tests are in bench_real.bats.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

setup() {
    out=$BATS_TEST_TMPDIR/run
    quick="--rounds 1 --window 20ms --warmup 10ms"
    built all
}

@test "run.sh and each command print --help with an example, status 0" {
    run ./run.sh --help
    [ "$status" -eq 0 ]
    for command in bench headline plot; do
        grep -q "^  $command " <<<"$output"
    done
    for command in bench headline plot; do
        run ./run.sh $command --help
        [ "$status" -eq 0 ]
        refute grep -q shellcheck <<<"$output"
        grep -q '^example: ' <<<"$output"
    done
}

# Only counts and arithmetic are tested, so noisy samples do not matter.
@test "a bench writes a complete run: rows, workers, histograms, environment, summary" {
    run ./run.sh bench $quick --strategies racing,wakeone-readd --rounds 2 --workers 2 --no-figures --out "$out"
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
    # a warm-up; two strategies, one of them a variant, and the A/A control, two rounds; in the order of the plan
    [ "$(cut -d, -f1,2,3,5 "$out/trials.csv" | tail -n +2 | tr , ' ')" = \
        "$(tail -n +2 "$out/plan.tsv" | cut -f1-4 | tr '\t' ' ')" ]
    [ "$(tail -n +2 "$out/trials.csv" | cut -d, -f5 | sort | uniq -c | tr -s ' ' | tr '\n' ';')" = \
        " 3 racing; 2 racing-again; 2 wakeone-readd;" ]
    [ "$(ls "$out/hist" | wc -l)" -eq 7 ]
    [ "$(awk -F, 'NR > 1 && $5 == "worker"' "$out/workers.csv" | wc -l)" -eq 14 ]
    jq -e '.kernel and .cpu.model and .sysctls["net.core.somaxconn"]' "$out/env.json"
    [ "$(cut -d, -f1 "$out/summary.csv" | paste -sd,)" = strategy,racing,racing-again,wakeone-readd ]
    # the paired ratio in summary.csv is that of its rows
    awk -F, 'FNR == 1 { for (i = 1; i <= NF; i++) at[FILENAME, $i] = i; next }
        NR == FNR && $at[FILENAME, "verdict"] == "ok" { rps[$at[FILENAME, "strategy"], $at[FILENAME, "round"]] = $at[FILENAME, "throughput_rps"] }
        NR != FNR && $1 == "wakeone-readd" {
            for (r = 1; r <= 2; r++) if (rps["racing", r] && rps[$1, r]) { sum += log(rps[$1, r] / rps["racing", r]); n++ }
            d = n ? $at[FILENAME, "ratio"] - exp(sum / n) : 0
            found = $at[FILENAME, "pairs"] + 0 == n + 0 && d < 1e-3 && d > -1e-3
        }
        END { exit !found }' "$out/trials.csv" "$out/summary.csv"
    # the table reports skipped rows, and a broken file is reported with its line
    sed -i '2,$s/,[a-z-]*$/,ok/; 2s/,ok$/,warm-up/; 3s/,ok$/,noisy/' "$out/trials.csv"
    run "$build/bin/runs" summary "$out"
    [ "$status" -eq 0 ]
    grep -q '1 of 2 samples invalid' <<<"$output"
    grep -q 'one pair' <<<"$output"
    sed -i '4s/,[^,]*$//' "$out/trials.csv"
    run "$build/bin/runs" summary "$out"
    failed_in_one_line 1
    [[ "$output" == *"trials.csv: line 4: "* ]]
}

@test "strategies that the kernel does not support, and configurations with too many workers, are skipped; the run reports it" {
    WAKEONE_EXECUTOR=$build/tests/fake_trial run "$build/tests/deny" io_uring_setup ./run.sh bench $quick --no-figures \
        --strategies uring,racing,iterative --workers 1,2 --out "$out"
    [ "$status" -eq 0 ]
    grep -q '^bench: uring is left out: not available on this kernel: io_uring' <<<"$output"
    grep -q '^uring.not available on this kernel: io_uring' "$out/skipped.tsv"
    [ "$(awk -F '\t' '$20 == "measured" { print $4, $7 }' "$out/plan.tsv" | sort | tr '\n' ';')" = \
        "iterative 1;racing 1;racing 2;racing-again 1;racing-again 2;" ]
    [ "$(wc -l <"$out/trials.csv")" -eq 7 ]
    run "$build/tests/deny" io_uring_setup ./run.sh bench $quick --strategies uring --out "$out-2"
    [ "$status" -eq 1 ]
}

@test "a file size limit is handled like a full disk: no incomplete file is left" {
    mkdir -p "$out/hist"
    run bash -c "ulimit -f 1; '$build/bin/trial' --strategy racing --workers 2 --window 100ms --out '$out'"
    [ "$status" -eq 1 ]
    [[ "${lines[-1]}" == *"cannot write $out"* ]]
    for file in "$out"/*.csv "$out"/hist/*; do
        [ ! -s "$file" ] || [ "$(tail -c 1 "$file" | wc -l)" -eq 1 ]
    done
}

# The options of bench: engine.bats
@test "an unknown option or command: one line, status 2" {
    while IFS= read -r words <&8; do
        run ./run.sh $words
        failed_in_one_line 2
    done 8<<'CASES'
bench --strategies nosuch
headline --rounds 1
headline --connections 0
headline --nonsense
peers --client-rounds x
reproduce --nonsense
nosuch
../run
CASES
    [ ! -e "$out" ]
}

@test "a results directory that exists, cannot be created, or is not a run: one line, status 2" {
    mkdir "$out"
    run ./run.sh bench $quick --out "$out"
    failed_in_one_line 2
    run ./run.sh bench $quick --out /proc/nowhere
    failed_in_one_line 2
    run ./run.sh bench --resume "$out"
    failed_in_one_line 2
    run ./run.sh bench --resume "$out" --rounds 3
    failed_in_one_line 2
}
