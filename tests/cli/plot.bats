#!/usr/bin/env bats
# run.sh plot: figures from the files of a run; deterministic; files from elsewhere are not trusted.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
load runs

setup_file() {
    built "$build/bin/stats"
    drawn=$BATS_FILE_TMPDIR/drawn # the fixture with its figures: read-only
    export drawn
    small_copy "$drawn"
    ./run.sh plot "$drawn" 2>/dev/null
}

setup() {
    run_dir=$BATS_TEST_TMPDIR/run
}

# bats test_tags=slow
@test "all reference runs: the committed figures match the committed data, and are valid SVG" {
    reference_runs >"$BATS_TEST_TMPDIR/references"
    while read -r reference; do
        copy=$BATS_TEST_TMPDIR/$(basename "$reference")
        cp -r "$reference" "$copy"
        rm -rf "$copy/figures" "$copy/summary.csv"
        run ./run.sh plot "$copy"
        [ "$status" -eq 0 ]
        for figure in "$reference"/figures/*.svg; do
            diff <(structure "$figure") <(structure "$copy/figures/${figure##*/}") || { echo "$figure"; false; }
        done
        [ ! -e "$reference/figures/index.tsv" ] || diff "$reference/figures/index.tsv" "$copy/figures/index.tsv"
        diff -r -x figures -x 'report.*' "$reference" "$copy"
        figures_are_valid "$copy"
    done <"$BATS_TEST_TMPDIR/references"
    [ -e "$copy/figures/index.tsv" ]
}

@test "the input of gnuplot for a run, byte for byte" {
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    small_copy "$run_dir"
    PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh plot "$run_dir"
    [ "$status" -eq 0 ]
    # to update it: cp it from there, and check the diff
    diff tests/data/run.figures "$BATS_TEST_TMPDIR/mock/given"
}

@test "the figures of the same run are identical; two runs in one command do not affect each other" {
    small_copy "$BATS_TEST_TMPDIR/a/drawn"
    small_copy "$run_dir"
    set_columns "$run_dir" throughput_rps=1000
    run ./run.sh plot "$run_dir" "$BATS_TEST_TMPDIR/a/drawn"
    [ "$status" -eq 0 ]
    diff -r "$drawn" "$BATS_TEST_TMPDIR/a/drawn"
    refute cmp -s "$drawn/figures/throughput.svg" "$run_dir/figures/throughput.svg"
}

@test "figures are compared by structure: other positions are equal, other texts, kinds or data are not" {
    sed 's/<text> */<text>  /;s/x="0"/x="1"/' "$drawn/figures/wakeups.svg" >"$BATS_TEST_TMPDIR/moved.svg"
    refute cmp -s "$drawn/figures/wakeups.svg" "$BATS_TEST_TMPDIR/moved.svg"
    diff <(structure "$drawn/figures/wakeups.svg") <(structure "$BATS_TEST_TMPDIR/moved.svg")
    for change in 's/>racing</>racings</' 's/<polygon/<polyline/' 's/data: cksum 1*/&1/' '/data: cksum/d'; do
        sed "$change" "$drawn/figures/wakeups.svg" >"$BATS_TEST_TMPDIR/other.svg"
        refute diff -q <(structure "$drawn/figures/wakeups.svg") <(structure "$BATS_TEST_TMPDIR/other.svg")
    done
}

@test "each figure is one complete SVG with each strategy, valid by the DTD" {
    figures_are_valid "$drawn"
    [ "$(ls "$drawn/figures"/*.svg | wc -l)" -eq 9 ]
    for figure in throughput wakeups latency share cpu classes wire timeline; do
        file=$drawn/figures/$figure.svg
        [ "$(grep -c '<svg' "$file")" -eq 1 ]
        [ "$(grep -v "^$" "$file" | tail -n 1)" = "</svg>" ]
        words_of "$file" >"$BATS_TEST_TMPDIR/words"
        grep -qx racing "$BATS_TEST_TMPDIR/words"
        grep -qx wakeone "$BATS_TEST_TMPDIR/words"
    done
}

@test "figures of several loads: rates, numbers of CPUs, rounds with intervals; each figure once per load" {
    small_copy "$run_dir"
    # 12 rounds, the second half at twice the rate, with twice the CPUs
    awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
        { for (k = 0; k < 12; k += 2) {
            line = $0
            $2 += k; $(at["throughput_rps"]) *= 1 + k / 100
            $(at["connections"]) = ""; $(at["rate_offered"]) = k < 6 ? 500 : 1000; $(at["cpus"]) = k < 6 ? 1 : 2
            print; $0 = line } }' "$run_dir/trials.csv" >"$BATS_TEST_TMPDIR/rows"
    mv "$BATS_TEST_TMPDIR/rows" "$run_dir/trials.csv"
    rm "$run_dir/wire.csv"
    sed -i 's/^connections\t.*/connections\t-/;s/^rate\t.*/rate\t500\/cpu/' "$run_dir/settings.tsv"
    run ./run.sh plot "$run_dir"
    [ "$status" -eq 0 ]
    figures_are_valid "$run_dir"
    [ "$(LC_ALL=C && cd "$run_dir/figures" && echo *.svg)" = "$(for figure in classes cpu latency share throughput wakeups; do
        echo $figure-p1-r500.svg $figure-p2-r1000.svg
    done | cat - <(printf '%s.svg\n' rate ratios scale-2-500-cpu-1 scale-8-500-cpu-1 surface timeline) | tr ' ' '\n' | LC_ALL=C sort | paste -s -d' ')" ]
    words_of "$run_dir/figures/throughput-p2-r1000.svg" | grep -q '; medians of 6 rounds, 95 % intervals$'
}

@test "with more than four loads the first, the middle and the last have figures, with --all-loads each" {
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    small_copy "$run_dir"
    for position in 1 2 3 4 5 6; do
        set_columns "$run_dir" connections=$((position < 6 ? 1 << position : 32)) "\$(at[\"position\"]) == $position"
    done
    PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh plot "$run_dir"
    [ "$status" -eq 0 ]
    [ "$(LC_ALL=C && cd "$run_dir/figures" && echo share-*)" = "share-c2.svg share-c32.svg share-c8.svg" ]
    [[ "$(why "$run_dir" loads)" == "2 of 5 loads are not drawn, only "* ]]
    PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh plot --all-loads "$run_dir"
    [ "$(LC_ALL=C && cd "$run_dir/figures" && echo share-*)" = "share-c16.svg share-c2.svg share-c32.svg share-c4.svg share-c8.svg" ]
    [ "$(why "$run_dir" loads)" = "" ]
}

@test "the ratios of a run: those of summary.csv for each server; if there are too many for a figure, a reason" {
    tail -n +2 "$drawn/summary.csv" | grep -v "^racing," | awk -F, '$23 > 0 { printf "%.3f %.3f %.3f\n", $22, $23, $24 }' >"$BATS_TEST_TMPDIR/ratios"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/ratios")" -eq 4 ]
    while read -r ratio low high; do
        grep -qF ">$ratio [$low, $high]<" "$drawn/figures/ratios.svg" || { echo "no $ratio [$low, $high]"; false; }
    done <"$BATS_TEST_TMPDIR/ratios"
    words_of "$drawn/figures/ratios.svg" >"$BATS_TEST_TMPDIR/words"
    [ "$(grep -c "^racing-again, [0-9]* workers$" "$BATS_TEST_TMPDIR/words")" -eq 2 ]
    grep -q "^to racing in the same rounds" "$BATS_TEST_TMPDIR/words"
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    small_copy "$run_dir"
    awk -F, -v OFS=, 'FNR == 1 { print; for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (k = 1; k <= 13; k++) { $(at["connections"]) = 10 * k; print } }' "$run_dir/trials.csv" >"$run_dir/more"
    mv "$run_dir/more" "$run_dir/trials.csv"
    PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh plot "$run_dir"
    [ "$status" -eq 0 ]
    [[ "$(why "$run_dir" ratios)" == "too many ratios (52) to racing"* ]]
}

@test "the share of a bar is the arithmetic of workers.csv" {
    # trial 1, three workers, accepts 3, 6, 1: 60, 30 and 10 percent; trial 2, two workers, one of them idle; trial 8 has no row
    rows_run "$run_dir" jain <<<"racing 3 2 16 - ok 1 0.72
racing 2 2 16 - ok 1 0.5"
    printf 'trial,role,accepts\n1,worker,3\n1,acceptor,90\n1,worker,6\n1,worker,1\n8,worker,5\n2,worker,0\n2,worker,4\n' >"$run_dir/workers.csv"
    mkdir "$BATS_TEST_TMPDIR/merged"
    "$build/bin/runs" merge "$run_dir" "$BATS_TEST_TMPDIR/merged"
    [ "$(tail -n +2 "$BATS_TEST_TMPDIR/merged/shares.csv")" = "racing,3,2,16,,1,1,0,60.000000 30.000000 10.000000
racing,2,2,16,,1,1,1,100.000000" ]
    for file in workers.csv shares.csv; do # both forms
        "$build/bin/runs" figure share "$run_dir" >"$BATS_TEST_TMPDIR/bars"
        [ "$(grep -v '^$' "$BATS_TEST_TMPDIR/bars")" = "0.0000 100.0000
1 0.5000000
0.0000 60.0000
60.0000 90.0000
90.0000 100.0000
0 0.7200000" ] || { echo "$file"; cat "$BATS_TEST_TMPDIR/bars"; return 1; }
        mv "$BATS_TEST_TMPDIR/merged/shares.csv" "$run_dir/" 2>/dev/null || true
        rm -f "$run_dir/workers.csv"
    done
}

@test "a damaged line of shares affects only the figure of its own load" {
    rows_run "$run_dir" jain <<<"racing 2 2 16 - ok 1 0.5
racing 2 2 32 - ok 1 0.5"
    printf 'trial,role,accepts\n1,worker,3\n2,worker,x\n' >"$run_dir/workers.csv"
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh plot "$run_dir"
    [ "$status" -eq 1 ]
    [[ "$output" == *"workers.csv: line 3: 'x' is not a number of accepts"* ]]
    [ -e "$run_dir/figures/share-c16.svg" ]
    [ ! -e "$run_dir/figures/share-c32.svg" ]
    run "$build/bin/runs" merge "$run_dir" "$BATS_TEST_TMPDIR"
    failed_in_one_line 1
    [[ "$output" == *"workers.csv: line 3: "* ]]
}

@test "a percentile spectrum adds histograms, ends at the number of samples, and never decreases" {
    rows_run "$run_dir" latency_p99_us <<<"racing 2 2 16 - ok 1 1000
racing 2 2 16 - ok 2 1000"
    mkdir "$run_dir/hist" "$BATS_TEST_TMPDIR/merged"
    head='   Value Percentile TotalCount 1/(1-Percentile)\n\n'
    printf '%b' "$head" ' 1000.25 0.9 45 10\n 2000.5 1.0 50 1\n#[Mean = 1]\n' >"$run_dir/hist/1.hgrm"
    printf '%b' "$head" ' 1000.25 0.9 45 10\n 2000.5 0.98 49 10\n 5000 1.0 50 1\n' >"$run_dir/hist/2.hgrm"
    "$build/bin/runs" merge "$run_dir" "$BATS_TEST_TMPDIR/merged"
    [ "$(grep -v '^$' "$BATS_TEST_TMPDIR/merged/latency/racing_2_2_16_-_1.hgrm")" = "       Value     Percentile TotalCount 1/(1-Percentile)
1000.250 0.900000 90 10.00
2000.500 0.990000 99 100.00
5000.000 1.000000 100 inf
#[Max = 5000.000, Total count = 100]
#[Trials = 2]" ]
    for form in hist latency; do
        "$build/bin/runs" figure latency "$run_dir" >"$BATS_TEST_TMPDIR/points"
        [ "$(grep -v '^$' "$BATS_TEST_TMPDIR/points")" = "1.00025 10
2.0005 100
5 100" ] || { echo "$form"; return 1; }
        [ "$form" = hist ] || break
        mv "$run_dir/hist" "$BATS_TEST_TMPDIR/"
        mv "$BATS_TEST_TMPDIR/merged/latency" "$run_dir/"
    done
    mv "$BATS_TEST_TMPDIR/hist" "$run_dir/"
    printf '%b' "$head" ' 1000 0.9 45 10\n 2000 1.0 40 1\n' >"$run_dir/hist/2.hgrm"
    run "$build/bin/runs" figure latency "$run_dir"
    failed_in_one_line 1
    [[ "$output" == *"hist/2.hgrm is not a histogram: line 4 is not a value, a percentile and an increasing count" ]]
}

@test "the knee is the last rate below twice the first p99; rates at which most samples fell behind have no point" {
    for rate in 1000:1000 2000:1900 3000:2100 4000:99999; do
        p99=${rate#*:}
        verdict=ok
        [ "$p99" -lt 99999 ] || verdict=short-of-rate
        echo "racing 8 2 - ${rate%:*} $verdict 1 $((p99 - 100))"
        echo "racing 8 2 - ${rate%:*} short-of-rate 2 5"
        echo "racing 8 2 - ${rate%:*} $verdict 3 $((p99 + 100))"
    done | rows_run "$run_dir" latency_p99_us
    sed -i '$s/short-of-rate/ok/' "$run_dir/trials.csv" # of the last rate one row is ok: the lucky one
    "$build/bin/runs" figure rate "$run_dir" >"$BATS_TEST_TMPDIR/data"
    [ "$(tail -n +5 "$BATS_TEST_TMPDIR/data" | grep -v '^$')" = "1000 1 0.9 1.1
2000 1.9 1.8 2
3000 2.1 2 2.2
2000 1.9
4000" ]
}

# law LAMBDA SIGMA KAPPA CPUS...: "cpus requests"
law() {
    awk -v l="$1" -v s="$2" -v k="$3" -v list="${*:4}" 'BEGIN {
        n = split(list, c, " ")
        for (i = 1; i <= n; i++) { x = l * c[i] / (1 + s * (c[i] - 1) + k * c[i] * (c[i] - 1)); print c[i], x } }'
}

# fit: the message about the fit of these lines, two rounds 1 % to each side; the data is in $BATS_TEST_TMPDIR/data
fit() {
    rm -rf "$run_dir"
    awk '{ for (r = 1; r <= 2; r++) printf "wakeone 1 %s 1 - ok %d %.10g\n", $1, r, $2 * (r == 1 ? 0.99 : 1.01) }' | rows_run "$run_dir" throughput_rps
    printf 'workers\t1\nconnections\t1\n' >"$run_dir/settings.tsv"
    { "$build/bin/runs" figure scale "$run_dir" >"$BATS_TEST_TMPDIR/data"; } 2>&1
}

@test "the scalability law: known parameters are recovered, with a band; data that does not fit is not drawn, with a reason" {
    law 10000 0.05 0.002 1 2 4 8 16 32 | fit >"$BATS_TEST_TMPDIR/said"
    grep -qE '^fit of wakeone: lambda (10000|9999|10001)\+-.*, sigma 0\.0(5|499|501)[0-9]*\+-.*, kappa 0\.00(2|199|201)[0-9]*\+-.*, residual 0\.0 %; 64 CPUs: 52[34][0-9][0-9] \[.*\]$' "$BATS_TEST_TMPDIR/said"
    # at 64 CPUs: 640000 / (1 + 3.15 + 8.064); the curve is the third block
    awk 'BEGIN { RS = "\n\n\n" } NR == 3' "$BATS_TEST_TMPDIR/data" | tail -n 1 |
        awk '{ exit !($1 > 63.9 && $2 / (640000 / 12.214) > 0.99 && $2 / (640000 / 12.214) < 1.01 && $3 <= $2 && $2 <= $4) }'
    [ "$(law 10000 0.05 0.002 1 2 4 8 | fit)" = "fit of wakeone: no curve, measured with 4 numbers of CPUs, a fit needs 5" ]
    law 10000 0.05 0 1 2 4 8 16 32 | awk '{ $2 *= NR % 2 ? 1.3 : 0.7; print }' | fit | grep -q '^fit of wakeone: no curve, '
    law 10000 -0.01 0 1 2 4 8 16 32 | fit | grep -q '^fit of wakeone: no curve, below 0: '
    # below 0 by less than its error: 0
    law 10000 -0.001 0.0005 2 4 8 16 32 64 | awk '{ $2 *= NR % 2 ? 1.02 : 0.98; print }' | fit | grep -q '^fit of wakeone: lambda .*, sigma 0+-0, kappa 0.000'
}

# surface_rows WORKERS RATE RATIO SPREAD [VERDICT]: six rounds of racing and wakeone, whose ratio is alternately higher and lower by SPREAD
surface_rows() {
    for round in 1 2 3 4 5 6; do
        echo "wakeone $1 2 - $2 ok $round 10"
        awk -v w="$1" -v rate="$2" -v ratio="$3" -v spread="$4" -v verdict="${5:-ok}" -v r=$round 'BEGIN {
            print "racing", w, 2, "-", rate, verdict, r, sprintf("%.10f", 10 * ratio * (r % 2 ? spread : 1 / spread)) }'
    done
}

@test "the surface: ratios, brackets if the interval contains 1, no ratio if most samples fell behind" {
    {
        surface_rows 2 1000 1.5 1.01
        surface_rows 2 2000 1.02 1.2
        surface_rows 8 1000 4 1.01
        surface_rows 8 2000 2 1.01 short-of-rate
    } | rows_run "$run_dir" server_cpu_us_per_req
    "$build/bin/runs" figure surface "$run_dir" >"$BATS_TEST_TMPDIR/data"
    [ "$(grep '"' "$BATS_TEST_TMPDIR/data" | cut -d' ' -f1-3 | head -n 4)" = '1 1 "1.50"
2 1 "4.00"
1 2 "(1.02)"
2 2 "racing"' ]
    grep -qx '2 2 NaN' "$BATS_TEST_TMPDIR/data"
}

@test "the surface is white at 1, and dark text is readable on every colour" {
    rm -rf "$run_dir"
    workers=1
    for ratio in 1 0.01 0.25 0.5 1.16 2 4 1000; do
        surface_rows $workers 1000 $ratio 1.001
        surface_rows $workers 2000 $ratio 1.001
        workers=$((workers * 2))
    done | rows_run "$run_dir" server_cpu_us_per_req
    # at least 4.5:1
    "$build/bin/runs" figure surface "$run_dir" | grep '^[0-9]* 1 "' | awk '
        function light(v) { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ^ 2.4 }
        {
            if ($1 == 1 && $4 != 16777215) { print "not white: " $0; bad = 1 }
            l = 0.2126 * light(int($4 / 65536)) + 0.7152 * light(int($4 / 256) % 256) + 0.0722 * light($4 % 256)
            if ((l + 0.05) / (light(34) + 0.05) < 4.5) { print "not readable: " $0; bad = 1 }
        }
        END { exit bad || NR != 8 }'
}

@test "the colours of the strategies are distinguishable with any colour vision, and visible on white" {
    [ "$(awk -f tests/cli/palette.awk plots/strategies.tsv)" = "" ]
    sed 's/#D55E00/#E69F00/' plots/strategies.tsv | awk -f tests/cli/palette.awk | grep -q 'contrast of 2'
    sed 's/#005FA3/#104FA3/;s/#5E4300/#5E5E00/;s/#009E73/#7F8A73/' plots/strategies.tsv | awk -f tests/cli/palette.awk | grep -q 'vision$'
}

@test "where: shares of all CPUs' time and CPU time per request are computed from where.csv" {
    # trials 1 and 2 of one configuration, 3 of another size; trial 4 has no profile; trial 5 is invalid
    rows_run "$run_dir" "" <<<"racing 2 2 16 - ok 1
racing 2 2 16 - ok 2
racing 2 4 16 - ok 1
wakeone 2 4 16 - ok 1
racing 2 2 16 - noisy 3"
    printf 'workers\t2\nconnections\t16\n' >"$run_dir/settings.tsv"
    {
        echo cpus,strategy,backend,workers,trial,side,part,us_per_req,stall_us_per_req,instructions_per_req
        for values in "1,server,idle,50" "1,client,lock,30" "1,server,lock,20" "2,server,idle,300" "2,server,lock,50" \
            "2,client,network,50" "2,client,idle,100" "3,client,walk,1234.5" "5,client,lock,99"; do
            [ "${values%%,*}" -eq 3 ] && echo "4,racing,epoll,2,$values,0,0" || echo "2,racing,epoll,2,$values,0,0"
        done
    } >"$run_dir/where.csv"
    # network (0 + 10) / 2, lock (50 + 10) / 2, idle (50 + 80) / 2 percent; (50 + 100) / 2 us
    [ "$("$build/bin/runs" figure where "$run_dir")" = "0.0000 5.0000 5.0000 5.0000 5.0000 5.0000 5.0000 35.0000 100.0000 75
0.0000 0.0000 0.0000 0.0000 100.0000 100.0000 100.0000 100.0000 100.0000 1.2k


NaN NaN NaN NaN NaN NaN NaN NaN NaN -
NaN NaN NaN NaN NaN NaN NaN NaN NaN -" ]
}

@test "where: a panel per strategy except the A/A control, and one legend; valid by the DTD" {
    copy_by_cpus "$run_dir"
    run ./run.sh plot "$run_dir"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(why "$run_dir" where)" = - ]
    figures_are_valid "$run_dir"
    words_of "$run_dir/figures/where.svg" >"$BATS_TEST_TMPDIR/words"
    for words in racing wakeone "wait-queue walk" wakeups "context switches" "lock contention" "user space" "network stack" \
        "other kernel" epoll idle; do
        [ "$(grep -cxF "$words" "$BATS_TEST_TMPDIR/words")" -eq 1 ] || { echo "$words"; return 1; }
    done
    refute grep -q again "$BATS_TEST_TMPDIR/words"
    grep -q '^1 worker per CPU, 16 connections, one request each; means of 2 rounds; above: ' "$BATS_TEST_TMPDIR/words"
}

@test "where: each part of the profile is in the figure, in a colour distinguishable with any colour vision" {
    parts=$(sed -n '/const parts\[\] = /,/;/p' harness/runs/figure_where.c | grep -o '"[a-z]*"' | tr -d '"' | paste -sd ' ')
    [ "$(grep -v '^#' harness/lab/functions.tsv | cut -f1 | sort -u)" = "$(tr ' ' '\n' <<<"$parts" | sort)" ]
    sed -n 's/^COLOURS = "\(.*\)"$/\1/p' plots/where.gp | tr ' ' '\n' | sed 's/^/x\t/' >"$BATS_TEST_TMPDIR/colours"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/colours")" -eq "$(wc -w <<<"$parts")" ]
    refute grep -q 'vision$\|fewer' <<<"$(awk -f tests/cli/palette.awk "$BATS_TEST_TMPDIR/colours")"
    # the costs of sharing also from white
    refute grep -q contrast <<<"$(sed -n 5,8p "$BATS_TEST_TMPDIR/colours" | awk -f tests/cli/palette.awk)"
}

@test "where: runs without a profile, and a damaged where.csv, with its line; nothing is run" {
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    [[ "$(why "$drawn" where)" == "the run has one number of CPUs"* ]]
    copy_by_cpus "$BATS_TEST_TMPDIR/whole"
    while IFS='|' read -r damage expected reason; do
        rm -rf "$run_dir"
        cp -r "$BATS_TEST_TMPDIR/whole" "$run_dir"
        (cd "$run_dir" && eval "$damage")
        PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh plot "$run_dir"
        [ "$status" -eq "$expected" ] || { echo "$damage: $output"; return 1; }
        [[ "$(why "$run_dir" where)" == "$reason"* ]] || { echo "$damage: $(why "$run_dir" where)"; return 1; }
        [ "$expected" -eq 0 ] || [ "$(grep -c 'where is not drawn: where.csv: line ' <<<"$output")" -eq 1 ]
        figures_are_whole "$run_dir"
        [ -s "$run_dir/figures/scale.svg" ]
    done <<'END'
rm where.csv|0|only runs in virtual time have this breakdown
sed -i 2,\$d where.csv|0|where.csv has no line for the drawn trials
sed -i '2,$s/,[0-9.]*,0.000,/,0.000,0.000,/' where.csv|0|where.csv has no line for the drawn trials
sed -i 1s/part/function/ where.csv|1|where.csv: line 1: expected the columns cpus,strategy,
head -c 3000 /dev/urandom >where.csv|1|where.csv: line 1: expected the columns
sed -i 3s/,/\;/ where.csv|1|where.csv: line 3: 9 fields, the header has 10
sed -i '3s/,network,/,$(touch pwned),/' where.csv|1|where.csv: line 3: unknown part '$(touch pwned)'
sed -i '3s/client/system("touch pwned")/' where.csv|1|where.csv: line 3: 'system("touch pwned")' is neither server nor client
sed -i '3s/,40.000,/,-40,/' where.csv|1|where.csv: line 3: '-40' is not a number of microseconds
sed -i '3s/,40.000,/,1e300,/' where.csv|1|where.csv: line 3: '1e300' is not a number of microseconds
sed -i '3s/,40.000,/,999999999999999999999,/' where.csv|1|where.csv: line 3: '999999999999999999999' is not a number of microseconds
sed -i 3p where.csv|1|where.csv: line 4: duplicate line of this part for trial 2
sed -i 3s/^[0-9]*,/64,/ where.csv|1|where.csv: line 3: CPUs, strategy or workers of trial 2 differ from trials.csv
END
    [ ! -e pwned ] && [ ! -e plots/pwned ] && [ ! -e "$run_dir/pwned" ]
}

# each_incomplete_run CHECK: the fixture, damaged in several ways, is drawn, and CHECK DIR checks the figures
each_incomplete_run() {
    local change figure reason
    # the damage; the figure that is missing then, and a part of the reason (- = none is missing)
    while IFS='|' read -r change figure reason; do
        rm -rf "$run_dir"
        small_copy "$run_dir"
        eval "$change"
        run ./run.sh plot "$run_dir"
        [ "$status" -eq 0 ] || { echo "$change: $output"; return 1; }
        "$1" "$run_dir" || { echo "$change"; return 1; }
        [ "$figure" = - ] || [[ "$(why "$run_dir" "$figure")" == *"$reason"* ]] || { echo "$change: $(why "$run_dir" "$figure")"; return 1; }
    done <<'END'
rm -r "$run_dir/hist" "$run_dir/env.json" "$run_dir/settings.tsv" "$run_dir/strategies.tsv"|latency|no histograms
rm "$run_dir/workers.csv" && echo 'no { JSON' >"$run_dir/env.json"|share|no workers.csv
set_columns "$run_dir" "absorbed= wakeups= wakeups_per_conn= latency_p99_us="|wakeups|no values of wakeups_per_conn
drop_column "$run_dir" throughput_rps && drop_column "$run_dir" client_cpu_us_per_req|throughput|no values of throughput_rps
drop_column "$run_dir" latency_p99_us && drop_column "$run_dir" absorbed|classes|absorbed wakeups were not counted
sed -i '2,$!b;/,racing,/!d' "$run_dir/trials.csv"|surface|requires both racing and wakeone
sed -i '4,$d' "$run_dir/trials.csv"|-|
sed -i '4,$d;s/,16,,1,/,,500,1,/' "$run_dir/trials.csv"|rate|fewer than two rates
set_columns "$run_dir" "throughput_rps=1e300 latency_p99_us=1e300 server_cpu_us_per_req=1e300 wakeups_per_conn=1e300"|-|
set_columns "$run_dir" "throughput_rps=1e-300 latency_p99_us=1e-300 server_cpu_us_per_req=1e-300 wakeups_per_conn=1e-300"|-|
set_columns "$run_dir" "throughput_rps=0 latency_p99_us=0 server_cpu_us_per_req=0 client_cpu_us_per_req=0 wakeups_per_conn=0 conns=0"|-|
set_columns "$run_dir" "throughput_rps=1e-9" '$(at["strategy"]) == "racing"'|-|
set_columns "$run_dir" "workers=4096" '$(at["workers"]) == 8'|-|
set_columns "$run_dir" "strategy=a-name-that-is-as-long-as-names-may-be-and-longer"|-|
END
}

@test "incomplete runs: which figures can be drawn, and a reason for each other" {
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    PATH=$BATS_TEST_TMPDIR/mock:$PATH each_incomplete_run figures_are_whole
}

# bats test_tags=slow
@test "incomplete runs: gnuplot draws the possible figures, as valid SVG" {
    each_incomplete_run figures_are_valid
}

@test "any text about the run's machine is text in the figures" {
    odd=$BATS_TEST_TMPDIR/'run <b>"x"&amp;@{y}^2 $(touch pwned) `touch pwned`'
    small_copy "$odd"
    jq '.kernel = "6<script>alert(1)</script>&\u0007\u202e\"%d%s\\n" | .machine = "vm\nx" | .utc = 5' "$odd/env.json" >"$odd/env"
    mv "$odd/env" "$odd/env.json"
    printf 'seed\t$(touch pwned)\xff\xfe<i>\n' >"$odd/settings.tsv"
    printf 'racing\t$(touch pwned)\tx\nwakeone\tn)); touch pwned; echo $((1\tx\n' >"$odd/strategies.tsv"
    run ./run.sh plot --png "$odd"
    [ "$status" -eq 0 ]
    figures_are_valid "$odd"
    grep -qF 'vm, Linux 6&lt;script>alert(1)&lt;/script>&amp;??"%d%s\n, 5; seed $(touch pwned)' "$odd/figures/wakeups.svg"
    refute grep -l '<script\|<b>\|<i>' "$odd"/figures/*.svg
    [ ! -e pwned ]
    [ ! -e plots/pwned ]
    [ ! -e "$odd/pwned" ]
    # a PNG for each SVG, one image each
    for figure in "$odd"/figures/*.svg; do
        # the header's length has NUL bytes, and the end is there
        [ "$(head -c 12 "${figure%.svg}.png" | od -An -t x1 | tr -d ' ')" = 89504e470d0a1a0a0000000d ]
        [ "$(tail -c 8 "${figure%.svg}.png" | head -c 4)" = IEND ]
    done
}

@test "figures that are no longer drawn are removed, and other files in the directory stay" {
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    cp -r "$drawn" "$run_dir"
    touch "$run_dir/figures/latency.png" "$run_dir/figures/share.png"
    echo mine >"$run_dir/figures/mine.txt"
    rm -r "$run_dir/hist"
    PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh plot "$run_dir"
    [ "$status" -eq 0 ]
    [ ! -e "$run_dir/figures/latency.svg" ]
    [ -z "$(ls "$run_dir"/figures/*.png 2>/dev/null)" ]
    [ -s "$run_dir/figures/share.svg" ]
    [ "$(cat "$run_dir/figures/mine.txt")" = mine ]
}

@test "files left by a killed program are removed; no temporary file stays" {
    small_copy "$run_dir"
    mkdir -p "$run_dir/figures/.new" "$BATS_TEST_TMPDIR/tmp"
    touch "$run_dir/figures/.new/throughput.svg" "$run_dir/figures/.new/other.svg"
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    sed -i '2i ls -A "$TMPDIR" >>"${0%/*}/temporary"' "$BATS_TEST_TMPDIR/mock/gnuplot"
    TMPDIR=$BATS_TEST_TMPDIR/tmp PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh plot "$run_dir"
    [ "$status" -eq 0 ]
    [ ! -e "$run_dir/figures/.new" ]
    [ ! -e "$run_dir/figures/other.svg" ]
    [ -f "$BATS_TEST_TMPDIR/mock/temporary" ]
    [ ! -s "$BATS_TEST_TMPDIR/mock/temporary" ] # also while gnuplot draws
}

@test "an incomplete figure of gnuplot is not moved into place" {
    small_copy "$run_dir"
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    sed -i '2i case "$*" in *timeline.gp*) echo "<svg" >"$5"; exit 0 ;; esac' "$BATS_TEST_TMPDIR/mock/gnuplot"
    PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh plot "$run_dir"
    [ "$status" -eq 1 ]
    [ "$(why "$run_dir" timeline)" = "gnuplot drew only a part of it: is the disk full?" ]
    [ ! -e "$run_dir/figures/timeline.svg" ]
    [ -s "$run_dir/figures/share.svg" ]
}

@test "invalid samples are not used; a run without valid ones is status 3 and draws nothing" {
    cp -r "$drawn" "$run_dir"
    sed -i '2,$s/,ok$/,noisy/' "$run_dir/trials.csv"
    run ./run.sh plot "$run_dir"
    [ "$status" -eq 3 ]
    [ "${#lines[@]}" -eq 1 ]
    [ ! -e "$run_dir/figures" ]
}

@test "not a run, an unknown option, a run that is not writable: one line, status 2" {
    run ./run.sh plot "$BATS_TEST_TMPDIR/nowhere"
    failed_in_one_line 2
    run ./run.sh plot --nonsense
    failed_in_one_line 2
    if [ "$(id -u)" -ne 0 ]; then # root can write everywhere
        cp -r "$drawn" "$run_dir"
        chmod a-w "$run_dir"
        run ./run.sh plot "$run_dir"
        chmod u+w "$run_dir"
        failed_in_one_line 2
        [[ "$output" == *"cannot write to $run_dir" ]]
    fi
}

@test "files from elsewhere: an invalid number or name is refused with its line, and nothing is run" {
    small_copy "$run_dir"
    for bad in '3s/,wakeone,/,$(touch pwned),/' '2s/,racing,/,`touch pwned`,/' '3s/,2,0-1,/,2;system("touch pwned"),0-1,/' \
        '2s/^[0-9]*,/..\/..\/x,/' '1s/requests_per_connection/requests/' '2s/^/,/'; do
        sed "$bad" tests/data/run/trials.csv >"$run_dir/trials.csv"
        refute cmp -s tests/data/run/trials.csv "$run_dir/trials.csv"
        run ./run.sh plot "$run_dir"
        failed_in_one_line 1
        [[ "$output" == *"trials.csv: line "* ]]
    done
    [ ! -e pwned ]
    [ ! -e plots/pwned ]
    [ ! -e "$run_dir/pwned" ]
}

@test "a missing or invalid histogram is reported; the other figures are drawn" {
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    small_copy "$run_dir"
    for spoil in 'rm "$run_dir/hist/3.hgrm"' 'sed -i "10s/ [0-9]* / x /" "$run_dir/hist/3.hgrm"' ': >"$run_dir/hist/3.hgrm"'; do
        cp tests/data/run/hist/3.hgrm "$run_dir/hist/"
        eval "$spoil"
        PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh plot "$run_dir"
        [ "$status" -eq 1 ]
        [ "${#lines[@]}" -eq 2 ]
        [[ "${lines[0]}" == "plot: "*"hist/3.hgrm "* ]]
        [[ "${lines[1]}" == "figures: "* ]]
        figures_are_whole "$run_dir"
        [[ "$(why "$run_dir" latency)" == "hist/3.hgrm "* ]]
        [ -s "$run_dir/figures/share.svg" ]
    done
}

@test "an error in one run is not reported for the next one" {
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    sed -i '2i case "$*" in *timeline.gp*) exit 1 ;; esac' "$BATS_TEST_TMPDIR/mock/gnuplot"
    small_copy "$BATS_TEST_TMPDIR/first"
    small_copy "$run_dir"
    for position in 1 2 3 4 5 6; do
        set_columns "$run_dir" connections=$position "\$(at[\"position\"]) == $position"
    done
    PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh plot "$BATS_TEST_TMPDIR/first" "$run_dir"
    [ "$status" -eq 1 ]
    [ "$(grep -c 'timeline is not drawn' <<<"$output")" -eq 2 ]
    [ -n "$(why "$run_dir" loads)" ]
    refute grep -q 'loads is not drawn' <<<"$output"
}

@test "the table in the README matches the committed data" {
    cp -r results/reference/main "$run_dir" # where summary.csv is written
    "$build/bin/runs" summary "$run_dir" | sed 's/ *$//;s/^\(.\)/    \1/' >"$BATS_TEST_TMPDIR/table"
    sed -n '/^<!-- build.bin.runs.summary.results.reference.main -->$/,/^<!-- end -->$/p' README.md |
        sed '1,2d' | head -n -2 >"$BATS_TEST_TMPDIR/readme"
    diff "$BATS_TEST_TMPDIR/table" "$BATS_TEST_TMPDIR/readme"
}
