#!/usr/bin/env bats
# The experiment engine, on a made-up machine that needs no time (fake_trial.c): plans, rounds, resuming,
# precision, caps, and what is made of the rows.
# Measures nothing.

load support

setup() {
    out=$BATS_TEST_TMPDIR/run
    built "$build"/bin/{stats,placement} "$build/tests/fake_trial"
    export WAKEONE_EXECUTOR=$build/tests/fake_trial
    quick="--no-figures --workers 8 --strategies racing,wakeone"
}

# column NAME [FILE]: of all rows of trials.csv but the warm-up
column() {
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $(at["verdict"]) != "warm-up" { print $(at[name]) }' "${2:-$out/trials.csv}"
}

# of_summary STRATEGY NAME
of_summary() {
    awk -F, -v strategy="$1" -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $1 == strategy { print $(at[name]) }' "$out/summary.csv"
}

# plan OPTIONS: the lines of a dry run
plan() {
    ./run.sh bench --dry-run "$@" 2>/dev/null | tail -n +2
}

# near VALUE EXPECTED TOLERANCE
near() {
    awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { exit !(a != "" && a - b <= t && b - a <= t) }' ||
        { echo "$1 is not $2 +- $3"; return 1; }
}

@test "the made-up trial has the columns of the real one" {
    run "$build/bin/trial" --strategy racing --workers 1 --window 10ms --warmup 1ms
    real=${lines[0]}
    mkdir -p "$out/hist"
    "$build/tests/fake_trial" --out "$out" --as racing
    [ "$(head -n 1 "$out/trials.csv")" = "$real" ]
}

# ---- the plan ----

@test "the plan: every cell once a round, cells to be compared side by side, same seed same order" {
    plan=$(plan --rounds 3 --workers 2,8..32x2 --connections 4,16 | awk -F '\t' '$20 == "measured"')
    cells=$((5 * 4 * 2)) # four strategies and the reference again, workers, connections
    [ "$(wc -l <<<"$plan")" -eq $((3 * cells)) ]
    [ "$(cut -f2,4,7,12 <<<"$plan" | sort -u | wc -l)" -eq $((3 * cells)) ]
    [ "$(cut -f1 <<<"$plan")" = "$(seq 2 $((3 * cells + 1)))" ]
    [ "$(cut -f2,7,12 <<<"$plan" | uniq | wc -l)" -eq $((3 * 4 * 2)) ]
    # the rounds differ in order, seeds differ, and a seed is a seed
    [ "$(awk '$2 == 1' <<<"$plan" | cut -f4,7,12)" != "$(awk '$2 == 2' <<<"$plan" | cut -f4,7,12)" ]
    [ "$(plan --rounds 3 --workers 2,8..32x2 --connections 4,16 | tail -n +2)" = "$plan" ]
    [ "$(plan --rounds 3 --workers 2,8..32x2 --connections 4,16 --seed 7 | cut -f1-4)" != "$(cut -f1-4 <<<"$plan")" ]
}

@test "a plan of more rounds begins as one of fewer" {
    plan --rounds 3 --workers 2,8 >"$BATS_TEST_TMPDIR/three"
    plan --rounds 7 --workers 2,8 >"$BATS_TEST_TMPDIR/seven"
    [ "$(head -n "$(wc -l <"$BATS_TEST_TMPDIR/three")" "$BATS_TEST_TMPDIR/seven")" = "$(cat "$BATS_TEST_TMPDIR/three")" ]
}

@test "the plan's order is fair: over many rounds each strategy is first about as often" {
    plan=$(plan --rounds 400 --workers 8)
    for strategy in racing racing-again wakeone fdpass mutex; do
        first=$(awk -v s=$strategy '$3 == 1 && $4 == s && $2 > 0' <<<"$plan" | wc -l)
        # binomial(400, 1/5): 80 +- 5 standard deviations
        [ "$first" -gt 40 ] && [ "$first" -lt 120 ]
    done
}

@test "the first trial is a warm-up, and the reference is there twice in each block" {
    plan=$(plan --rounds 2 --workers 2,8 --strategies wakeone,fdpass --reference fdpass)
    [ "$(head -n 1 <<<"$plan" | cut -f2,4,20)" = "0	fdpass	warm-up" ]
    [ "$(awk -F '\t' '$4 == "fdpass-again" && $5 == "fdpass"' <<<"$plan" | wc -l)" -eq 4 ]
}

@test "axes in proportion to the CPUs, rates instead of connections, threads by the client's CPUs" {
    export HWLOC_SYNTHETIC="node:2 core:4 pu:1"
    plan=$(plan --rounds 1 --strategies racing --cpus 2..8x2 --split half --workers 2/cpu,3 --connections 4/cpu)
    [ "$(awk -F '\t' '$20 == "measured" { print $7, $8, $9, $10, $11, $12 }' <<<"$plan" | sort -u)" = "$(sort <<'END'
4 2 0 1 1 8
3 2 0 1 1 8
8 4 0-1 2-3 2 16
3 4 0-1 2-3 2 16
16 8 0-3 4-7 4 32
3 8 0-3 4-7 4 32
END
)" ]
    unset HWLOC_SYNTHETIC
    plan=$(plan --rounds 1 --strategies racing --workers 8 --rate 100,200 --arrivals poisson)
    [ "$(awk -F '\t' '$20 == "measured" { print $12, $13, $19 }' <<<"$plan" | sort -u)" = "- 100 --arrivals poisson
- 200 --arrivals poisson" ]
}

@test "a dry run says how long it will take and does nothing" {
    run ./run.sh bench --dry-run --rounds 5 --out "$out"
    [ "$status" -eq 0 ]
    grep -q '^100 trials: 20 a round, about ' <<<"$output"
    [ ! -e "$out" ]
}

@test "axes that multiply to a year, or a cap that holds no round, are words that are wrong" {
    run ./run.sh bench --workers 1..900 --connections 1..100 --rounds 1000 --out "$out"
    failed_in_one_line 2
    run ./run.sh bench --rounds 10000 --window 10s --out "$out"
    failed_in_one_line 2
    [[ "$output" == *" days: "* ]]
    run ./run.sh bench --window 10s --max-time 20s --out "$out"
    failed_in_one_line 2
    [[ "$output" == *"one round takes about"* ]]
    [ ! -e "$out" ]
}

@test "contradictions and wrong words: one line, status 2, nothing made" {
    for words in "--rate 100 --connections 4" "--arrivals poisson" "--rate 100 --arrivals evenly" "--split third" \
        "--split 0:0 --cpus 2" "--precision 0" "--precision x%" "--precision 2" "--precision 2% --rounds 1" \
        "--reference nosuch" "--reference fdpass --strategies racing" "--max-time 1" "--threads 0" "--threads two" \
        "--workers 4/core" "--workers 0/cpu" "--rate 4/cpu" "--cpus 0" "--also x" "--also =racing" "--also X=racing" \
        "--also racing=wakeone" "--also x=nosuch" "--also x-again=racing" "--also x=racing;ls" "--load" "--resume"; do
        run ./run.sh bench $words --out "$out"
        failed_in_one_line 2
        [ ! -e "$out" ]
    done
    run ./run.sh bench --cpus 4096 --out "$out"
    failed_in_one_line 2
    run ./run.sh bench --workers "" --out "$out"
    failed_in_one_line 2
}

# ---- running ----

@test "a run has each trial of its plan once, in its order; the warm-up is in no figure" {
    run ./run.sh bench $quick --rounds 3 --seed 4 --out "$out"
    [ "$status" -eq 0 ]
    [ "$(tail -n +2 "$out/trials.csv" | cut -d, -f1,2,3,5 | tr , ' ')" = \
        "$(tail -n +2 "$out/plan.tsv" | cut -f1-4 | tr '\t' ' ')" ]
    [ "$(column trial | wc -l)" -eq 9 ]
    [ "$(of_summary racing ok)" = 3 ]
    [ "$(of_summary racing trials)" = 3 ]
}

@test "a server with options has a name of its own" {
    run ./run.sh bench $quick --rounds 2 --also "slow=wakeone --service-us 5" --also "quick=fdpass" --out "$out"
    [ "$status" -eq 0 ]
    [ "$(column strategy | sort | uniq -c | tr -s ' ' | tr '\n' ';')" = \
        " 2 quick; 2 racing; 2 racing-again; 2 slow; 2 wakeone;" ]
    grep -q '^slow	.*	wakeone --service-us 5	-$' "$out/strategies.tsv"
}

@test "rows that are not ok are left out, and take their pairs with them; status 3" {
    FAKE_VERDICT=wakeone:noisy run ./run.sh bench $quick --rounds 2 --out "$out"
    [ "$status" -eq 3 ]
    [ "$(of_summary wakeone ok)" = 0 ]
    [ "$(of_summary wakeone ratio)" = "" ]
    [ "$(of_summary racing-again pairs)" = 2 ]
}

@test "killed with -9 again and again, a run has no row twice, none lost, and the same order" {
    export FAKE_MS=5
    ./run.sh bench $quick --rounds 20 --seed 3 --out "$out-whole" >/dev/null 2>&1
    setsid ./run.sh bench $quick --rounds 20 --seed 3 --out "$out" >/dev/null 2>&1 3>&- &
    bench=$!
    wait_until test -s "$out/trials.csv"
    for _ in 1 2 3 4 5 6; do
        sleep 0.$((RANDOM % 3))$((RANDOM % 10))
        kill -KILL -- -$bench 2>/dev/null || true
        wait $bench || true
        printf '%s' "12,3,half a ro" >>"$out/trials.csv"
        setsid ./run.sh bench --resume "$out" >/dev/null 2>&1 3>&- &
        bench=$!
    done
    wait $bench
    diff "$out/plan.tsv" "$out-whole/plan.tsv"
    # the made-up machine gives each trial the same figures whenever it is run
    FAKE_MS=0 ./run.sh bench --resume "$out" >/dev/null 2>&1
    diff "$out/trials.csv" "$out-whole/trials.csv"
    [ "$(cut -d, -f1 "$out/workers.csv" | sort | uniq -d)" = "" ]
}

@test "a directory with a blank in its name is a directory" {
    run ./run.sh bench $quick --rounds 2 --out "$BATS_TEST_TMPDIR/a run"
    [ "$status" -eq 0 ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/a run/trials.csv")" -eq 8 ]
    run ./run.sh bench --resume "$BATS_TEST_TMPDIR/a run"
    [ "$status" -eq 0 ]
    run ./run.sh reproduce "$BATS_TEST_TMPDIR/a run" --no-compare --out "$BATS_TEST_TMPDIR/another run"
    [ "$status" -eq 0 ]
}

@test "two at work in one directory: the second one waits, and says so" {
    FAKE_MS=300 setsid ./run.sh bench $quick --rounds 50 --out "$out" >/dev/null 2>&1 3>&- &
    bench=$!
    wait_until test -s "$out/trials.csv"
    run timeout 60 ./run.sh bench --resume "$out"
    failed_in_one_line 1
    [[ "$output" == *"another bench is at work"* ]]
    kill -TERM $bench
    wait $bench || true
}

@test "--max-time ends a run between trials, says what is left, and it goes on later" {
    FAKE_MS=100 run ./run.sh bench $quick --window 10ms --warmup 1ms --rounds 40 --max-time 2s --out "$out"
    [ "$status" -eq 3 ]
    grep -q 'max-time 2s was over with [0-9]* of 121 trials not run' <<<"$output"
    rows=$(wc -l <"$out/trials.csv")
    [ "$rows" -lt 100 ]
    run ./run.sh bench --resume "$out" --max-time 5m
    [ "$status" -eq 0 ]
    [ "$(wc -l <"$out/trials.csv")" -eq 122 ]
}

@test "--precision adds rounds until every interval is narrow enough, whole blocks at a time" {
    FAKE_SD=0.04 run ./run.sh bench $quick --workers 2,8 --rounds 4 --precision 1% --out "$out"
    [ "$status" -eq 0 ]
    for smallest in $(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR > 1 && $(at["ratio"]) != "" { print $(at["smallest"]) }' "$out/summary.csv"); do
        awk -v s=$smallest 'BEGIN { exit !(s > 0 && s <= 0.01) }'
    done
    # sd of a ratio 0.057: (1.96 * 0.057 / 0.01) ^ 2 is about 120 rounds
    rounds=$(of_summary wakeone ok | sort -n | tail -n 1)
    [ "$rounds" -gt 60 ] && [ "$rounds" -lt 260 ]
    # every block of a round is whole
    [ "$(tail -n +2 "$out/plan.tsv" | awk -F '\t' '$2 > 0' | cut -f2,7 | sort | uniq -c | awk '{ print $1 }' | sort -u)" = 3 ]
    # and it is all there when it goes on
    run ./run.sh bench --resume "$out"
    [ "$status" -eq 0 ]
}

@test "--precision that cannot be had in the time says which cells and how long it would take; status 3" {
    FAKE_MS=20 FAKE_SD=0.3 run ./run.sh bench $quick --window 10ms --warmup 1ms --rounds 3 --precision 0.5% --max-time 3s --out "$out"
    [ "$status" -eq 3 ]
    grep -q 'after 3s these intervals are wider than 0.5%' <<<"$output"
    grep -q "wakeone|8|$(nproc)|16|-|1: [0-9.]* % after [0-9]* rounds; it would take about [0-9]* minutes more" <<<"$output"
}

# ---- what is made of the rows ----

@test "order: on a machine that drifts by 30 % the paired ratio is right, one after the other is not" {
    export FAKE_DRIFT=0.3 FAKE_TRIALS=121 FAKE_SLOW=wakeone:0.9
    ./run.sh bench $quick --rounds 40 --out "$out" >/dev/null 2>&1
    near "$(of_summary wakeone ratio)" 0.9 0.009
    near "$(of_summary racing-again ratio)" 1 0.01
    # the same machine, all of one and then all of the other, as one does by hand
    mkdir -p "$out-by-hand/hist"
    for trial in $(seq 120); do
        [ "$trial" -le 60 ] && name=racing || name=wakeone
        "$WAKEONE_EXECUTOR" --out "$out-by-hand" --trial "$trial" --as $name
    done
    ratio=$(awk -F, '$5 != "strategy" { print "x\t" $5 "\t" $22 }' "$out-by-hand/trials.csv" |
        "$build/bin/stats" --unpaired --base racing | cut -f9)
    awk -v r="$ratio" 'BEGIN { exit !(r < 0.9 * 0.9) }'
}

@test "the noise floor: what the reference differs from itself by is not claimed of others" {
    FAKE_SD=0.01 FAKE_SLOW=racing-again:0.92 run ./run.sh bench $quick --also "slow=wakeone" --rounds 30 --out "$out"
    [ "$(of_summary racing-again outcome)" = less ]
    [ "$(of_summary slow outcome)" = none ]
    FAKE_SD=0.01 FAKE_SLOW=wakeone:0.95 run ./run.sh bench $quick --rounds 30 --out "$out-2"
    out=$out-2
    [ "$(of_summary wakeone outcome)" = less ]
    # 5 % slower, on a machine where the same against itself differs by 8 %
    sed 's/racing-again,\(.*\),\(20[0-9.]*\),/&/' "$out/trials.csv" >/dev/null
    awk -F, -v OFS=, 'NR > 1 && $5 == "racing-again" { $22 *= 0.92 } { print }' "$out/trials.csv" >"$out/t" && mv "$out/t" "$out/trials.csv"
    harness/stats/summarise.sh "$out" >"$BATS_TEST_TMPDIR/table"
    [ "$(of_summary wakeone outcome)" = floor ]
    [[ "$(of_summary wakeone sentence)" == *"not claimed"* ]]
    grep -q '^wakeone .*below the noise' "$BATS_TEST_TMPDIR/table"
}

@test "A/A: of 400 comparisons about 5 % are called different" {
    export FAKE_SD=0.1 FAKE_HISTOGRAM=0
    ./run.sh bench --no-figures --strategies racing --workers 1..20 --connections 1..20 --rounds 6 --out "$out" >/dev/null 2>&1
    different=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $(at["outcome"]) ~ /^(more|less)$/' "$out/summary.csv" | wc -l)
    # binomial(400, 0.05): 20 +- 4 standard deviations
    [ "$different" -ge 3 ] && [ "$different" -le 38 ]
}

@test "scale: speed-up by CPUs against the ideal" {
    export HWLOC_SYNTHETIC="core:8 pu:1"
    FAKE_SCALE=0.5 run ./run.sh scale --strategies racing,wakeone --cpus 2,8 --rounds 3 --out "$out"
    [ "$status" -eq 0 ]
    # four times the CPUs, twice the throughput
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $(at["cpus"]) == 8 && $(at["strategy"]) == "wakeone" && $(at["workers_asked"]) == "2/cpu" {
            found = $(at["workers"]) == 16 && $(at["ideal"]) == 4 && $(at["speedup"]) == 2 && $(at["efficiency"]) == 0.5
        }
        END { exit !found }' "$out/scale.csv"
    ls "$out"/figures/scale*.svg
    grep -q 'on 8 CPUs: server on 0-3, client on 4-7' <<<"$output"
}

@test "a table of 100,000 rows is summarised without losing one" {
    mkdir -p "$out/hist"
    "$WAKEONE_EXECUTOR" --out "$out" --trial 0 --as racing || true
    head -n 1 "$out/trials.csv" >"$out/head"
    awk -F, -v OFS=, 'NR == 2 {
        for (i = 1; i <= 100000; i++) {
            $1 = i; $2 = int((i - 1) / 1000) + 1; $5 = i % 2 ? "racing" : "wakeone"; $7 = int(i / 2) % 500 + 1
            print
        }
    }' "$out/trials.csv" >"$out/rows"
    cat "$out/head" "$out/rows" >"$out/trials.csv"
    run harness/stats/summarise.sh "$out"
    [ "$status" -eq 0 ]
    [ "$(awk -F, 'NR > 1 { n += $9 } END { print n }' "$out/summary.csv")" -eq 100000 ]
}

# ---- files that somebody has changed ----

@test "a plan that was changed or cut is named with line and column; nothing is run" {
    ./run.sh bench $quick --rounds 2 --out "$out" >/dev/null 2>&1
    cp "$out/plan.tsv" "$BATS_TEST_TMPDIR/plan"
    spoil() {
        awk -F '\t' -v OFS='\t' "$1" "$BATS_TEST_TMPDIR/plan" >"$out/plan.tsv"
        run ./run.sh bench --resume "$out"
        failed_in_one_line 2
        [[ "$output" == *"line $2"* ]]
    }
    spoil 'NR == 3 { $7 = "many" } { print }' "3: column 7"
    spoil 'NR == 4 { $4 = "../x" } { print }' "4: column 4"
    spoil 'NR == 4 { NF = 9 } { print }' "4: 9 fields"
    spoil 'NR == 5 { $1 = 2 } { print }' "5: column 1"
    spoil 'NR == 1 { $2 = "x" } { print }' "1: column 2"
    spoil 'NR == 1 { print }' "1: there is no trial"
    rm "$out/plan.tsv"
    run ./run.sh bench --resume "$out"
    failed_in_one_line 2
}

@test "rows that were changed are named with line and column" {
    ./run.sh bench $quick --rounds 2 --out "$out" >/dev/null 2>&1
    cp "$out/trials.csv" "$BATS_TEST_TMPDIR/rows"
    awk -F, -v OFS=, 'NR == 4 { $22 = "fast" } { print }' "$BATS_TEST_TMPDIR/rows" >"$out/trials.csv"
    run harness/stats/summarise.sh "$out"
    failed_in_one_line 1
    [[ "$output" == *"line 4: 'fast' is no throughput_rps"* ]]
    awk -F, -v OFS=, 'NR == 5 { NF = 7 } { print }' "$BATS_TEST_TMPDIR/rows" >"$out/trials.csv"
    run harness/stats/summarise.sh "$out"
    failed_in_one_line 1
    [[ "$output" == *"line 5: 7 fields"* ]]
}

@test "reproduce measures the plan again, whatever the run's own script says, and compares" {
    ./run.sh bench $quick --rounds 4 --seed 9 --also "slow=wakeone --service-us 5" --out "$out" >/dev/null 2>&1
    echo "touch '$BATS_TEST_TMPDIR/executed'" >>"$out/reproduce.sh"
    run ./run.sh reproduce "$out" --out "$out-again"
    [ "$status" -eq 0 ]
    diff "$out/plan.tsv" "$out-again/plan.tsv"
    [ "$(column trial "$out-again/trials.csv" | wc -l)" -eq 16 ]
    [ ! -e "$BATS_TEST_TMPDIR/executed" ]
    run sh "$out-again/reproduce.sh" "$top" --no-compare --out "$out-third"
    [ "$status" -eq 0 ]
    diff "$out/plan.tsv" "$out-third/plan.tsv"
}

@test "reproduce takes no plan that reaches further than serving" {
    ./run.sh bench $quick --rounds 2 --out "$out" >/dev/null 2>&1
    for server in "racing --address 0.0.0.0" "racing --stats /etc/passwd" "racing --port 80"; do
        awk -F '\t' -v OFS='\t' -v server="$server" 'NR == 3 { $5 = server } { print }' "$out/plan.tsv" >"$out/p" && mv "$out/p" "$out/plan.tsv"
        run ./run.sh reproduce "$out" --out "$out-again"
        failed_in_one_line 2
        [ ! -e "$out-again" ]
    done
    run ./run.sh reproduce "$BATS_TEST_TMPDIR"
    failed_in_one_line 2
    run ./run.sh reproduce
    failed_in_one_line 2
}
