#!/usr/bin/env bats
# compare: runs side by side.

load support

setup() {
    make -s -C "$top" "$build/bin/stats" "$build/tests/fake_trial" >/dev/null
    export WAKEONE_EXECUTOR=$build/tests/fake_trial
    a=$BATS_TEST_TMPDIR/a b=$BATS_TEST_TMPDIR/b out=$BATS_TEST_TMPDIR/out
}

# make_run DIR [SECONDS LINE OF ENVIRONMENT...]: of racing, racing-again and wakeone, 2 and 8 workers
make_run() {
    local run=$1
    shift
    env FAKE_SD=0.02 "$@" ./run.sh bench --strategies racing,wakeone --workers 2,8 --rounds 12 --no-figures --out "$run" >/dev/null 2>&1
}

compare() {
    run ./run.sh compare "$@" --out "$out"
}

# set_fact RUN JQ-ASSIGNMENT
set_fact() {
    jq "$2" "$1/env.json" >"$1/env.new" && mv "$1/env.new" "$1/env.json"
}

# of CELL FIELD: of compare.csv
of() {
    awk -F, -v strategy="$1" -v workers="$2" -v name="$3" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $3 == strategy && $4 == workers { print $(at[name]) }' "$out/compare.csv"
}

median() {
    awk -F, -v strategy="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $(at["strategy"]) == strategy && $(at["workers"]) == 8 && $(at["verdict"]) == "ok" { print $(at["throughput_rps"]) }' \
        "$1/trials.csv" | datamash median 1
}

@test "the ratio is that of the medians, better is found, and the last line says so" {
    make_run "$a"
    make_run "$b" FAKE_SEED=2 FAKE_SLOW=wakeone:1.2
    compare "$a" "$b"
    [ "$status" -eq 0 ]
    awk -v have="$(of wakeone 8 ratio)" -v x="$(median "$b" wakeone)" -v y="$(median "$a" wakeone)" \
        'BEGIN { d = have - x / y; exit !(have != "" && d < 1e-3 && d > -1e-3) }'
    [ "$(of wakeone 8 judgement)" = better ] && [ "$(of racing 8 judgement)" = undecided ]
    grep -q '^throughput_rps: better: 2 (wakeone, 2 workers, 16 connections; wakeone, 8 workers' <<<"$output"
    grep -q 'Of 6 comparisons 0.3 would be called different by chance' <<<"$output"
    grep -q 'the weaker test' <<<"$output"
    grep -q 'the intervals are apart' <<<"$output"
    # the other way round it is worse
    rm -r "$out"
    compare "$b" "$a"
    [ "$(of wakeone 8 judgement)" = worse ]
}

@test "less is better for what costs, and neither for what is not known" {
    make_run "$a"
    make_run "$b" FAKE_SLOW=wakeone:1.2
    # the same figures under another name
    for run in "$a" "$b"; do
        sed -i '1s/throughput_rps/x/; 1s/latency_p99_us/throughput_rps/; 1s/,x,/,latency_p99_us,/' "$run/trials.csv"
    done
    compare "$a" "$b" --metric latency_p99_us
    [ "$(of wakeone 8 judgement)" = worse ]
    for run in "$a" "$b"; do
        sed -i '1s/latency_p99_us/connections_x/; 1s/throughput_rps/latency_p99_us/; 1s/connections_x/idle_workers_x/' "$run/trials.csv"
    done
    compare "$a" "$b" --metric idle_workers_x
    [ "$(of wakeone 8 judgement)" = different ]
}

@test "what is smaller than what the same differs from itself by is not claimed" {
    make_run "$a"
    make_run "$b" FAKE_SLOW=racing-again:0.7
    awk -F, -v OFS=, 'NR > 1 && $5 == "wakeone" { $22 *= 1.2 } { print }' "$b/trials.csv" >"$b/t" && mv "$b/t" "$b/trials.csv"
    compare "$a" "$b"
    [ "$(of wakeone 8 outcome)" = floor ] && [ "$(of wakeone 8 judgement)" = undecided ]
}

@test "of the environment only what differs is shown, and what makes it unfair is marked" {
    make_run "$a"
    cp -r "$a" "$b"
    compare "$a" "$b"
    grep -A2 '^What differs' <<<"$output" | grep -q nothing
    [[ "$output" == *"better: 0; worse: 0; undecided: 6."* ]]
    set_fact "$b" '.kernel = "7.2" | .cpu.model = "another" | .sysctls["net.core.somaxconn"] = "128"'
    compare "$a" "$b"
    grep -q '^    kernel$' <<<"$output"
    grep -q '^  ! cpu.model$' <<<"$output"
    grep -q '^  ! sysctls.net.core.somaxconn$' <<<"$output"
    grep -q '2 of these make it unfair' <<<"$output"
    refute grep -q 'boot_line' <<<"$output"
    rm "$b/env.json"
    compare "$a" "$b"
    [ "$status" -eq 0 ]
}

@test "three runs, each against the first" {
    make_run "$a"
    cp -r "$a" "$b"
    make_run "$a-3" FAKE_SLOW=wakeone:0.8
    compare "$a" "$b" "$a-3"
    [ "$status" -eq 0 ]
    grep -q '^throughput_rps of B / of A' <<<"$output" && grep -q '^throughput_rps of C / of A' <<<"$output"
    grep -q 'worse: 2 (C wakeone, 2 workers' <<<"$output"
}

@test "JSON, CSV, Markdown and figure say the same" {
    make_run "$a"
    make_run "$b" FAKE_SLOW=wakeone:1.2
    compare "$a" "$b"
    json=$(./run.sh compare "$a" "$b" --json --out "$out" 2>/dev/null)
    [ "$(jq -r '.cells[] | select(.strategy == "wakeone" and .workers == 8) | .ratio' <<<"$json")" = "$(of wakeone 8 ratio | sed 's/0*$//')" ]
    [ "$(jq '.within | length' <<<"$json")" -eq 4 ]
    grep -q "^| wakeone, 8 workers, 16 connections | $(printf %.3f "$(of wakeone 8 ratio)") " "$out/compare.md"
    grep -q '</svg>' "$out/forest.svg"
    cp "$out/forest.svg" "$BATS_TEST_TMPDIR/first.svg"
    compare "$a" "$b"
    cmp "$out/forest.svg" "$BATS_TEST_TMPDIR/first.svg"
}

@test "odd characters in a run of somebody else stay what they are" {
    make_run "$a"
    cp -r "$a" "$b"
    set_fact "$b" '.cpu.model = "a|b<script>`x`\u001b[31m\n\"q\"" | .host = "h|<b>"'
    compare "$a" "$b"
    [ "$status" -eq 0 ]
    refute grep -q $'\033' <<<"$output"
    jq -e . "$out/compare.json" >/dev/null
    refute grep -q '<script>' "$out/compare.md"
    grep -qF 'a\|b&lt;script>' "$out/compare.md"
    refute grep -q '<b>' "$out/forest.svg"
}

@test "runs of other columns, other plans, no run, the same run: refused in one line, unless --overlap" {
    make_run "$a"
    make_run "$b"
    compare "$a" "$a"
    failed_in_one_line 2
    compare "$a"
    failed_in_one_line 2
    compare "$a" "$BATS_TEST_TMPDIR"
    failed_in_one_line 2
    compare "$a" "$b" --metric nosuch
    failed_in_one_line 2
    compare "$a" "$b" --metric 'x;ls'
    failed_in_one_line 2
    sed -i '1s/hiccup_pct/other/' "$b/trials.csv"
    compare "$a" "$b"
    failed_in_one_line 2
    [[ "$output" == *hiccup_pct*other*--overlap* ]]
    compare "$a" "$b" --overlap
    [ "$status" -eq 0 ]
    cp "$a/trials.csv" "$b/trials.csv"
    sed -i 's/50ms/60ms/' "$b/plan.tsv"
    compare "$a" "$b"
    failed_in_one_line 2
    [[ "$output" == *window*--overlap* ]]
    cp "$a/plan.tsv" "$b/plan.tsv"
    awk -F, 'NR == 1 || $7 == 8' "$a/trials.csv" >"$b/trials.csv"
    compare "$a" "$b"
    failed_in_one_line 2
    [[ "$output" == *"3 cells"* ]]
    compare "$a" "$b" --overlap
    [ "$status" -eq 0 ]
    grep -q '^3 cells are in one of the runs only' <<<"$output"
    awk -F, 'NR == 1 || $7 == 2' "$a/trials.csv" >"$a/t" && mv "$a/t" "$a/trials.csv"
    compare "$a" "$b" --overlap
    failed_in_one_line 2
    sed -i '2,$s/,ok$/,noisy/' "$b/trials.csv"
    compare "$a" "$b" --overlap
    failed_in_one_line 2
}
