#!/usr/bin/env bats
# compare: runs side by side. The runs are simulated; the statistics are tested in
# tests/unit/test_paired.c and test_unpaired.c.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
load runs

# Runs and comparisons that several tests read, and none changes
setup_file() {
    built "$build/bin/stats"
    shared=$BATS_FILE_TMPDIR
    export shared
    mock_gnuplot "$shared/mock"
    make_run "$shared/a" <<<"$racing"
    make_run "$shared/more" seed=2 <<<"${racing/20000/24000}"
    make_run "$shared/less" <<<"${racing/20000/16000}"
    ./run.sh compare "$shared/a" "$shared/more" --out "$shared/a-more" >"$shared/a-more.txt" 2>&1
    ./run.sh compare "$shared/a" "$shared/less" --metric latency_p99_us,throughput_rps,errors_timeout,jain \
        --out "$shared/a-less" >"$shared/a-less.txt" 2>&1
}

setup() {
    a=$BATS_TEST_TMPDIR/a b=$BATS_TEST_TMPDIR/b c=$BATS_TEST_TMPDIR/c
    outs=0
    mock=$shared/mock
}

# make_run DIR [NAME=VALUE...] <<<"STRATEGY WORKERS RPS...": a run with values scattered by `spread`, and all values
# of a round by as much again, as on real machines. Latency is the inverse of throughput.
make_run() {
    local run=$1 cpus=2 rounds=12 seed=1 spread=0.01 connections=16 requests=1 machine=metal instrument=ctxsw
    local window=100ms words='' reference=racing
    shift
    [ $# -eq 0 ] || local "$@"
    mkdir -p "$run"
    awk -v cpus="$cpus" -v rounds="$rounds" -v seed="$seed" -v spread="$spread" -v connections="$connections" \
        -v requests="$requests" -v machine="$machine" -v instrument="$instrument" -v window="$window" \
        -v words="$words" -v plan="$run/plan.tsv" '
        function noise() { state = (state * 48271) % 2147483647; return 1 + spread * (state / 1073741823.5 - 1) }
        { name[NR] = $1; workers[NR] = $2; rps[NR] = $3 }
        END {
            state = seed * 7919
            print "trial,round,position,machine,strategy,backend,workers,cpus,server_cpus,client_cpus,load," \
                "connections,rate_offered,requests_per_connection,throughput_rps,latency_p99_us,wakeups_per_conn," \
                "errors_timeout,jain,instrument,verdict"
            print "trial\tround\tposition\tstrategy\tserver\tbackend\tworkers\tcpus\tserver_cpus\tclient_cpus\t" \
                "threads\tconnections\trate\trequests_per_connection\twindow\twarmup\tseed\tinstrument\tload_words\t" \
                "kind" > plan
            for (r = 1; r <= rounds; r++) {
                all = noise()
                for (i = 1; i <= NR; i++) {
                    value = rps[i] * all * noise()
                    print ++trial, r, i, machine, name[i], "epoll", workers[i], cpus, "0-1", "0-1", "closed", \
                        connections, "", requests, value, 1e7 / value, workers[i], r % 3, value / 1e5, instrument, "ok"
                    print trial "\t" r "\t" i "\t" name[i] "\t" name[i] words "\tepoll\t" workers[i] "\t" cpus \
                        "\t-\t-\t2\t" connections "\t-\t" requests "\t" window "\t100ms\t1\t" instrument \
                        "\t-\tmeasured" > plan
                }
            }
        }' OFS=, CONVFMT=%.8g OFMT=%.8g - >"$run/trials.csv"
    printf '%s\tn\tx\tracing\treference\n%s-again\tn\tx\tracing\tagain\n' "$reference" "$reference" >"$run/strategies.tsv"
    cat >"$run/env.json" <<'END'
{"utc": "2026-01-02T03:04:05Z", "commit": null, "modified": false, "host": "here", "kernel": "6.1", "cpu": {"model":
"Some CPU", "governor": "performance"}, "boot_line": "quiet mitigations=auto", "sysctls": {"net.core.somaxconn":
"4096", "net.ipv4.tcp_syncookies": "1"}, "warnings": ["smt", "turbo"]}
END
}

racing='racing 8 10000
racing-again 8 10000
wakeone 8 20000'

# look_at NAME: selects a comparison of setup_file
look_at() {
    out=$shared/$1
    output=$(cat "$out.txt")
}

# compare RUN...: $out is a new directory each time. No figure is drawn, unless mock is empty
compare() {
    outs=$((outs + 1))
    out=$BATS_TEST_TMPDIR/out$outs
    PATH=${mock:+$mock:}$PATH run ./run.sh compare "$@" --out "$out"
}

# set_fact RUN FILTER: changes env.json
set_fact() {
    jq "$2" "$1/env.json" >"$1/env.new" && mv "$1/env.new" "$1/env.json"
}

# of STRATEGY COLUMN [METRIC]: of compare.csv, for B; its fields before `sentence` have no commas
of() {
    awk -F, -v strategy="$1" -v name="$2" -v metric="${3:-throughput_rps}" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $1 == metric && $2 == "B" && $3 == strategy { print $(at[name]); exit }' "$out/compare.csv"
}

# about X Y [SHARE]
about() {
    awk -v x="$1" -v y="$2" -v share="${3:-0.0001}" 'BEGIN { d = x / y - 1; exit !(x != "" && d < share && d > -share) }'
}

# column RUN STRATEGY NAME
column() {
    awk -F, -v strategy="$2" -v name="$3" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $5 == strategy { print $(at[name]) }' "$1/trials.csv"
}

median() {
    sort -g | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

geometric_mean() {
    paste -d' ' "$1" "$2" | awk '{ sum += log($1 / $2) } END { print exp(sum / NR) }'
}

# ---- the figures ----

@test "the ratio is that of the medians, the ratios within the runs are those of the rounds, and the last line counts" {
    look_at a-more
    old=$(column "$shared/a" wakeone throughput_rps | median) new=$(column "$shared/more" wakeone throughput_rps | median)
    about "$(of wakeone ratio)" "$(awk "BEGIN { print $new / $old }")"
    about "$(of wakeone median_base)" "$old"
    about "$(of wakeone difference)" "$(awk "BEGIN { print $new - $old }")"
    for run in a more; do
        for strategy in racing wakeone; do
            column "$shared/$run" $strategy throughput_rps >"$BATS_TEST_TMPDIR/$run.$strategy"
        done
    done
    about "$(of wakeone within_base)" "$(geometric_mean "$BATS_TEST_TMPDIR"/a.{wakeone,racing})"
    about "$(of wakeone within_run)" "$(geometric_mean "$BATS_TEST_TMPDIR"/more.{wakeone,racing})"
    [ "$(of wakeone judgement)" = better ]
    [ "$(of racing judgement)" = undecided ]
    [ "$(of wakeone within)" = higher ]
    [[ "$output" == *"is higher"* && "$output" == *"Unpaired: every other difference"* ]]
    grep -qF "throughput_rps, B against A: better: 1 (wakeone 8); worse: 0; undecided: 1 (racing 8). Of 2 comparisons 0.1 would be significant by chance (5 %)." <<<"$output"
    grep -qF "comparison: $out" <<<"$output"
}

@test "the numbers are those of stats, to the digit" {
    look_at a-more
    { column "$shared/a" wakeone throughput_rps | sed 's/^/x base /'; column "$shared/more" wakeone throughput_rps | sed 's/^/x other /'; } |
        "$build/bin/stats" --unpaired --base base | cut -f6-13 >"$BATS_TEST_TMPDIR/stats"
    for name in difference difference_low difference_high ratio ratio_low ratio_high p outcome; do
        of wakeone $name
    done | paste -s >"$BATS_TEST_TMPDIR/compare"
    diff "$BATS_TEST_TMPDIR/stats" "$BATS_TEST_TMPDIR/compare"
}

@test "better depends on the metric: more, less, or no preferred direction" {
    look_at a-less
    [ "$(of wakeone judgement)" = worse ]
    [ "$(of wakeone judgement latency_p99_us)" = worse ]
    [ "$(of wakeone outcome latency_p99_us)" = more ]
    [[ "$output" == *"(less is better)"* ]]
    compare "$shared/less" "$shared/a" --metric jain,latency_p99_us
    [ "$(of wakeone judgement latency_p99_us)" = better ]
    [ "$(of wakeone outcome latency_p99_us)" = less ]
    [ "$(of wakeone judgement jain)" = different ]
    [[ "$output" == *"jain, B against A: different: 1 (wakeone 8); undecided: 1 (racing 8)"* ]]
}

@test "several metrics: each has its tables and figure, and the last line is about the first" {
    look_at a-less
    [ "$(cut -d, -f1 "$out/compare.csv" | sort | uniq -c | awk '{ print $1 $2 }' | paste -s -d' ')" = "2errors_timeout 2jain 2latency_p99_us 1metric 2throughput_rps" ]
    [ "$(cd "$out" && echo *)" = "compare.csv compare.json compare.md forest-errors_timeout.svg forest-jain.svg forest-throughput_rps.svg forest.svg" ]
    [ "$(grep -c '^throughput_rps, B against A (more is better)' <<<"$output")" -eq 1 ]
    grep -v ^comparison: <<<"$output" | tail -n 1 | grep -q '^latency_p99_us, B against A: better: 0; worse: 1'
    # some values are 0: a difference instead of a ratio
    [ -z "$(awk -F, '$1 == "errors_timeout" { print $16 }' "$out/compare.csv" | tr -d '\n')" ]
    [[ "$output" == *"0 [-1.00, 1.00]"* ]]
}

@test "differences below the noise threshold of either run are not reported as significant" {
    make_run "$a" spread=0.001 <<<"$racing"
    make_run "$b" spread=0.001 seed=2 <<<"racing 8 10000
racing-again 8 11000
wakeone 8 21000"
    for pair in "$a|$b" "$b|$a"; do
        compare "${pair%|*}" "${pair#*|}"
        [ "$(of wakeone outcome)" = floor ]
        [ "$(of wakeone judgement)" = undecided ]
        # the interval of the A/A pair does not contain 1, so its far end counts
        awk -v floor="$(of wakeone floor)" 'BEGIN { exit !(floor > 0.1 && floor < 0.102) }'
        [[ "$output" == *"within the noise threshold of 10.1 %"* ]]
    done
    # only the name distinguishes it from the others
    refute grep -q ',racing-again,' "$out/compare.csv"
    [[ "$output" == *$'\n'"  racing-again        8  "* ]]
    # without the A/A pair the same is a difference, and the threshold is reported as unknown
    for run in "$a" "$b"; do
        sed -i '/racing-again/d' "$run/trials.csv" "$run/plan.tsv"
    done
    compare "$a" "$b"
    [ "$(of wakeone judgement)" = better ]
    [ -z "$(of wakeone floor)" ]
    [[ "$output" == *"the noise threshold is unknown"* ]]
}

@test "a noise threshold is that of its block" {
    make_run "$a" spread=0.001 <<<"$racing
racing 2 10000
racing-again 2 12000
wakeone 2 10000"
    cp -r "$a" "$b"
    awk -F, -v OFS=, '$5 == "wakeone" { $15 *= 1.05 } { print }' "$a/trials.csv" >"$b/trials.csv"
    compare "$a" "$b"
    [ "$(awk -F, '$3 == "wakeone" { print $4 $21 }' "$out/compare.csv" | paste -s -d' ')" = "2floor 8more" ]
}

@test "three runs, each against the first" {
    mock=
    make_run "$a" <<<"$racing"
    make_run "$b" seed=2 <<<"$racing"
    make_run "$c" seed=3 <<<"${racing/20000/15000}"
    compare "$a" "$b" "$c"
    [ "$status" -eq 0 ]
    grep -q '^throughput_rps, B against A: better: 0; worse: 0' <<<"$output"
    grep -v ^comparison: <<<"$output" | tail -n 1 | grep -q '^throughput_rps, C against A: better: 0; worse: 1 (wakeone 8)'
    [[ "$output" == *"B overlaps; C is lower"* ]]
    [ "$(grep -c '^throughput_rps,[BC],wakeone,8,' "$out/compare.csv")" -eq 2 ]
    [ "$(jq -r '.within[] | select(.strategy == "wakeone") | .runs | map(.run + (.lies // "")) | join(" ")' "$out/compare.json")" = "A Boverlap Clower" ]
    grep -q '> *C/A<' "$out/forest.svg"
}

@test "several loads are numbered, and the last line names the load" {
    make_run "$a" <<<"$racing"
    make_run "$c" connections=64 requests=0 <<<"$racing"
    sed 1d "$c/trials.csv" | sed 's/^/10/' >>"$a/trials.csv"
    sed 1d "$c/plan.tsv" | sed 's/^/10/' >>"$a/plan.tsv"
    cp -r "$a" "$b"
    awk -F, -v OFS=, '$5 == "wakeone" && $12 == 64 { $15 *= 0.5 } { print }' "$a/trials.csv" >"$b/trials.csv"
    compare "$a" "$b"
    [[ "$output" == *"load 1: 16 connections, one request each, 2 CPUs"*"load 2: 64 connections, kept alive, 2 CPUs"* ]]
    [[ "$output" == *"worse: 1 (wakeone 8 in load 2); undecided: 3 (racing 8 in load 1, wakeone 8 in load 1, racing 8 in load 2)"* ]]
}

@test "machines with different numbers of CPUs have the same configurations, unless CPUs are an axis" {
    make_run "$a" <<<"$racing"
    make_run "$b" cpus=4 <<<"$racing"
    compare "$a" "$b"
    [ "$status" -eq 0 ]
    [ "$(wc -l <"$out/compare.csv")" -eq 3 ]
    [[ "$output" == *"CPUs: A 2, B 4"* && "$output" == *"!  trials.cpus "* ]]
    sed -n '2,$p' "$a/trials.csv" | sed 's/^/10/' >>"$b/trials.csv"
    sed -n '2,$p' "$a/plan.tsv" | sed 's/^/10/' >>"$b/plan.tsv"
    compare "$a" "$b"
    failed_in_one_line 2
    compare "$a" "$b" --overlap
    [ "$status" -eq 0 ]
    [ "$(awk -F, '$3 == "wakeone" { print $5 }' "$out/compare.csv")" = 2 ]
}

@test "a configuration without a valid sample is not compared" {
    for run in "$a" "$b"; do
        make_run "$run" <<<"$racing
fdpass 8 15000"
        sed -i '/,fdpass,/s/,ok$/,noisy/' "$run/trials.csv"
    done
    sed -i '/,wakeone,/s/,ok$/,noisy/' "$b/trials.csv"
    compare "$a" "$b"
    [ "$status" -eq 0 ]
    [[ "$output" == *"nothing to compare: no valid value in B"* && "$output" == *"24 of 48 samples valid"* ]]
    [[ "$output" == *"nothing to compare: no valid value in A and B"* ]]
    [ "$(of wakeone outcome)" = nothing ]
    [ "$(of wakeone judgement)" = undecided ]
    [[ "$output" == *"Of 1 comparisons 0.05 would"* ]]
}

@test "runs with different baselines have no ratios side by side" {
    make_run "$a" <<<"$racing"
    make_run "$b" reference=wakeone <<<"$racing"
    compare "$a" "$b"
    [ "$status" -eq 0 ]
    [[ "$output" == *"The runs have different baselines"* ]]
    [ -z "$(of racing within_base)" ]
}

# same_as_its_copy RUN: each configuration is compared, and none differs
same_as_its_copy() {
    rm -rf "$b"
    cp -r "$1" "$b"
    compare "$1" "$b"
    [ "$status" -eq 0 ] || return 1
    [[ "$output" == *"None."*"better: 0; worse: 0; undecided: $(jq '.cells | length' "$out/compare.json") ("* ]] || return 1
    [ "$(jq '[.cells[] | select(.ratio != 1 and .outcome != "nothing")] +
        [.within[] | select(.runs[1].lies != "overlap" and .runs[1].ratio_low != null)] | length' "$out/compare.json")" -eq 0 ]
}

@test "a run and its copy: no difference is reported" {
    small_copy "$a"
    set_fact "$a" '.modified = false'
    same_as_its_copy "$a"
    [ "$(jq '[.cells, .within | length] | join(" ")' "$out/compare.json")" = '"4 4"' ]
}

# bats test_tags=slow
@test "all reference runs, each and its copy: no difference is reported" {
    compared=0
    for reference in $(reference_runs); do
        awk -F, 'NR > 1 && $10 != "" { measured = 1 } END { exit !measured }' "$reference/summary.csv" || continue # counts only
        same_as_its_copy "$reference" || { echo "$reference:"; tail -n 3 <<<"$output"; false; }
        compared=$((compared + 1))
    done
    [ "$compared" -gt 0 ]
}

# ---- the environment ----

@test "only differences of the environment are shown, and those that make the comparison unfair are marked with the reason" {
    make_run "$a" <<<"$racing"
    cp -r "$a" "$b"
    compare "$a" "$b"
    [[ "$output" == *"None."* ]]
    refute grep -q '!' <<<"$output"
    set_fact "$b" '.kernel = "7.2" | .cpu.model = "Another" | .sysctls["net.core.somaxconn"] = "128" | .utc = "2027" |
        .boot_line = "quiet mitigations=off nokaslr" | .cpu.governor = null | .warnings = ["smt"]'
    compare "$a" "$b"
    for line in '     kernel  *6.1  *7.2$' '     utc  *2026-01-02T03:04:05Z  *2027$' '  !  cpu.model  *Some CPU  *Another  *different CPU model$' \
        '  !  sysctls.net.core.somaxconn  *4096  *128  *the maximum length' '  !  cpu.governor  *performance  *-  *frequency scaling' \
        '  !  boot_line  *... mitigations=auto  *... mitigations=off nokaslr  *kernel parameters' '  !  warnings  *smt, turbo  *smt  *warnings of doctor'; do
        grep -q "^$line" <<<"$output"
    done
    [[ "$output" == *$'\n'"5 lines are marked !: "* ]]
    refute grep -q 'tcp_syncookies\|host  ' <<<"$output"
    [ "$(jq -r '.environment[] | select(.unfair != null) | .name' "$out/compare.json" | sort | paste -s -d' ')" = \
        "boot_line cpu.governor cpu.model sysctls.net.core.somaxconn warnings" ]
    [ "$(jq -c '.environment[] | select(.name == "cpu.governor") | .values' "$out/compare.json")" = '["performance",null]' ]
}

@test "another instrument, another machine, modified sources: unfair" {
    make_run "$a" <<<"$racing"
    make_run "$b" machine=vm instrument=bpf <<<"$racing"
    for run in "$a" "$b"; do
        set_fact "$run" '.modified = true'
    done
    compare "$a" "$b"
    grep -q '^  !  trials.machine  *metal  *vm ' <<<"$output"
    grep -q '^  !  trials.instrument  *ctxsw  *bpf  *counting wakeups' <<<"$output"
    grep -q '^  !  modified  *true  *true  *built from' <<<"$output"
}

@test "other commits are unfair, unless git shows that servers and load are the same" {
    # a checkout with its own history
    checkout=$BATS_TEST_TMPDIR/checkout
    mkdir -p "$checkout/servers"
    cp -r run.sh harness plots "$checkout/"
    ln -s "$build" "$checkout/build"
    in_git() { git -C "$checkout" -c user.name=x -c user.email=x@x -c commit.gpgsign=false "$@"; }
    in_git init -q
    for change in servers/one README servers/two; do
        echo x >"$checkout/$change"
        in_git add "$change"
        in_git commit -q -m "$change"
        commits+=("$(in_git rev-parse HEAD)")
    done
    make_run "$a" <<<"$racing"
    cp -r "$a" "$b"
    set_fact "$a" ".commit = \"${commits[0]}\""
    # the commit of B, and its expected line
    while read -r commit line; do
        set_fact "$b" ".commit = \"$commit\""
        BUILD=build run "$checkout/run.sh" compare "$a" "$b" --out "$BATS_TEST_TMPDIR/$commit"
        [ "$status" -eq 0 ]
        grep -q "^  *$line" <<<"$output" || { echo "$commit: $output"; false; }
    done <<END
${commits[1]} commit  *${commits[0]}  *${commits[1]}
${commits[2]} !  commit .* servers or load differ between these commits$
1111111111111111111111111111111111111111 !  commit .* servers or load may differ: this checkout does not have both commits$
--output=pwned !  commit .*may differ
END
    [ ! -e pwned ]
    [ ! -e "$checkout/pwned" ]
}

@test "another version is treated as another commit is: unfair, unless git knows that servers and load are the same" {
    make_run "$a" <<<"$racing"
    cp -r "$a" "$b"
    for run in "$a" "$b"; do # installed copies, which have no commit
        set_fact "$run" '.wakeone = {"version": "1.0"}'
    done
    compare "$a" "$b"
    refute grep -q 'wakeone\.version' <<<"$output"
    set_fact "$b" '.wakeone.version = "9.1"'
    compare "$a" "$b"
    grep -q '^  !  wakeone.version  *1.0  *9.1  *servers or load may differ' <<<"$output"
    [ "$(jq -c '.environment[] | select(.name == "wakeone.version") | .values' "$out/compare.json")" = '["1.0","9.1"]' ]
    for run in "$a" "$b"; do
        set_fact "$run" ".commit = \"$(printf '%040d' 1)\""
    done
    compare "$a" "$b"
    grep -q '^  *wakeone.version  *1.0  *9.1 *$' <<<"$output"
}

@test "a fact that one run does not have is not a difference, and is listed" {
    make_run "$a" <<<"$racing"
    cp -r "$a" "$b"
    set_fact "$b" '.facts = {"smt": "on", "turbo": "off"}'
    compare "$a" "$b"
    [[ "$output" == *"None."* && "$output" == *"Not in env.json of A: facts."* ]]
    rm "$b/env.json" "$b/plan.tsv" "$b/strategies.tsv"
    compare "$a" "$b"
    [ "$status" -eq 0 ]
    [[ "$output" == *"! B has no env.json: its machine is unknown"* && "$output" == *"undecided: 2"* ]]
    jq -e '.runs[1].host == null' "$out/compare.json" >/dev/null
}

# ---- refused ----

@test "usage errors: one line, status 2" {
    make_run "$a" <<<"$racing"
    make_run "$b" <<<"$racing"
    ln -s "$a" "$c"
    # the arguments, separated by |; and parts of the message
    while IFS=: read -r arguments message; do
        IFS='|' read -r -a words <<<"$arguments"
        compare "${words[@]}"
        [ ! -e "$out" ]
        failed_in_one_line 2
        [[ "$output" == "compare: "*"$message"* ]] || { echo "$arguments: $output, not $message"; false; }
    done <<END
:at least two runs
$a:at least two runs
$a|$a:more than once
$a|$a/../a:more than once
$a|$c:more than once
$a|$BATS_TEST_TMPDIR:no run in
$a|$BATS_TEST_TMPDIR/nowhere:no run in
$a|$b|--nonsense:no option '--nonsense'
$a|$b|--metric|nosuch:unknown column nosuch
$a|$b|--metric|jain,,jain:comma-separated columns of trials.csv
$a|$b|--metric|jain,jain:has jain more than once
$a|$b|--metric|workers:workers is not a metric
$a|$b|--metric|instrument:instrument is not a metric
$a|$b|--metric|x;ls:comma-separated columns of trials.csv
$a|$b|--metric|../x:comma-separated columns of trials.csv
END
    run ./run.sh compare "$a" "$b" --out "$a"
    failed_in_one_line 2
    run ./run.sh compare "$a" "$b" --out "$a/trials.csv/x"
    failed_in_one_line 2
    run ./run.sh compare "$a" "$b" --metric
    failed_in_one_line 2
    [[ "$output" == *"--metric takes an argument"* ]]
    run ./run.sh compare --help
    [ "$status" -eq 0 ]
    [[ "$output" == *"example: ./run.sh compare "* ]]
}

@test "other columns and other schemas are refused by name, unless --overlap" {
    make_run "$a" <<<"$racing"
    make_run "$b" <<<"$racing"
    sed -i '1s/jain/hiccup_pct/' "$b/trials.csv"
    compare "$a" "$b"
    failed_in_one_line 2
    [[ "$output" == *"hiccup_pct only in B"*"jain only in A"*"--overlap"* ]]
    compare "$a" "$b" --overlap
    [ "$status" -eq 0 ]
    compare "$a" "$b" --overlap --metric jain
    failed_in_one_line 2
    [[ "$output" == *"no column jain"* ]]
    sed -i '1s/hiccup_pct/jain/; 1s/round/turn/' "$b/trials.csv"
    compare "$a" "$b" --overlap
    failed_in_one_line 1
    [[ "$output" == *"missing column 'round'"* ]]
    make_run "$b" <<<"$racing"
    set_fact "$b" '.schema = 2'
    compare "$a" "$b"
    failed_in_one_line 2
    [[ "$output" == *"schema"*"--overlap"* ]]
    compare "$a" "$b" --overlap
    [ "$status" -eq 0 ]
}

@test "other plans are refused with their differences, unless --overlap, which reports what it skipped" {
    make_run "$a" <<<"$racing"
    make_run "$b" <<<"$racing
fdpass 8 15000"
    compare "$a" "$b"
    failed_in_one_line 2
    [[ "$output" == *"1 configuration only in B (fdpass 8): --overlap"* ]]
    compare "$a" "$b" --overlap
    [ "$status" -eq 0 ]
    [[ "$output" == *"1 configuration left out: 0 only in A, 1 only in B."* ]]
    [ "$(wc -l <"$out/compare.csv")" -eq 3 ]
    make_run "$b" window=1s <<<"$racing"
    compare "$a" "$b"
    failed_in_one_line 2
    [[ "$output" == *"window of racing 8 is 100 ms in A and 1000 ms in B: --overlap"* ]]
    compare "$a" "$b" --overlap
    [ "$status" -eq 0 ]
    [[ "$output" == *"!  plan.window "* ]]
    make_run "$b" window=0.1s <<<"$racing"
    compare "$a" "$b"
    [ "$status" -eq 0 ]
}

@test "a setting is listed once, also if its name is the beginning of another one" {
    make_run "$a" <<<"$racing"
    make_run "$b" <<<"$racing"
    sed -i '0,/\twakeone\twakeone\t/s//\twakeone\twakeone --service-us 10\t/' "$b/plan.tsv"
    compare "$a" "$b"
    failed_in_one_line 2
    [[ "$output" == *"is wakeone in A and wakeone --service-us 10 and wakeone in B: --overlap"* ]]
    sed -i '0,/\twakeone\twakeone[^\t]*\t/s//\twakeone\txwakeone\t/' "$b/plan.tsv"
    compare "$a" "$b"
    failed_in_one_line 2
    [[ "$output" == *"is wakeone in A and xwakeone and wakeone in B: --overlap"* ]]
}

@test "configurations that were not measured yet are found in the other run" {
    make_run "$a" <<<"$racing"
    make_run "$b" <<<"$racing"
    for run in "$a" "$b"; do # more rows than in the plan
        awk -F '\t' -v OFS='\t' 'NR > 1 { $14 = "-" } { print }' "$run/plan.tsv" >"$run/plan.new"
        mv "$run/plan.new" "$run/plan.tsv"
    done
    sed -i '$d' "$b/trials.csv"
    compare "$a" "$b"
    [ "$status" -eq 0 ]
    [[ "$output" != *"left out"* ]]
    [ "$(wc -l <"$out/compare.csv")" -eq 3 ]
}

@test "after Z come AA, AB, ..." {
    local runs=() number
    for number in $(seq 28); do
        cp -r "$shared/a" "$BATS_TEST_TMPDIR/run$number"
        runs+=("$BATS_TEST_TMPDIR/run$number")
    done
    compare "${runs[@]}"
    [ "$status" -eq 0 ]
    [[ "$output" == *"throughput_rps, AB against A"* ]]
    [ "$(awk -F, 'NR > 1 { print $2 }' "$out/compare.csv" | uniq | tail -n 3 | tr '\n' ' ')" = "Z AA AB " ]
    [ "$(jq -r '.runs[-1].run' "$out/compare.json")" = AB ]
}

@test "a server with other options under the same name is another configuration" {
    make_run "$a" <<<"$racing"
    make_run "$b" <<<"$racing"
    sed -i 's/\twakeone\twakeone\t/\twakeone\twakeone --service-us 10\t/' "$b/plan.tsv"
    compare "$a" "$b"
    failed_in_one_line 2
    [[ "$output" == *"server of wakeone 8 is wakeone in A and wakeone --service-us 10 in B"* ]]
    compare "$a" "$b" --overlap
    [ "$status" -eq 0 ]
    [[ "$output" == *"1 configuration left out: 0 only in A, 0 only in B, 1 with a different server or load"* ]]
    [ -z "$(of wakeone ratio)" ]
    [ -n "$(of racing ratio)" ]
}

@test "no common configuration, no valid sample, no sample: one line, status 2" {
    make_run "$a" <<<"$racing"
    make_run "$b" <<<"${racing// 8 / 2 }"
    compare "$a" "$b" --overlap
    failed_in_one_line 2
    [[ "$output" == *"no configuration in common"* ]]
    make_run "$b" <<<"$racing"
    sed -i '2,$s/,ok$/,noisy/' "$b/trials.csv"
    compare "$a" "$b"
    failed_in_one_line 2
    [[ "$output" == *"$b has no valid sample"* ]]
    make_run "$b" <<<"$racing"
    awk -F, -v OFS=, 'NR > 1 { $19 = "" } { print }' "$b/trials.csv" >"$b/new"
    mv "$b/new" "$b/trials.csv"
    compare "$a" "$b" --metric jain
    failed_in_one_line 2
    [[ "$output" == *"no valid sample of B has a value in jain"* ]]
    compare "$b" "$a" --metric jain
    failed_in_one_line 2
    [[ "$output" == *"no valid sample of A has a value in jain"* ]]
}

@test "damaged files are reported with the line" {
    make_run "$a" <<<"$racing"
    make_run "$b" <<<"$racing"
    for bad in '7s/,wakeone,/,$(touch pwned),/' '7s/$/,/' '7s/^[^,]*,[^,]*/x,y/' '7s/,8,2,/,8|9,2,/'; do
        sed "$bad" "$a/trials.csv" >"$b/trials.csv"
        compare "$a" "$b"
        failed_in_one_line 1
        [[ "$output" == *"$b/trials.csv: line 7: "* ]]
    done
    cp "$a/trials.csv" "$b/trials.csv"
    sed -i '5s/\t.*//' "$b/plan.tsv"
    compare "$a" "$b"
    failed_in_one_line 1
    [[ "$output" == *"plan.tsv of B: line 5: "* ]]
    cp "$a/plan.tsv" "$b/plan.tsv"
    for bad in '{' '[]' '' '{} {}' '"x"'; do
        echo "$bad" >"$b/env.json"
        compare "$a" "$b"
        failed_in_one_line 1
        [[ "$output" == *"$b/env.json is not a JSON object"* ]]
    done
    [ ! -e pwned ]
}

# ---- output ----

# as_numbers: lines, numbers in one form
as_numbers() {
    awk '{ print /^[-+.0-9e]+$/ ? sprintf("%.12g", $1) : $0 }' | paste -s
}

@test "JSON, CSV, Markdown and text have the same content" {
    look_at a-more
    # as numbers: whether 1.20 is printed as 1.2 depends on the version of jq
    [ "$(jq -r '.cells[] | .strategy, .ratio, .ratio_low, .ratio_high, .p, .floor, .judgement' "$out/compare.json" | as_numbers)" = \
        "$(for strategy in racing wakeone; do
            echo $strategy
            for name in ratio ratio_low ratio_high p floor judgement; do of $strategy $name; done
        done | as_numbers)" ]
    shown=$(jq -r '.cells[1] | .ratio, .ratio_low, .ratio_high' "$out/compare.json" | paste -s -d' ' | awk '{ printf "%.3f [%.3f, %.3f]", $1, $2, $3 }')
    grep -qF "  $shown  " <<<"$output"
    tr -s ' ' <"$out/compare.md" | grep -F '| wakeone | 8 | ' | grep -qF " | $shown | " # in one row
    jq -e '.result == [{metric: "throughput_rps", run: "B", better: [.result[0].better[0]], worse: [], different: [],
        undecided: [.result[0].undecided[0]], tested: 2, by_chance: 0.1}]' "$out/compare.json" >/dev/null
    # with standard output as the target, it has nothing else
    ./run.sh compare "$shared/a" "$shared/more" --json --out "$BATS_TEST_TMPDIR/json" 2>/dev/null | cmp - "$out/compare.json"
    ./run.sh compare "$shared/a" "$shared/more" --markdown --out "$BATS_TEST_TMPDIR/markdown" 2>/dev/null | cmp - "$out/compare.md"
    # repeated runs give the same, including the figure
    diff -r "$out" "$BATS_TEST_TMPDIR/json"
    # each line has as many fields as the header, the last one in quotes
    awk -F, 'NR == 1 { n = NF; next } { sub(/,".*"$/, ",x"); if (NF != n) exit 1 }' "$out/compare.csv"
}

@test "special characters in runs from elsewhere have no effect in any format" {
    mock=
    odd=$BATS_TEST_TMPDIR/'odd|<b> "x" $(touch pwned) `touch pwned`'
    make_run "$a" <<<"$racing"
    make_run "$odd" <<<"$racing"
    set_fact "$odd" '.cpu.model = "a|b<c>`d`*e*[f](g)\\h\u001b[31m\u0085\u202ex\ty\nz" | .host = "h\"\u0007\\n<b>@{x}^2" |
        .kernel = "$(touch pwned)" | .cpu["x|y\tz"] = "1" | .utc = "=1+1\u0000"'
    cp -r "$odd" "$odd 2"
    set_fact "$odd 2" '.cpu["x|y\tz"] = "2"'
    compare "$a" "$odd" "$odd 2"
    [ "$status" -eq 0 ]
    [ ! -e pwned ]
    [ ! -e plots/pwned ]
    # no control character except line ends
    for file in text "$out/compare.md" "$out/compare.csv" "$out/forest.svg"; do
        [ "$file" != text ] || { file=$BATS_TEST_TMPDIR/text; echo "$output" >"$file"; }
        refute has_control_characters "$file"
    done
    grep -qF 'a\|b&lt;c&gt;\`d\`\*e\*\[f\](g)\\h?\[31m??x?y?z' "$out/compare.md"
    [ "$(jq -c '.environment[] | select(.name == "cpu.x|y?z") | .values' "$out/compare.json")" = '[null,"1","2"]' ]
    grep -qF '&lt;b>@{x}^2' "$out/forest.svg"
    refute grep -q '<b>' "$out/forest.svg"
    xmllint --nonet --noout "$out/forest.svg"
}

@test "the figure: one complete SVG with all rows" {
    mock=
    make_run "$a" <<<"$racing
racing 2 10000
wakeone 2 12000"
    make_run "$b" seed=2 <<<"$racing
racing 2 10000
wakeone 2 14000"
    compare "$a" "$b"
    file=$out/forest.svg
    [ "$(grep -c '<svg' "$file")" -eq 1 ]
    [ "$(grep -v '^$' "$file" | tail -n 1)" = "</svg>" ]
    xmllint --nonet --noout "$file"
    # gnuplot may put spaces before a text
    sed 's/<text> */<text>/' "$file" >"$BATS_TEST_TMPDIR/figure"
    for label in 'racing, 2 workers' 'racing, 8 workers' 'wakeone, 2 workers' 'wakeone, 8 workers' 'B/A' '16 connections, one request each' \
        "throughput_rps (requests/s): ratio of medians to A" \
        "$(awk -F, '$3 == "wakeone" && $4 == 2 { printf "%.3f [%.3f, %.3f]", $16, $17, $18 }' "$out/compare.csv")"; do
        grep -qF ">$label<" "$BATS_TEST_TMPDIR/figure"
    done
    grep -q 'here, Linux 6.1, 2026-01-02' "$file"
    refute grep -q racing-again "$file"
    # its height grows with its rows
    height() { sed -n 's/.*viewBox="0 0 [0-9]* \([0-9]*\)".*/\1/p' "$1"; }
    [ "$(height "$shared/a-more/forest.svg")" -lt "$(height "$file")" ]
}

@test "one round, values far apart, values without a ratio: still a document and a figure" {
    mock=
    make_run "$a" rounds=1 <<<"$racing"
    make_run "$b" rounds=1 <<<"${racing/20000/90000000}"
    compare "$a" "$b" --metric throughput_rps,errors_timeout
    [ "$status" -eq 0 ]
    [ "$(of wakeone outcome)" = single ]
    [ "$(of wakeone judgement)" = undecided ]
    [[ "$output" == *"Of 0 comparisons 0 would"* ]]
    grep -q '> *4500[.]000<' "$out/forest.svg"
    make_run "$a" rounds=3 <<<"$racing"
    make_run "$b" rounds=3 <<<"${racing/20000/90000}"
    compare "$a" "$b"
    [[ "$output" == *"too few values"*"Of 0 comparisons 0 would"* ]]
    make_run "$a" spread=0 <<<"$racing"
    make_run "$b" spread=0 <<<"${racing/20000/1e-300}"
    compare "$a" "$b"
    [ "$status" -eq 0 ]
    [ "$(of wakeone judgement)" = worse ]
    jq -e . "$out/compare.json" >/dev/null
    grep -q '</svg>' "$out/forest.svg"
}

@test "without --out, a number is appended to an existing name" {
    local now second name
    now=$(date +%s)
    for second in $(seq 0 29); do # any second at which it gets there
        name=results/compare-$(date -u -d "@$((now + second))" +%Y%m%dT%H%M%SZ)
        mkdir "$name"
        taken+=("$name")
    done
    run ./run.sh compare "$shared/a" "$shared/more"
    rmdir "${taken[@]}"
    [ "$status" -eq 0 ]
    name=$(sed -n 's/^comparison: //p' <<<"$output")
    [[ "$name" == "$top"/results/compare-*Z-2 ]]
    [ -s "$name/forest.svg" ]
    [ -s "$name/compare.md" ]
    rm -r "$name"
}

@test "a run from before the columns of CPU quotas is compared with one that has them" {
    cp -r tests/data/run "$BATS_TEST_TMPDIR/old"
    cp -r tests/data/run "$BATS_TEST_TMPDIR/new"
    sed -i '1s/,verdict$/,nr_throttled,throttled_us,verdict/; 2,$s/,\([a-z-]*\)$/,0,0,\1/' "$BATS_TEST_TMPDIR/new/trials.csv"
    run ./run.sh compare "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/new" --out "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    sed -i '1s/,nr_throttled,/,another,/' "$BATS_TEST_TMPDIR/new/trials.csv"
    run ./run.sh compare "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/new" --out "$BATS_TEST_TMPDIR/out2"
    failed_in_one_line 2
    [[ "$output" == *"another only in B"* ]]
}
