#!/usr/bin/env bats
# The experiment engine, on a simulated machine that needs no time (fake_trial.c): plans, rounds, resuming,
# precision, limits, and the evaluation of the rows.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

setup() {
    out=$BATS_TEST_TMPDIR/run
    built "$build"/bin/{stats,placement} "$build"/tests/{fake_trial,deny}
    echo "cat '$top/tests/data/run/env.json'" >"$BATS_TEST_TMPDIR/environment"
    export WAKEONE_EXECUTOR=$build/tests/fake_trial WAKEONE_ENVIRONMENT=$BATS_TEST_TMPDIR/environment
    quick="--no-figures --workers 8 --strategies racing,wakeone"
}

# column NAME [FILE]: of all rows of trials.csv except the warm-up
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

# set_clock: time passes only in trials, FAKE_MS each, and costs none
set_clock() {
    export WAKEONE_UPTIME=$BATS_TEST_TMPDIR/uptime
    echo "1000.00 0.00" >"$WAKEONE_UPTIME"
}

@test "the mock trial has the columns of the real one" {
    run "$build/bin/trial" --strategy racing --workers 1 --window 10ms --warmup 1ms
    real=${lines[0]}
    mkdir -p "$out/hist"
    "$build/tests/fake_trial" --out "$out" --as racing
    [ "$(head -n 1 "$out/trials.csv")" = "$real" ]
}

# ---- the plan ----

@test "the plan: every configuration once per round, configurations to be compared side by side, same seed same order" {
    plan=$(plan --rounds 3 --workers 2,8..32x2 --connections 4,16 | awk -F '\t' '$20 == "measured"')
    configurations=$((5 * 4 * 2)) # four strategies and the A/A control, workers, connections
    [ "$(wc -l <<<"$plan")" -eq $((3 * configurations)) ]
    [ "$(cut -f2,4,7,12 <<<"$plan" | sort -u | wc -l)" -eq $((3 * configurations)) ]
    [ "$(cut -f1 <<<"$plan")" = "$(seq 2 $((3 * configurations + 1)))" ]
    [ "$(cut -f2,7,12 <<<"$plan" | uniq | wc -l)" -eq $((3 * 4 * 2)) ]
    # rounds differ in order, seeds differ, and the same seed gives the same plan
    [ "$(awk '$2 == 1' <<<"$plan" | cut -f4,7,12)" != "$(awk '$2 == 2' <<<"$plan" | cut -f4,7,12)" ]
    [ "$(plan --rounds 3 --workers 2,8..32x2 --connections 4,16 | tail -n +2)" = "$plan" ]
    [ "$(plan --rounds 3 --workers 2,8..32x2 --connections 4,16 --seed 7 | cut -f1-4)" != "$(cut -f1-4 <<<"$plan")" ]
}

@test "a plan with more rounds begins like one with fewer" {
    plan --rounds 3 --workers 2,8 >"$BATS_TEST_TMPDIR/three"
    plan --rounds 7 --workers 2,8 >"$BATS_TEST_TMPDIR/seven"
    [ "$(head -n "$(wc -l <"$BATS_TEST_TMPDIR/three")" "$BATS_TEST_TMPDIR/seven")" = "$(cat "$BATS_TEST_TMPDIR/three")" ]
}

@test "the plan's order is fair: over many rounds each strategy is first about equally often" {
    plan=$(plan --rounds 400 --workers 8)
    for strategy in racing racing-again wakeone fdpass mutex; do
        first=$(awk -v s=$strategy '$3 == 1 && $4 == s && $2 > 0' <<<"$plan" | wc -l)
        # binomial(400, 1/5): 80 +- 5 standard deviations
        [ "$first" -gt 40 ]
        [ "$first" -lt 120 ]
    done
}

@test "the first trial is a warm-up, and each block has the baseline twice" {
    plan=$(plan --rounds 2 --workers 2,8 --strategies wakeone,fdpass --reference fdpass)
    [ "$(head -n 1 <<<"$plan" | cut -f2,4,20)" = "0	fdpass	warm-up" ]
    [ "$(awk -F '\t' '$4 == "fdpass-again" && $5 == "fdpass"' <<<"$plan" | wc -l)" -eq 4 ]
}

@test "axes relative to the CPUs, rates instead of connections, threads by the client's CPUs" {
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

@test "a dry run prints its estimated duration and does nothing" {
    run ./run.sh bench --dry-run --rounds 5 --out "$out"
    [ "$status" -eq 0 ]
    grep -q '^100 trials: 20 per round, about ' <<<"$output"
    [ ! -e "$out" ]
}

@test "a dry run installs and builds nothing: it reports what is missing" {
    mkdir -p "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/a copy"
    cp -r run.sh harness servers deps.txt "$BATS_TEST_TMPDIR/a copy/"
    printf '#!/bin/sh\ntouch "%s/called"\nexit 1\n' "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/bin/make"
    chmod +x "$BATS_TEST_TMPDIR/bin/make"
    for program in apt-get sudo cc; do cp "$BATS_TEST_TMPDIR/bin/make" "$BATS_TEST_TMPDIR/bin/$program"; done
    unset BUILT BUILD
    PATH="$BATS_TEST_TMPDIR/bin:$PATH" run "$BATS_TEST_TMPDIR/a copy/run.sh" bench --dry-run --rounds 5
    failed_in_one_line 1
    [ "$output" = "bench: missing: build/bin/runs; ./run.sh setup installs the packages and builds" ]
    PATH="$BATS_TEST_TMPDIR/bin:$PATH" run "$BATS_TEST_TMPDIR/a copy/run.sh" scale --dry-run
    failed_in_one_line 1
    [ "$output" = "scale: missing: build/bin/runs; ./run.sh setup installs the packages and builds" ]
    [ ! -e "$BATS_TEST_TMPDIR/called" ]
    [ ! -e "$BATS_TEST_TMPDIR/a copy/build" ]
}

# refused: reads options, a line each, and checks that a dry run refuses each in one line with status 2
refused() {
    local options
    while IFS= read -r options; do
        # shellcheck disable=SC2086 # options
        run "$build/bin/runs" bench --dry-run $options
        printf '%s|%s|%s\n' "$status" "$options" "$output"
    done >"$BATS_TEST_TMPDIR/said"
    awk -F '|' '$1 != 2 || $3 !~ /^bench: ./ { print; bad = 1 } END { exit bad }' "$BATS_TEST_TMPDIR/said"
}

@test "contradictions and invalid options: one line, status 2" {
    refused <<'OPTIONS'
--rate 100 --connections 4
--arrivals poisson
--rate 100 --arrivals evenly
--split third
--split 0:0 --cpus 2
--precision 0
--precision x%
--precision 2
--precision 2% --rounds 1
--reference nosuch
--reference fdpass --strategies racing
--max-time 1
--threads 0
--threads two
--workers 4/core
--workers 0/cpu
--rate 4/cpu
--cpus 0
--also x
--also =racing
--also X=racing
--also racing=wakeone
--also x=nosuch
--also x-again=racing
--also x=racing;ls
--load --body=a&b
--load --out=x
--also x=racing --stats=x
--load
--resume
--strategies nosuch
--strategies racing,racing
--strategies ,
--workers 0
--workers 1000000
--workers ,
--workers 2..1
--workers 1..4096
--workers 8,8
--workers two
--workers
--connections 0
--connections 99999999
--rounds 0
--rounds -1
--window 1
--window 1ms
--window s
--warmup x
--seed x
--nonsense
word
OPTIONS
    "$build/bin/runs" bench --dry-run --rounds 3 --workers 2,8 --max-time 60m --precision 2% >/dev/null
}

@test "axes whose product takes a year, or a limit shorter than a round, are usage errors" {
    refused <<'OPTIONS'
--workers 1..30 --connections 1..10 --rounds 1000
--rounds 10000 --window 10s
--window 10s --max-time 20s
OPTIONS
    [[ "$(sed -n 2p "$BATS_TEST_TMPDIR/said")" == *" days: "* ]]
    [[ "$(sed -n 3p "$BATS_TEST_TMPDIR/said")" == *"one round takes about"* ]]
}

@test "the command refuses options in the same way, and writes nothing" {
    run ./run.sh bench --rate 100 --connections 4 --out "$out"
    failed_in_one_line 2
    run ./run.sh bench --window 10s --max-time 20s --out "$out"
    failed_in_one_line 2
    run ./run.sh bench --cpus 4096 --out "$out" # placement says what is wrong
    failed_in_one_line 2
    run ./run.sh bench --workers "" --out "$out"
    failed_in_one_line 2
    [ ! -e "$out" ]
}

@test "the tool placement prints nothing, or no placement: one line" {
    local words other=$BATS_TEST_TMPDIR/other
    mkdir -p "$other/bin"
    cp "$build/bin/runs" "$other/bin/"
    for words in "" 4 "4\t0-x\t1" "4\t0\t1\t2"; do
        printf '#!/bin/sh\nprintf "%s"\n' "$words" >"$other/bin/placement"
        chmod +x "$other/bin/placement"
        WAKEONE_TOP=$PWD run "$other/bin/runs" bench --dry-run --strategies racing,wakeone --cpus 1 --out "$out"
        failed_in_one_line 1
        [[ "$output" == *placement* ]]
    done
    [ ! -e "$out" ]
}

# ---- running ----

@test "a run has each trial of its plan once, in order; no figure uses the warm-up" {
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

# refused_at_once MESSAGE COMMAND...: a usage error within limits of memory and time, whatever size was requested
refused_at_once() {
    local message=$1
    shift
    run bash -c 'ulimit -v 500000 -t 10; exec "$@"' - "$build/bin/runs" "$@"
    failed_in_one_line 2 || return 1
    [[ "$output" == *"$message"* ]] || { echo "$output"; return 1; }
}

@test "huge plans, lists and settings are refused immediately" {
    needs_plain_build "which takes more memory"
    refused_at_once "--rounds takes a whole number from 1 to 1000000" plan --rounds 1000000000
    refused_at_once "are more than 1000000 trials" plan --rounds 1000000 --workers 8
    refused_at_once "are more than 1000000 trials" plan --workers 1..1000 --connections 1..1000 --rounds 1
    refused_at_once "configurations of each server, the limit is 1000000" plan --workers 1..1000 --connections 1..1000 --requests-per-connection 1..1000
    refused_at_once "--workers takes a list" plan --workers 1..10000000
    refused_at_once "--cpus takes a list" plan --cpus 1..4000000000
    refused_at_once "--split takes half, shared, or two lists of CPUs" plan --split 0-4000000000:1
    small_run=$BATS_TEST_TMPDIR/huge
    cp -R tests/data/run "$small_run"
    (printf "strategies\tracing\nworkers\t"; seq -s, 1 3000000) >"$small_run/settings.tsv"
    refused_at_once "--workers takes a list" bench --resume "$small_run"
    (printf "strategies\tnone\nalso\t"; seq -f a%.0f=racing 1 300000 | tr "\n" ,; echo) >"$small_run/settings.tsv"
    refused_at_once "at most 1000 servers" bench --resume "$small_run"
    (cat tests/data/run/plan.tsv; seq 2000000) >"$small_run/plan.tsv"
    refused_at_once "a plan has at most 2000000" check-plan "$small_run"
}

@test "an interrupted run continues where it stopped: no duplicate row, none lost, and the same order" {
    ./run.sh bench $quick --rounds 4 --seed 3 --out "$out-whole" >/dev/null 2>&1
    for rows in 0 7; do # of 13 and the header
        rm -rf "$out"
        cp -r "$out-whole" "$out"
        rm "$out/summary.csv"
        head -n $rows "$out-whole/trials.csv" >"$out/trials.csv"
        head -n $((rows + 1)) "$out-whole/workers.csv" >"$out/workers.csv" # and one whose row was not written
        printf '%s' "12,3,half a ro" >>"$out/trials.csv"
        head -c 100 /dev/zero >>"$out/workers.csv"
        # of clients on other hosts: lines of a trial with its row, of one without, and half a line
        printf 'trial,client,host\n1,0,a\n1,1,b\n%s,0,a\n%s,1' "$((rows + 1))" "$((rows + 1))" >"$out/clients.csv"
        touch "$out/trials.csv.new" "$out/plan.tsv.new" # killed while a file was replaced
        run ./run.sh bench --resume "$out"
        [ "$status" -eq 0 ]
        # the simulated machine gives each trial the same values in each run
        for file in plan.tsv trials.csv workers.csv summary.csv; do diff "$out/$file" "$out-whole/$file"; done
        [ "$(tail -n +2 "$out/clients.csv" | cut -d, -f1 | sort -u)" = "$([ $rows -eq 0 ] || echo 1)" ]
        [ -z "$(find "$out" -name "*.new")" ]
    done
}

@test "a run with symbolic links is not resumed, and their targets are not changed" {
    ./run.sh bench $quick --rounds 2 --no-figures --out "$out" >/dev/null 2>&1
    mkdir "$BATS_TEST_TMPDIR/victims"
    for name in .lock trials.csv trials.csv.new plan.tsv.new wire.csv skipped.tsv hist/3.hgrm hist peers figures; do
        cp -r "$out" "$out-linked"
        rm -rf "${out:?}-linked/$name"
        ln -s "$BATS_TEST_TMPDIR/victims/${name##*/}" "$out-linked/$name"
        run ./run.sh bench --resume "$out-linked"
        failed_in_one_line 2
        [[ "$output" == *"linked/$name is a symbolic link"* ]]
        rm -rf "$out-linked"
    done
    [ -z "$(ls -A "$BATS_TEST_TMPDIR/victims")" ]
    rm "$out/.lock"
    mkfifo "$out/.lock"
    run timeout 20 ./run.sh bench --resume "$out"
    failed_in_one_line 2
    [[ "$output" == *"/.lock is neither a file nor a directory"* ]]
}

# rows_are_whole: each line of the run's tables is complete, with as many fields as the first
rows_are_whole() {
    local file
    for file in "$out"/{trials,workers}.csv; do
        [ -s "$file" ] || continue
        [ "$(tail -c 1 "$file" | wc -l)" -eq 1 ] || { echo "half a line at the end of $file"; return 1; }
        awk -F, 'NR == 1 { n = NF } NF != n { print FILENAME ": " $0; bad = 1 } END { exit bad }' "$file" || return 1
    done
}

# killed_at SEED ROUNDS: a bench of the run starts, or resumes, and is killed with -9 in the next tenth of a second. A run without a
# plan starts again.
killed_at() {
    local words=(--no-figures --resume "$out") bench
    if [ ! -s "$out/plan.tsv" ]; then
        rm -rf "$out"
        # shellcheck disable=SC2206 # several options
        words=($quick --rounds "$2" --seed 3 --out "$out")
    fi
    FAKE_MS=1 "$build/bin/runs" bench "${words[@]}" >/dev/null 2>&1 3>&- &
    bench=$!
    sleep "0.0$(awk -v seed="$1" 'BEGIN { srand(seed); printf "%03d", 1000 * rand() }')"
    kill -KILL $bench
    wait $bench 2>/dev/null || true
}

# killed_at_moments COUNT: after each of them all files are complete, and in the end the run equals one that was never killed
killed_at_moments() {
    local moment plan='' half='12,3,half a ro'
    local rounds=$((400 + 32 * $1)) # more than are measured until the last kill
    export TMPDIR=$BATS_TEST_TMPDIR # killed processes leave temporary files
    for moment in $(seq "$1"); do
        killed_at "$moment" "$rounds"
        # killed before it had read the rows, which are unchanged
        if [ "$(tail -c ${#half} "$out/trials.csv" 2>/dev/null)" = "$half" ]; then truncate -s -${#half} "$out/trials.csv"; fi
        rows_are_whole
        [ -z "$plan" ] || [ "$(cksum <"$out/plan.tsv")" = "$plan" ]
        plan=$([ ! -s "$out/plan.tsv" ] || cksum <"$out/plan.tsv")
        [ $((moment % 3)) -ne 0 ] || [ ! -s "$out/trials.csv" ] || printf '%s' "$half" >>"$out/trials.csv" # as after a power cut
    done
    ./run.sh bench --no-figures --resume "$out" >/dev/null 2>&1
    rows_are_whole
    wait_until eval '[ -z "$(left_of_test)" ]'
    ./run.sh bench $quick --rounds "$rounds" --seed 3 --out "$out-whole" >/dev/null 2>&1
    # the simulated machine gives each trial the same values in each run
    for file in plan.tsv trials.csv summary.csv; do diff "$out/$file" "$out-whole/$file"; done
    [ "$(tail -n +2 "$out/trials.csv" | cut -d, -f1 | sort | uniq -d)" = "" ]
    [ "$(cut -d, -f1 "$out/workers.csv" | sort | uniq -d)" = "" ]
    diff <(ls -A "$out") <(ls -A "$out-whole")
}

@test "kill -9 at 5 moments: no incomplete row, no duplicate, none lost, and the same plan" {
    killed_at_moments 5
}

# bats test_tags=slow
@test "kill -9 at 50 moments: no incomplete row, no duplicate, none lost, and the same plan" {
    killed_at_moments 50
}

# The simulated machine gives each trial the same values in each run.
like_the_whole() {
    for file in plan.tsv trials.csv workers.csv summary.csv; do diff "$1/$file" "$out-whole/$file" || return 1; done
}

# limited KIB COMMAND...: no file may be larger, as on a disk that becomes full
limited() {
    (trap '' XFSZ && ulimit -f "$1" && shift && exec "$@" 3>&-)
}

@test "a disk that becomes full: no incomplete plan or row, and the run continues when there is space" {
    ./run.sh bench $quick --rounds 100 --out "$out-whole" >/dev/null 2>&1
    run limited 12 "$build/bin/runs" bench $quick --rounds 100 --out "$out" # the plan takes more
    failed_in_one_line 1
    [ "$output" = "bench: cannot write to $out: File too large" ]
    refute test -e "$out/plan.tsv" -o -e "$out/plan.tsv.new"
    rm -rf "$out"
    run limited 26 "$build/bin/runs" bench $quick --rounds 100 --out "$out" # the rows take more
    for _ in 1 2; do
        [ "$status" -eq 1 ]
        [[ "$output" == *"$out/trials.csv: "*"continue with: ./run.sh bench --resume $out" ]]
        rows_are_whole
        [ "$(wc -l <"$out/trials.csv")" -gt 100 ]
        run limited 26 "$build/bin/runs" bench --no-figures --resume "$out"
    done
    run ./run.sh bench --no-figures --resume "$out"
    [ "$status" -eq 0 ]
    like_the_whole "$out"
}

# bats test_tags=root
@test "a full disk: bench, resume, plot, report and summary report it and change nothing; the run continues when there is space" {
    unshare --mount --map-root-user true || skip "no mount namespace here"
    ./run.sh bench $quick --rounds 30 --seed 3 --out "$out-whole" >/dev/null 2>&1
    mkdir "$BATS_TEST_TMPDIR/disk"
    cat >"$BATS_TEST_TMPDIR/script" <<'END_OF_SCRIPT'
disk=$1 runs=$2
shift 2
mount -t tmpfs -o size=72k tmpfs "$disk" || exit 99
"$runs" bench "$@" --rounds 30 --seed 3 --out "$disk/run" >/dev/null 2>"$disk-bench"
echo "bench $?"
awk -F, '{ print NF }' "$disk/run/trials.csv" | sort -u | wc -l
[ "$(tail -c 1 "$disk/run/trials.csv" | wc -l)" -eq 1 ] || echo "half a row"
head -c 100000 /dev/zero >"$disk/fill" 2>/dev/null
before=$(cd "$disk/run" && cksum *.*)
for command in "bench --resume" plot report summary; do
    $runs $command "$disk/run" >/dev/null 2>"$disk-stderr"
    echo "$command: $? $(grep -c 'No space left on device' "$disk-stderr")"
done
[ "$(cd "$disk/run" && cksum *.*)" = "$before" ] || echo "changed"
ls -A "$disk/run" "$disk" | grep -F .new
rm "$disk/fill"
mount -o remount,size=64m "$disk"
"$runs" bench --no-figures --resume "$disk/run" >/dev/null 2>&1
echo "resumed $?"
cp -R "$disk/run" "$disk-run"
END_OF_SCRIPT
    run unshare --mount --map-root-user sh "$BATS_TEST_TMPDIR/script" "$BATS_TEST_TMPDIR/disk" "$build/bin/runs" $quick
    [ "$status" -ne 99 ] || skip "no tmpfs can be mounted here"
    [ "$output" = "$(printf '%s\n' 'bench 1' 1 'bench --resume: 1 1' 'plot: 1 1' 'report: 1 1' 'summary: 1 1' 'resumed 0')" ]
    grep -q 'No space left on device' "$BATS_TEST_TMPDIR/disk-bench"
    grep -q -- '--resume' "$BATS_TEST_TMPDIR/disk-bench"
    like_the_whole "$BATS_TEST_TMPDIR/disk-run"
}

@test "SIGTERM ends a run after its trial, with a message how to continue, and it continues" {
    FAKE_MS=100 setsid ./run.sh bench $quick --rounds 20 --seed 3 --out "$out" >/dev/null 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    bench=$!
    wait_until test -s "$out/trials.csv"
    kill -TERM $bench
    status=0
    wait $bench || status=$?
    [ "$status" -eq 1 ]
    grep -q "continue with: ./run.sh bench --resume $out" "$BATS_TEST_TMPDIR/stderr"
    wait_until nobody_lives_in "$bench"
    run ./run.sh bench --resume "$out"
    [ "$status" -eq 0 ]
    [ "$(tail -n +2 "$out/trials.csv" | cut -d, -f1)" = "$(tail -n +2 "$out/plan.tsv" | cut -f1)" ]
}

@test "Ctrl-C on a terminal's process group ends a run once" {
    # a terminal sends SIGINT to every process of the group, so it must not be ignored
    FAKE_MS=100 env --default-signal=INT setsid ./run.sh bench $quick --rounds 20 --out "$out" \
        >/dev/null 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    bench=$!
    wait_until test -s "$out/trials.csv"
    kill -INT -- -$bench
    status=0
    wait $bench || status=$?
    [ "$status" -eq 1 ]
    [ "$(grep -c interrupted "$BATS_TEST_TMPDIR/stderr")" -eq 1 ]
    wait_until nobody_lives_in "$bench"
}

# bats test_tags=slow
@test "in a locale with decimal commas, numbers and figures of a run are the same" {
    export LOCPATH=$BATS_TEST_TMPDIR/locales
    mkdir "$LOCPATH"
    localedef -i de_DE -f UTF-8 "$LOCPATH/de_DE.UTF-8" || skip "localedef has no source of de_DE: package locales"
    [ "$(LC_ALL=de_DE.UTF-8 env printf %.1f 1)" = 1,0 ]
    export HWLOC_SYNTHETIC="core:4 pu:1" FAKE_SD=0.01 FAKE_SCALE=0.5
    for locale in C de_DE.UTF-8; do
        LC_ALL=$locale run ./run.sh scale --strategies racing,wakeone --cpus 2,4 --rounds 3 --out "$BATS_TEST_TMPDIR/$locale/run"
        [ "$status" -eq 0 ]
    done
    for file in trials.csv summary.csv scale.csv $(cd "$BATS_TEST_TMPDIR/C/run" && ls figures/*.svg); do
        diff "$BATS_TEST_TMPDIR/C/run/$file" "$BATS_TEST_TMPDIR/de_DE.UTF-8/run/$file"
    done
}

@test "an unavailable configuration is skipped, the others are measured; status 3" {
    cat >"$BATS_TEST_TMPDIR/executor" <<'END_OF_EXECUTOR'
#!/bin/sh
case "$*" in *"--as wakeone "*"--workers 100 "*) echo "wakeone: too few descriptors" >&2 && exit 2 ;; esac
exec "$FAKE_TRIAL" "$@"
END_OF_EXECUTOR
    chmod +x "$BATS_TEST_TMPDIR/executor"
    export FAKE_TRIAL=$WAKEONE_EXECUTOR
    WAKEONE_EXECUTOR=$BATS_TEST_TMPDIR/executor run ./run.sh bench $quick --workers 2,100 --rounds 2 --out "$out"
    [ "$status" -eq 3 ]
    grep -q '^wakeone, 100 workers.wakeone: too few descriptors$' "$out/skipped.tsv"
    grep -q '^bench: 2 of 13 trials were left out: see ' <<<"$output"
    refute grep -q 'not run' <<<"$output"
    [ "$(column strategy | sort | uniq -c | tr -s ' ' | tr '\n' ';')" = " 4 racing; 4 racing-again; 2 wakeone;" ]
}

@test "an unavailable configuration is tried once, also if rounds are added; rows of no plan are not counted" {
    cat >"$BATS_TEST_TMPDIR/executor" <<'END_OF_EXECUTOR'
#!/bin/sh
case "$*" in *"--as wakeone "*"--workers 100 "*) echo "wakeone: too few descriptors" >&2 && exit 2 ;; esac
exec "$FAKE_TRIAL" "$@"
END_OF_EXECUTOR
    chmod +x "$BATS_TEST_TMPDIR/executor"
    export FAKE_TRIAL=$WAKEONE_EXECUTOR FAKE_SD=0.04
    WAKEONE_EXECUTOR=$BATS_TEST_TMPDIR/executor run ./run.sh bench $quick --workers 2,100 --rounds 3 --precision 3% --out "$out"
    [ "$status" -eq 3 ]
    left=$(awk -F '\t' '$4 == "wakeone" && $7 == 100' "$out/plan.tsv" | wc -l)
    [ "$left" -gt 3 ]
    [ "$(wc -l <"$out/skipped.tsv")" -eq "$left" ]
    grep -q "^bench: $left of $(($(wc -l <"$out/plan.tsv") - 1)) trials were left out: see " <<<"$output"
    # rows that are not in the plan
    set_clock
    FAKE_MS=100 ./run.sh bench $quick --window 10ms --warmup 1ms --rounds 20 --max-time 1s --out "$out-2" >/dev/null 2>&1 || true
    head -n 12 "$out-2/plan.tsv" >"$BATS_TEST_TMPDIR/plan"
    cp "$BATS_TEST_TMPDIR/plan" "$out-2/plan.tsv"
    awk -F, -v OFS=, 'NR < 5 || NR > 7 { print } NR == 4 { for (i = 900; i < 990; i++) { $1 = i; print } }' "$out-2/trials.csv" >"$BATS_TEST_TMPDIR/rows"
    cp "$BATS_TEST_TMPDIR/rows" "$out-2/trials.csv"
    FAKE_MS=1000 run ./run.sh bench --resume "$out-2" --max-time 1s
    grep -q "expired with [0-9] of 11 trials not run" <<<"$output"
}

@test "if a directory cannot be locked, the reason is reported immediately" {
    run timeout 8 "$build/tests/deny" flock ./run.sh bench $quick --rounds 2 --out "$out"
    failed_in_one_line 1
    [[ "$output" == *"cannot lock $out/.lock: No locks available" ]]
}

# It waits for ten seconds.
# bats test_tags=slow
@test "two processes in one directory: the second one waits, and reports it" {
    FAKE_MS=300 setsid ./run.sh bench $quick --rounds 50 --out "$out" >/dev/null 2>&1 3>&- &
    bench=$!
    wait_until test -s "$out/trials.csv"
    run timeout 60 ./run.sh bench --resume "$out"
    failed_in_one_line 1
    [[ "$output" == *"another bench is running"* ]]
    kill -TERM $bench
    wait $bench || true
}

@test "--max-time ends a run between trials, reports what is left, and the run can be continued" {
    set_clock
    FAKE_MS=100 run ./run.sh bench $quick --window 10ms --warmup 1ms --rounds 40 --max-time 2s --out "$out"
    [ "$status" -eq 3 ]
    # a trial is begun if it will end in time: 19 of 100 ms each, since estimates are a millisecond more
    grep -q 'max-time 2s expired with 102 of 121 trials not run' <<<"$output"
    [ "$(wc -l <"$out/trials.csv")" -eq 20 ]
    run ./run.sh bench --resume "$out" --max-time 5m
    [ "$status" -eq 0 ]
    [ "$(wc -l <"$out/trials.csv")" -eq 122 ]
}

@test "the wall clock ends a run, too" {
    FAKE_MS=150 run ./run.sh bench $quick --window 10ms --warmup 1ms --rounds 40 --max-time 1s --out "$out"
    [ "$status" -eq 3 ]
    grep -q 'max-time 1s expired with [0-9]* of 121 trials not run' <<<"$output"
}

@test "--precision adds rounds until every interval is narrow enough, whole blocks at a time" {
    FAKE_SD=0.04 run ./run.sh bench $quick --workers 2,8 --rounds 4 --precision 3% --out "$out"
    [ "$status" -eq 0 ]
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $(at["ratio"]) != "" { n++; if (!($(at["smallest"]) > 0 && $(at["smallest"]) <= 0.03)) bad = 1 }
        END { exit n != 4 || bad }' "$out/summary.csv"
    # sd of a ratio 0.057: (1.96 * 0.057 / 0.03) ^ 2 is about 14 rounds
    rounds=$(of_summary wakeone ok | sort -n | tail -n 1)
    [ "$rounds" -gt 7 ]
    [ "$rounds" -lt 40 ]
    # every block of a round is complete
    [ "$(tail -n +2 "$out/plan.tsv" | awk -F '\t' '$2 > 0' | cut -f2,7 | sort | uniq -c | awk '{ print $1 }' | sort -u)" = 3 ]
    # resuming adds nothing
    run ./run.sh bench --resume "$out"
    [ "$status" -eq 0 ]
}

@test "--precision numbers added trials after the last one, whatever trial the plan begins with" {
    # iterative has at most one worker: the first block has no warm-up, and the plan begins with trial 2
    FAKE_SD=0.04 run ./run.sh bench --no-figures --strategies iterative,racing --reference iterative --workers 2,1 --rounds 3 --precision 3% --out "$out"
    [ "$status" -eq 0 ]
    [ "$(sed -n 2p "$out/plan.tsv" | cut -f1)" = 2 ]
    [ -z "$(cut -f1 "$out/plan.tsv" | sort | uniq -d)" ]
    [ "$(wc -l <"$out/plan.tsv")" -eq "$(wc -l <"$out/trials.csv")" ]
    # an edited plan: its last line is not joined with the new ones
    printf %s "$(head -n 10 "$out/plan.tsv")" >"$BATS_TEST_TMPDIR/plan"
    cp "$BATS_TEST_TMPDIR/plan" "$out/plan.tsv"
    rm "$out/trials.csv" "$out/workers.csv"
    FAKE_SD=0.04 run ./run.sh bench --no-figures --resume "$out"
    [ "$status" -eq 0 ]
    [ "$(awk -F '\t' '{ print NF }' "$out/plan.tsv" | sort -u)" = 20 ]
}

@test "--precision that cannot be reached in the time reports the configurations and the time needed; status 3" {
    set_clock
    FAKE_MS=60 FAKE_SD=0.3 run ./run.sh bench $quick --window 10ms --warmup 1ms --rounds 3 --precision 0.5% --max-time 3s --out "$out"
    [ "$status" -eq 3 ]
    grep -q 'after 3s these intervals are wider than 0.5%' <<<"$output"
    grep -q "wakeone|8|[0-9]*|16|-|1: [0-9.]* % after [0-9]* rounds; about [0-9]* minutes more needed" <<<"$output"
}

# ---- the exit status (docs/metrics.md, "Verdicts and the exit status") ----

@test "without samples of the baseline there is no ratio, and no row is labelled as the baseline" {
    run ./run.sh bench $quick --rounds 2 --out "$out"
    [ "$status" -eq 0 ]
    [ "$("$build/bin/runs" summary "$out" | grep -c '  1 (baseline) *$')" -eq 1 ]
    sed -i '/^[^,]*,[^,]*,[^,]*,[^,]*,racing,/d' "$out/trials.csv"
    "$build/bin/runs" summary "$out" >"$BATS_TEST_TMPDIR/table"
    [ "$(grep -cE '^(racing-again|wakeone) .* [0-9.-]+  - *$' "$BATS_TEST_TMPDIR/table")" -eq 2 ]
    refute grep 'reference' "$BATS_TEST_TMPDIR/table"
    ./run.sh report "$out" >/dev/null
    refute grep '1 (baseline)' "$out/report.md"
}

@test "invalid samples are not used, and neither are their pairs" {
    FAKE_VERDICT=wakeone:noisy run ./run.sh bench $quick --rounds 2 --out "$out"
    [ "$status" -eq 3 ]
    [ "$(of_summary wakeone ok)" = 0 ]
    [ "$(of_summary wakeone ratio)" = "" ]
    [ "$(of_summary racing-again pairs)" = 2 ]
    grep -q "^  wakeone, 8 workers, [0-9]* CPUs, 16 connections, one request each: 2 of 2 rounds lost$" <<<"$output"
    grep -q '^bench: 2 of 7 samples (2 noisy) are invalid and left out' <<<"$output"
}

@test "status 3 if a comparison lost more than a fifth of its rounds to noise; up to a fifth is reported, status 0" {
    # server with noisy samples, their share, and the outcome
    while read -r noisy rounds expected <&8; do
        rm -rf "$out"
        FAKE_VERDICT=$noisy run ./run.sh bench $quick --rounds "$rounds" --out "$out"
        [ "$status" -eq "$expected" ] || { echo "$noisy of $rounds: status $status: $output"; return 1; }
        grep -q " of $((3 * rounds + 1)) samples ([0-9]* noisy) are invalid" <<<"$output"
        [ "$expected" -eq 0 ] || grep -q "^bench: these comparisons lost more than a fifth" <<<"$output"
        [ "$expected" -eq 3 ] || refute grep -q "lost" <<<"$output"
    done 8<<'CASES'
wakeone:noisy:1 5 0
wakeone:noisy:2 5 3
wakeone:noisy:2 10 0
wakeone:noisy:3 10 3
racing-again:noisy:2 10 0
racing-again:noisy:3 10 3
racing:noisy:2 10 0
racing:noisy:3 10 3
wakeone:noisy:1 1 3
CASES
}

@test "status 3 if there is no throughput; one round has no interval, which is no error" {
    run ./run.sh bench $quick --rounds 1 --out "$out"
    [ "$status" -eq 0 ]
    FAKE_SLOW=wakeone:0 run ./run.sh bench $quick --rounds 5 --out "$out-2"
    [ "$status" -eq 3 ]
    grep -q "^  wakeone, .* 5 of 5 rounds lost$" <<<"$output"
}

@test "status 3 for one sample with any verdict except noisy; a missing baseline is no comparison" {
    ./run.sh bench $quick --rounds 10 --out "$out" >/dev/null 2>&1
    # 1 of 31 rows, so that no comparison lost a fifth; for each existing verdict
    cut -f1 harness/report/verdicts.tsv | grep -v '^#' >"$BATS_TEST_TMPDIR/verdicts"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/verdicts")" -ge 10 ]
    cp "$out/trials.csv" "$BATS_TEST_TMPDIR/rows"
    while read -r verdict <&8; do
        sed "5s/,ok\$/,$verdict/" "$BATS_TEST_TMPDIR/rows" >"$out/trials.csv"
        run ./run.sh bench --resume "$out" --no-figures
        echo "$verdict $status"
    done 8<"$BATS_TEST_TMPDIR/verdicts" >"$BATS_TEST_TMPDIR/said"
    while read -r verdict; do
        case $verdict in
        ok | noisy) echo "$verdict 0" ;;
        warm-up) echo "$verdict 0" ;;
        *) echo "$verdict 3" ;;
        esac
    done <"$BATS_TEST_TMPDIR/verdicts" | diff - "$BATS_TEST_TMPDIR/said"
    # iterative has at most one worker: with two there is no comparison
    run ./run.sh bench --no-figures --strategies iterative,racing --reference iterative --workers 1,2 --rounds 2 --out "$out-2"
    [ "$status" -eq 0 ]
}

@test "rounds with a packet capture also count" {
    ./run.sh bench $quick --rounds 5 --out "$out" >/dev/null 2>&1
    local again=(./run.sh bench --resume "$out" --no-figures)
    awk -F, -v OFS=, 'NR == 1 || $2 > 0' "$out/trials.csv" >"$out/wire.csv"
    run "${again[@]}"
    [ "$status" -eq 0 ]
    awk -F, -v OFS=, '$5 == "wakeone" && $2 < 2 { $NF = "noisy" } { print }' "$out/wire.csv" >"$BATS_TEST_TMPDIR/wire"
    cp "$BATS_TEST_TMPDIR/wire" "$out/wire.csv"
    run "${again[@]}"
    [ "$status" -eq 0 ]
    awk -F, -v OFS=, '$5 == "wakeone" && $2 < 3 { $NF = "noisy" } { print }' "$out/wire.csv" >"$BATS_TEST_TMPDIR/wire"
    cp "$BATS_TEST_TMPDIR/wire" "$out/wire.csv"
    run "${again[@]}"
    [ "$status" -eq 3 ]
    grep -q "^  wakeone, .*: 2 of 5 captured rounds lost$" <<<"$output"
}

# ---- evaluation of the rows ----

@test "order: on a machine with a drift of 30 % the paired ratio is correct, one after the other is not" {
    export FAKE_DRIFT=0.3 FAKE_TRIALS=121 FAKE_SLOW=wakeone:0.9
    ./run.sh bench $quick --rounds 40 --out "$out" >/dev/null 2>&1
    near "$(of_summary wakeone ratio)" 0.9 0.009
    near "$(of_summary racing-again ratio)" 1 0.01
    # the same machine, first one server and then the other, as in a manual comparison
    mkdir -p "$out-by-hand/hist"
    for trial in $(seq 120); do
        [ "$trial" -le 60 ] && name=racing || name=wakeone
        "$WAKEONE_EXECUTOR" --out "$out-by-hand" --trial "$trial" --as $name
    done
    ratio=$(awk -F, '$5 != "strategy" { print "x\t" $5 "\t" $22 }' "$out-by-hand/trials.csv" |
        "$build/bin/stats" --unpaired --base racing | cut -f9)
    awk -v r="$ratio" 'BEGIN { exit !(r < 0.9 * 0.9) }'
}

@test "differences below the noise threshold are not reported as significant" {
    FAKE_SD=0.01 FAKE_SLOW=racing-again:0.92 run ./run.sh bench $quick --also "slow=wakeone" --rounds 30 --out "$out"
    [ "$(of_summary racing-again outcome)" = less ]
    [ "$(of_summary slow outcome)" = none ]
    FAKE_SD=0.01 FAKE_SLOW=wakeone:0.95 run ./run.sh bench $quick --rounds 30 --out "$out-2"
    out=$out-2
    [ "$(of_summary wakeone outcome)" = less ]
    # 5 % slower, on a machine whose A/A control differs by 8 %
    awk -F, -v OFS=, 'NR > 1 && $5 == "racing-again" { $22 *= 0.92 } { print }' "$out/trials.csv" >"$out/t"
    mv "$out/t" "$out/trials.csv"
    "$build/bin/runs" summary "$out" >"$BATS_TEST_TMPDIR/table"
    [ "$(of_summary wakeone outcome)" = floor ]
    [[ "$(of_summary wakeone sentence)" == *"within the noise threshold"* ]]
    grep -q '^wakeone .*within noise' "$BATS_TEST_TMPDIR/table"
}

# bats test_tags=slow
@test "A/A: about 5 % of 400 comparisons are reported as different" {
    export FAKE_SD=0.1 FAKE_HISTOGRAM=0
    ./run.sh bench --no-figures --strategies racing --workers 1..20 --connections 1..20 --rounds 6 --out "$out" >/dev/null 2>&1
    different=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $(at["outcome"]) ~ /^(more|less)$/' "$out/summary.csv" | wc -l)
    # binomial(400, 0.05): 20 +- 4 standard deviations
    [ "$different" -ge 3 ]
    [ "$different" -le 38 ]
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

# bats test_tags=slow
@test "100,000 rows are summarised without losing one" {
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
    run "$build/bin/runs" summary "$out"
    [ "$status" -eq 0 ]
    [ "$(awk -F, 'NR > 1 { n += $9 } END { print n }' "$out/summary.csv")" -eq 100000 ]
}

# ---- files that were edited ----

@test "an edited or truncated plan is reported with line and column; nothing is run" {
    ./run.sh bench $quick --rounds 2 --out "$out" >/dev/null 2>&1
    mkdir "$BATS_TEST_TMPDIR/spoilt"
    # the edit | where it is found
    cat >"$BATS_TEST_TMPDIR/cases" <<'END_OF_CASES'
NR == 3 { $7 = "many" } { print }|3: column 7
NR == 4 { $4 = "../x" } { print }|4: column 4
NR == 4 { $1 = 1000000000 } { print }|4: column 1
NR == 4 { NF = 9 } { print }|4: 9 fields
NR == 5 { $1 = 2 } { print }|5: column 1
NR == 1 { $2 = "x" } { print }|1: column 2
NR == 1 { print }|1: the plan has no trials
END_OF_CASES
    while IFS="|" read -r change where; do
        awk -F '\t' -v OFS='\t' "$change" "$out/plan.tsv" >"$BATS_TEST_TMPDIR/spoilt/plan.tsv"
        run "$build/bin/runs" check-plan "$BATS_TEST_TMPDIR/spoilt"
        printf '%s|%s|%s\n' "$status" "$where" "$output"
    done <"$BATS_TEST_TMPDIR/cases" >"$BATS_TEST_TMPDIR/said"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/said")" -eq 7 ]
    awk -F '|' '$1 != 2 || !index($3, "line " $2) { print; bad = 1 } END { exit bad }' "$BATS_TEST_TMPDIR/said"
    awk -F '\t' -v OFS='\t' 'NR == 3 { $7 = "many" } { print }' "$out/plan.tsv" >"$BATS_TEST_TMPDIR/plan"
    cp "$BATS_TEST_TMPDIR/plan" "$out/plan.tsv"
    printf %s "99,9,half a ro" >>"$out/trials.csv"
    run ./run.sh bench --resume "$out"
    failed_in_one_line 2
    [[ "$output" == *"line 3: column 7"* ]]
    [ "$(tail -c 9 "$out/trials.csv")" = "half a ro" ] # a refused file is not changed
    rm "$out/plan.tsv"
    run ./run.sh bench --resume "$out"
    failed_in_one_line 2
}

@test "edited rows are reported with line and column" {
    ./run.sh bench $quick --rounds 2 --out "$out" >/dev/null 2>&1
    cp "$out/trials.csv" "$BATS_TEST_TMPDIR/rows"
    awk -F, -v OFS=, 'NR == 4 { $22 = "fast" } { print }' "$BATS_TEST_TMPDIR/rows" >"$out/trials.csv"
    run "$build/bin/runs" summary "$out"
    failed_in_one_line 1
    [[ "$output" == *"line 4: 'fast' is not a valid throughput_rps"* ]]
    awk -F, -v OFS=, 'NR == 5 { NF = 7 } { print }' "$BATS_TEST_TMPDIR/rows" >"$out/trials.csv"
    run "$build/bin/runs" summary "$out"
    failed_in_one_line 1
    [[ "$output" == *"line 5: 7 fields"* ]]
}

@test "reproduce measures the plan again, ignores the run's own script, and compares; spaces in names" {
    out="$BATS_TEST_TMPDIR/a run"
    ./run.sh bench $quick --rounds 4 --seed 9 --also "slow=wakeone --service-us 5" --out "$out" >/dev/null 2>&1
    [ "$(wc -l <"$out/trials.csv")" -eq 18 ]
    echo "touch '$BATS_TEST_TMPDIR/executed'" >>"$out/reproduce.sh"
    run ./run.sh reproduce "$out" --no-figures --out "$out again"
    [ "$status" -eq 0 ]
    diff "$out/plan.tsv" "$out again/plan.tsv"
    [ "$(column trial "$out again/trials.csv" | wc -l)" -eq 16 ]
    [ ! -e "$BATS_TEST_TMPDIR/executed" ]
    run sh "$out again/reproduce.sh" "$top" --no-compare --no-figures --out "$out, a third"
    [ "$status" -eq 0 ]
    diff "$out/plan.tsv" "$out, a third/plan.tsv"
    run ./run.sh bench --resume "$out"
    [ "$status" -eq 0 ]
}

@test "reproduce refuses plans with options beyond serving" {
    ./run.sh bench $quick --rounds 2 --out "$out" >/dev/null 2>&1
    mkdir "$out-spoilt"
    cp "$out/settings.tsv" "$out-spoilt/"
    printf '%s\n' "racing --address 0.0.0.0" "racing --stats /etc/passwd" "racing --port 80" >"$BATS_TEST_TMPDIR/servers"
    while IFS= read -r server; do
        awk -F '\t' -v OFS='\t' -v server="$server" 'NR == 3 { $5 = server } { print }' "$out/plan.tsv" >"$out-spoilt/plan.tsv"
        run "$build/bin/runs" check-plan --foreign "$out-spoilt"
        failed_in_one_line 2
    done <"$BATS_TEST_TMPDIR/servers"
    "$build/bin/runs" check-plan --foreign "$out"
    awk -F '\t' -v OFS='\t' 'NR == 3 { $5 = "racing --port 80" } { print }' "$out/plan.tsv" >"$out-spoilt/plan.tsv"
    run ./run.sh reproduce "$out-spoilt" --out "$out-again"
    failed_in_one_line 2
    [ ! -e "$out-again" ]
    run ./run.sh reproduce "$BATS_TEST_TMPDIR"
    failed_in_one_line 2
    run ./run.sh reproduce
    failed_in_one_line 2
}

@test "a resumed run writes nowhere else, whatever its plan and its settings contain" {
    ./run.sh bench $quick --rounds 2 --no-figures --out "$out" >/dev/null 2>&1
    victim=$BATS_TEST_TMPDIR/victim
    while IFS='|' read -r file change said; do
        cp -r "$out" "$out-spoilt"
        awk -F '\t' -v OFS='\t' "$change { print }" "$out/$file" >"$out-spoilt/$file"
        rm "$out-spoilt/trials.csv"
        run ./run.sh bench --resume "$out-spoilt"
        failed_in_one_line 2
        [[ "$output" == *"$said is reserved for bench" ]]
        rm -r "$out-spoilt"
    done <<END
plan.tsv|NR == 3 { \$5 = "racing --stats $victim" }|line 3: column server: --stats
plan.tsv|NR == 3 { \$19 = "--close rst --out=$victim" }|line 3: column load_words: --out
plan.tsv|NR == 4 { \$19 = "-- --ready-fd 7" }|line 4: column load_words: --ready-fd
settings.tsv|\$1 == "also" { \$2 = "x=racing --stats $victim" }|--also x: --stats
settings.tsv|\$1 == "load" { \$2 = "--out $victim" }|--load: --out
END
    [ ! -e "$victim" ]
}

# ---- system errors are not usage errors ----

# with_broken TOOL COMMAND...: the command, with a TOOL that only exits with 1
with_broken() {
    local tool=$1
    shift
    mkdir -p "$BATS_TEST_TMPDIR/broken-$tool"
    printf '#!/bin/sh\necho "%s: broken" >&2\nexit 1\n' "$tool" >"$BATS_TEST_TMPDIR/broken-$tool/$tool"
    chmod +x "$BATS_TEST_TMPDIR/broken-$tool/$tool"
    PATH=$BATS_TEST_TMPDIR/broken-$tool:$PATH run "$@"
}

@test "a tool that fails is not a usage error, and not a result" {
    export TMPDIR=$BATS_TEST_TMPDIR # with a broken rm, temporary files stay
    ./run.sh bench $quick --rounds 2 --seed 5 --dry-run >"$BATS_TEST_TMPDIR/plan" 2>/dev/null
    for tool in awk sed grep tr cut sort mktemp wc nproc cat rm; do
        with_broken "$tool" sh -c "./run.sh bench $quick --rounds 2 --seed 5 --dry-run 2>'$BATS_TEST_TMPDIR/said'"
        if [ "$status" -eq 0 ]; then # the tool was not used
            cmp <(echo "$output") "$BATS_TEST_TMPDIR/plan"
        else
            [ "$status" -eq 1 ] || { echo "$tool: status $status: $(cat "$BATS_TEST_TMPDIR/said")"; return 1; }
            grep -q "^bench: cannot" "$BATS_TEST_TMPDIR/said"
        fi
        refute grep -E " takes |(there is no|unknown) strategy|nothing to measure" "$BATS_TEST_TMPDIR/said"
    done
}

@test "verdicts are counted if a tool fails: never status 0 for a run that is not to be trusted" {
    for tool in awk grep sort uniq wc tr; do
        rm -rf "$out"
        FAKE_VERDICT=wakeone:errors with_broken "$tool" ./run.sh bench $quick --rounds 2 --no-figures --out "$out"
        [ "$status" -eq 1 ] || [ "$status" -eq 3 ] || { echo "$tool: status $status: $output"; return 1; }
    done
}

@test "a run whose end cannot be read is continued without changes" {
    ./run.sh bench $quick --rounds 2 --no-figures --out "$out" >/dev/null 2>&1
    cp -R "$out" "$out-before"
    mkdir "$out/wire.csv"
    run ./run.sh bench --resume "$out"
    [ "$status" -eq 1 ]
    [[ "$output" == *"cannot read $out/wire.csv"* ]]
    cmp "$out/trials.csv" "$out-before/trials.csv"
}

@test "no space for temporary files: one line, status 1, and no file is left" {
    mkdir "$BATS_TEST_TMPDIR/tmp"
    cp -R tests/data/run "$BATS_TEST_TMPDIR/a-run"
    for command in "report $BATS_TEST_TMPDIR/a-run" "selftest --strategies racing"; do
        # shellcheck disable=SC2086 # a command
        TMPDIR=$BATS_TEST_TMPDIR/tmp run sh -c 'ulimit -f 20 && exec ./run.sh "$@"' sh $command
        failed_in_one_line 1
        [[ "$output" == *"temporary"*"TMPDIR"* ]]
        [ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
    done
}

# Root has no process limit, so this is another user, who must be able to read the build.
# bats test_tags=root
@test "fork fails: status 1, and no argument is blamed" {
    local nobody=(setpriv --reuid 54321 --regid 54321 --clear-groups env "HOME=/" "TMPDIR=/tmp")
    "${nobody[@]}" test -r "$PWD/harness/lib/common.sh" || skip "an ordinary user cannot read $PWD"
    for most in 2 3 4 5 6 7 8 10 12; do
        run timeout -k 1 60 prlimit --nproc=$most "${nobody[@]}" ./run.sh bench --strategies racing --workers 2 --rounds 1 --dry-run
        [ "$status" -eq 0 ] || [ "$status" -eq 1 ] || { echo "$most processes: status $status: $output"; return 1; }
        refute grep -E " takes |(there is no|unknown) strategy|nothing to measure" <<<"$output"
        [ "$status" -eq 0 ] || grep -q "Cannot fork\|ork: \|can't fork" <<<"$output"
        # Real usage errors are reported as before.
        run timeout -k 1 60 prlimit --nproc=$most "${nobody[@]}" ./run.sh bench --workers 2,x
        [ "$status" -ne 2 ] || grep -q "bench: --workers takes a list such as 2,8 or 2..64x2, not '2,x'" <<<"$output"
    done
}

# runs_with NAME TEXT: a copy of runs, next to programs of which NAME only prints TEXT
runs_with() {
    local checkout=$BATS_TEST_TMPDIR/checkout name
    mkdir -p "$checkout/build/bin" "$checkout/build/epoll"
    for name in harness plots servers; do
        ln -sfn "$top/$name" "$checkout/$name"
    done
    cp "$build/bin/runs" "$checkout/build/bin/"
    for name in bin/placement epoll/racing epoll/wakeone; do
        ln -sf "$build/$name" "$checkout/build/$name"
    done
    rm "$checkout/build/$1"
    printf '#!/bin/sh\nprintf "%%b" "%s"\n' "$2" >"$checkout/build/$1"
    chmod +x "$checkout/build/$1"
    runs=$checkout/build/bin/runs
}

@test "a program that prints nothing, or unexpected output, is reported in one line" {
    runs_with bin/placement ''
    for axes in "--cpus 2" "--split half" "--cpus 2,4 --split half"; do
        run "$runs" plan --strategies racing --workers 2 $axes
        failed_in_one_line 1
        [[ "$output" == *"/bin/placement printed nothing"* ]]
    done
    for text in '\n' '2\n' '2\t0\n' '0\t0\t0\n' 'x\t0\t0\n' '2\t0\tx\n' '2\t\t\n'; do
        runs_with bin/placement "$text"
        run "$runs" plan --strategies racing --workers 2 --cpus 2
        failed_in_one_line 1
        [[ "$output" == *"placement"* ]]
    done
    runs_with epoll/racing ''
    run "$runs" bench $quick --rounds 1 --out "$out"
    failed_in_one_line 1
    [[ "$output" == *"/epoll/racing --describe printed no line 'wakes:'"* ]]
    [ ! -e "$out" ]
    : >"$WAKEONE_ENVIRONMENT"
    run "$build/bin/runs" bench $quick --rounds 1 --out "$out"
    failed_in_one_line 1
    [[ "$output" == *"cannot describe the machine: $WAKEONE_ENVIRONMENT printed nothing"* ]]
}
