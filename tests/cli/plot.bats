#!/usr/bin/env bats
# run.sh plot: figures from files, the same each time, and from files that are not to be trusted.
# Measures nothing.

load support
load runs

setup() {
    run_dir=$BATS_TEST_TMPDIR/run
    built "$build/bin/stats"
}

# What is in an SVG, without where it is: its words, and how many there are of each element
structure() {
    grep -o '>[^<>]\+</' "$1" | sort
    grep -o '<[a-z]\+' "$1" | sort | uniq -c
}

# The committed figures were drawn by this gnuplot, that of Debian 12. Another one puts things elsewhere by a pixel.
pinned="gnuplot 5.4 patchlevel 4"

same_figures() {
    local figure
    [ "$(ls "$1")" = "$(ls "$2")" ] || return 1
    for figure in "$1"/*.svg; do
        if [ "$(gnuplot --version)" = "$pinned" ]; then
            cmp "$figure" "$2/$(basename "$figure")" || return 1
        else
            diff <(structure "$figure") <(structure "$2/$(basename "$figure")") || return 1
        fi
    done
    cmp "$1/index.tsv" "$2/index.tsv"
}

@test "the committed figures are those of the committed data, byte for byte, and so are they a second time" {
    for reference in results/reference/*/trials.csv; do
        reference=${reference%/trials.csv}
        copy=$BATS_TEST_TMPDIR/$(basename "$reference")
        cp -r "$reference" "$copy"
        rm -r "$copy/figures" "$copy/summary.csv"
        run ./run.sh plot "$copy"
        [ "$status" -eq 0 ]
        same_figures "$reference/figures" "$copy/figures"
        diff -r -x figures -x 'report.*' "$reference" "$copy"
        figures_are_whole "$copy"
    done
    mv "$copy/figures" "$BATS_TEST_TMPDIR/first"
    run ./run.sh plot "$copy"
    diff -r "$BATS_TEST_TMPDIR/first" "$copy/figures"
}

@test "figures that another gnuplot would draw are compared by their structure, and it tells" {
    structure results/reference/main/figures/wakeups.svg >"$BATS_TEST_TMPDIR/a"
    sed 's/<text>/<text >/;s/x="0"/x="1"/' results/reference/main/figures/wakeups.svg >"$BATS_TEST_TMPDIR/moved.svg"
    structure "$BATS_TEST_TMPDIR/moved.svg" | diff "$BATS_TEST_TMPDIR/a" -
    sed 's/>racing</>racings</' results/reference/main/figures/wakeups.svg >"$BATS_TEST_TMPDIR/other.svg"
    refute diff -q "$BATS_TEST_TMPDIR/a" <(structure "$BATS_TEST_TMPDIR/other.svg")
}

@test "each figure is one whole SVG that names each strategy" {
    small_copy "$run_dir"
    ./run.sh plot "$run_dir" 2>/dev/null
    for figure in throughput wakeups latency share cpu classes timeline; do
        file=$run_dir/figures/$figure.svg
        [ "$(grep -c '<svg' "$file")" -eq 1 ]
        [ "$(grep -v "^$" "$file" | tail -n 1)" = "</svg>" ]
        grep -q '>racing<' "$file"
        grep -q '>wakeone<' "$file"
    done
}

@test "a run of several loads has each figure once per load" {
    small_copy "$run_dir"
    set_columns "$run_dir" connections=2
    set_columns "$run_dir" connections=4 '$(at["round"]) == 2'
    ./run.sh plot "$run_dir" 2>/dev/null
    for load in c2 c4; do
        for figure in throughput wakeups latency share cpu classes; do
            [ -s "$run_dir/figures/$figure-$load.svg" ]
        done
    done
    [ -s "$run_dir/figures/surface.svg" ] && [ -s "$run_dir/figures/timeline.svg" ]
    [ "$(ls "$run_dir/figures"/*.svg | wc -l)" -eq 15 ]
    # of more than four loads the first, the middle and the last
    set_columns "$run_dir" connections=8 '$(at["workers"]) == 8'
    set_columns "$run_dir" connections=16 '$(at["workers"]) == 32'
    set_columns "$run_dir" connections=32 '$(at["workers"]) == 64'
    run ./run.sh plot "$run_dir"
    [ "$status" -eq 0 ]
    [ "$(cd "$run_dir/figures" && echo share-*)" = "share-c2.svg share-c32.svg share-c8.svg" ]
    [[ "$(why "$run_dir" loads)" == "2 of 5 loads have no figures of their own: "* ]]
    run ./run.sh plot --all-loads "$run_dir"
    [ "$(cd "$run_dir/figures" && echo share-*)" = "share-c16.svg share-c2.svg share-c32.svg share-c4.svg share-c8.svg" ]
    [ "$(why "$run_dir" loads)" = "" ]
}

@test "the ratios of a run: what summary.csv has of each server, and of more than a figure takes a sentence" {
    local low high ratio
    small_copy "$run_dir"
    ./run.sh plot "$run_dir" 2>/dev/null
    tail -n +2 "$run_dir/summary.csv" | grep -v "^racing," | awk -F, '$23 > 0 { printf "%.3f %.3f %.3f\n", $22, $23, $24 }' |
        while read -r ratio low high; do
            grep -qF ">$ratio [$low, $high]<" "$run_dir/figures/ratios.svg" || { echo "no $ratio [$low, $high]"; return 1; }
        done
    [ "$(grep -c ">racing-again, [0-9]* workers<" "$run_dir/figures/ratios.svg")" -eq 4 ]
    grep -q ">to racing in the same rounds" "$run_dir/figures/ratios.svg"
    set_columns "$run_dir" connections=8 '$(at["round"]) == 2'
    awk -F, -v OFS=, 'FNR == 1 { print; for (i = 1; i <= NF; i++) at[$i] = i; next }
        { for (k = 1; k <= 3; k++) { $(at["connections"]) = 10 * k; print } }' "$run_dir/trials.csv" >"$run_dir/more"
    mv "$run_dir/more" "$run_dir/trials.csv"
    run ./run.sh plot "$run_dir"
    [ "$status" -eq 0 ]
    [[ "$(why "$run_dir" ratios)" =~ ^the\ run\ has\ [0-9]+\ ratios\ to\ racing ]]
}

@test "the share of a bar is the arithmetic of workers.csv" {
    # one trial, three workers, accepts 3, 6, 1: 60, 30 and 10 percent
    cd "$BATS_TEST_TMPDIR"
    printf 'trial,role,accepts\n7,worker,3\n7,acceptor,90\n7,worker,6\n7,worker,1\n8,worker,5\n' >workers.csv
    echo "7 0" >cells
    echo "racing,3,0.72" >jain
    awk -f "$top/plots/share.awk" -v cells=1 -v names=racing -v workers=3 cells jain workers.csv >bars
    [ "$(head -n 5 bars)" = "0.0000 60.0000
60.0000 90.0000
90.0000 100.0000

0 0.72" ]
}

@test "a percentile spectrum adds histograms up, ends at the number of samples, and its values only grow" {
    cd "$BATS_TEST_TMPDIR"
    head='   Value Percentile TotalCount 1/(1-Percentile)\n\n'
    printf '%b' "$head" ' 1000.25 0.9 45 10\n 2000.5 1.0 50 1\n#[Mean = 1]\n' >1.hgrm
    printf '%b' "$head" ' 1000.25 0.9 45 10\n 2000.5 0.98 49 10\n 5000 1.0 50 1\n' >2.hgrm
    printf '1 0\n2 0\n' >cells
    awk -f "$top/plots/latency.awk" -v cells=1 -v dir=. cells >points
    [ "$(grep -v '^$' points)" = "1.00025 10
2.0005 100
5 100" ]
    printf '%b' "$head" ' 1000 0.9 45 10\n 2000 1.0 40 1\n' >2.hgrm
    run awk -f "$top/plots/latency.awk" -v cells=1 -v dir=. cells
    [ "$status" -eq 1 ]
    [ "$output" = "hist/2.hgrm is no histogram: line 4 is not value, percentile and a count that grows" ]
}

@test "names at the ends of lines keep their order and their distance, and stay within the axis" {
    for case in "0.5" "0.5 0.5 0.5" "0.98 0.99 1 0.2" "0 0 0.01 0.99 1" "0.1 0.11 0.12 0.13 0.14 0.15 0.16 0.17 0.9"; do
        echo "$case" | awk -f plots/spread.awk -f <(echo '{
            for (i = 1; i <= NF; i++) before[i] = at[i] = $i + 0
            spread(at, NF, 0.06)
            for (i = 1; i <= NF; i++) {
                if (at[i] < -1e-9 || at[i] > 1 + 1e-9) exit 1
                for (j = 1; j < i; j++) {
                    if (before[j] < before[i] && at[j] > at[i]) exit 2
                    if ((at[j] - at[i]) ^ 2 < 0.06 ^ 2 - 1e-9) exit 3
                }
                if (NF == 1 && at[i] != before[i]) exit 4
            } }')
    done
}

@test "the knee is the last rate below twice the first p99; where most rows fell behind there is no point" {
    cd "$BATS_TEST_TMPDIR"
    for rate in 1000 2000 3000 4000; do
        for verdict in ok short-of-rate ok; do
            [ $rate -lt 4000 ] || verdict=short-of-rate
            printf 'racing|8|2|-|%s|1\t1\t1\t%s\n' $rate $verdict
        done
    done >all
    i=0
    for p99 in 1000 1900 2100 99999; do
        i=$((i + 1))
        printf 'racing\t8\t2\t-\t%s\t1\tlatency_p99_us\t9\t%s\t%s\t%s\tinterval\n' ${i}000 $p99 $((p99 - 100)) $((p99 + 100))
    done >points
    awk -f "$top/plots/rate.awk" -v names=racing -v workers=8 all points >data
    [ "$(tail -n +5 data | grep -v '^$')" = "1000 1 0.9 1.1
2000 1.9 1.8 2
3000 2.1 2 2.2
2000 1.9
4000" ]
}

# law LAMBDA SIGMA KAPPA CPUS...: "cpus requests half-width"
law() {
    awk -v l="$1" -v s="$2" -v k="$3" -v list="${*:4}" 'BEGIN {
        n = split(list, c, " ")
        for (i = 1; i <= n; i++) { x = l * c[i] / (1 + s * (c[i] - 1) + k * c[i] * (c[i] - 1)); print c[i], x, x / 100 } }'
}

# fit NAME: of the lines on standard input, as data_scale does it
fit() {
    cat >"$BATS_TEST_TMPDIR/points"
    (cd plots && gnuplot -c usl.gp "$BATS_TEST_TMPDIR/points" 2>/dev/null) |
        awk -f plots/usl.awk -v name="$1" -v points="$(wc -l <"$BATS_TEST_TMPDIR/points")" -v from=1 -v upto=64
}

@test "the scalability law: known parameters come back, with a band; what does not fit is not drawn, and says why" {
    law 10000 0.05 0.002 1 2 4 8 16 32 | fit x >"$BATS_TEST_TMPDIR/curve"
    grep -qE '^# x: lambda (10000|9999|10001)\+-.*, sigma 0\.0(5|499|501)[0-9]*\+-.*, kappa 0\.00(2|199|201)[0-9]*\+-.*, residual 0\.0 %$' "$BATS_TEST_TMPDIR/curve"
    # at 64 CPUs: 640000 / (1 + 3.15 + 8.064)
    tail -n 1 "$BATS_TEST_TMPDIR/curve" | awk '{ exit !($1 > 63.9 && $2 / (640000 / 12.214) > 0.99 && $2 / (640000 / 12.214) < 1.01 && $3 <= $2 && $2 <= $4) }'
    [ "$(law 10000 0.05 0.002 1 2 4 8 | fit x)" = "# x: no curve, measured with 4 numbers of CPUs, a fit takes 5" ]
    law 10000 0.05 0 1 2 4 8 16 32 | awk '{ $2 *= NR % 2 ? 1.3 : 0.7; print }' | fit x | grep -q '^# x: no curve, '
    law 10000 -0.01 0 1 2 4 8 16 32 | fit x | grep -q '^# x: no curve, a parameter is below 0: '
    printf '1 5 1\n1 5 1\n1 5 1\n1 5 1\n1 5 1\n' | fit x | grep -q '^# x: no curve, '
}

@test "the surface: ratios, brackets where 1 is in the interval, no ratio where most rows fell behind" {
    cd "$BATS_TEST_TMPDIR"
    for workers in 2 8; do
        for rate in 1000 2000; do
            for strategy in racing wakeone; do
                verdict=ok
                [ "$strategy$workers$rate" != racing82000 ] || verdict=short-of-rate
                printf '%s|%s|2|-|%s|1\t1\t1\t%s\n' $strategy $workers $rate $verdict
            done
        done
    done >all
    printf '2|2|-|1000|1\t5\t1.5\t1.4\t1.6\n2|2|-|2000|1\t5\t1.02\t0.9\t1.1\n8|2|-|1000|1\t5\t4\t3\t5\n8|2|-|2000|1\t1\t2\t1\t3\n' >ratios
    awk -f "$top/plots/surface.awk" ratios all >data
    [ "$(grep '"' data | cut -d' ' -f1-3 | head -n 4)" = '1 1 "1.50"
2 1 "4.00"
1 2 "(1.02)"
2 2 "racing"' ]
    grep -qx '2 2 NaN' data
    # white at 1, and dark ink is readable on every colour (4.5:1 and more)
    echo '1 0.01 0.25 0.5 1.16 2 4 1000 NaN' | awk -f <(sed -n '/^function mix/p;/^function colour_of/,/^}/p' "$top/plots/surface.awk"
        echo 'function light(v) { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ^ 2.4 }
            { for (i = 1; i <= NF; i++) {
                c = colour_of($i); if (i == 1 && c != 16777215) exit 1
                l = 0.2126 * light(int(c / 65536)) + 0.7152 * light(int(c / 256) % 256) + 0.0722 * light(c % 256)
                if ((l + 0.05) / (light(34) + 0.05) < 4.5) exit 2 } }')
}

@test "the colours of the strategies are told apart with any colour vision, and seen on white" {
    [ "$(awk -f tests/cli/palette.awk plots/strategies.tsv)" = "" ]
    sed 's/#D55E00/#E69F00/' plots/strategies.tsv | awk -f tests/cli/palette.awk | grep -q 'contrast of 2'
    sed 's/#005FA3/#104FA3/;s/#5E4300/#5E5E00/;s/#009E73/#7F8A73/' plots/strategies.tsv | awk -f tests/cli/palette.awk | grep -q 'vision$'
}

@test "runs that lack something: the figures that can be drawn, and a sentence for each other" {
    small_copy "$BATS_TEST_TMPDIR/whole"
    # what is done to the run; the figure that is gone then, and words of the reason (- = all are there)
    while IFS='|' read -r change figure reason; do
        rm -rf "$run_dir"
        cp -r "$BATS_TEST_TMPDIR/whole" "$run_dir"
        eval "$change"
        run ./run.sh plot "$run_dir"
        [ "$status" -eq 0 ] || { echo "$change: $output"; false; }
        figures_are_whole "$run_dir" || { echo "$change"; false; }
        [ "$figure" = - ] || [[ "$(why "$run_dir" "$figure")" == *"$reason"* ]] || { echo "$change: $(why "$run_dir" "$figure")"; false; }
    done <<'END'
true|-|
rm -r "$run_dir/hist" "$run_dir/env.json" "$run_dir/settings.tsv" "$run_dir/strategies.tsv"|latency|no histograms
rm "$run_dir/workers.csv" && echo 'no { JSON' >"$run_dir/env.json"|share|no workers.csv
set_columns "$run_dir" "absorbed= wakeups= wakeups_per_conn= latency_p99_us="|wakeups|no row has wakeups_per_conn
drop_column "$run_dir" throughput_rps && drop_column "$run_dir" client_cpu_us_per_req|throughput|no row has throughput_rps
drop_column "$run_dir" latency_p99_us && drop_column "$run_dir" absorbed|classes|absorbed wakeups were not counted
sed -i '2,$!b;/,racing,/!d' "$run_dir/trials.csv"|surface|takes both racing and wakeone
sed -i '4,$d' "$run_dir/trials.csv"|-|
sed -i '4,$d;s/,16,,1,/,,500,1,/' "$run_dir/trials.csv"|rate|not several rates
set_columns "$run_dir" "throughput_rps=1e300 latency_p99_us=1e300 server_cpu_us_per_req=1e300 wakeups_per_conn=1e300"|-|
set_columns "$run_dir" "throughput_rps=1e-300 latency_p99_us=1e-300 server_cpu_us_per_req=1e-300 wakeups_per_conn=1e-300"|-|
set_columns "$run_dir" "throughput_rps=0 latency_p99_us=0 server_cpu_us_per_req=0 client_cpu_us_per_req=0 wakeups_per_conn=0 conns=0"|-|
set_columns "$run_dir" "throughput_rps=1e-9" '$(at["strategy"]) == "racing"'|-|
set_columns "$run_dir" "workers=4096" '$(at["workers"]) == 64'|-|
set_columns "$run_dir" "strategy=a-name-that-is-as-long-as-names-may-be-and-longer"|-|
END
}

@test "what the run says of its machine may be anything: it is text in the figures" {
    odd=$BATS_TEST_TMPDIR/'run <b>"x"&amp;@{y}^2 $(touch pwned) `touch pwned`'
    small_copy "$odd"
    jq '.kernel = "6<script>alert(1)</script>&\u0007\u202e\"%d%s\\n" | .machine = "vm\nx" | .utc = 5' "$odd/env.json" >"$odd/env" && mv "$odd/env" "$odd/env.json"
    printf 'seed\t$(touch pwned)\xff\xfe<i>\n' >"$odd/settings.tsv"
    run ./run.sh plot --png "$odd"
    [ "$status" -eq 0 ]
    figures_are_whole "$odd"
    grep -qF 'vm, Linux 6&lt;script>alert(1)&lt;/script>&amp;??"%d%s\n, 5; seed $(touch pwned)' "$odd/figures/wakeups.svg"
    refute grep -l '<script\|<b>\|<i>' "$odd"/figures/*.svg
    [ ! -e pwned ] && [ ! -e plots/pwned ]
    # a PNG beside each SVG, a picture each
    for figure in "$odd"/figures/*.svg; do
        [ "$(head -c 8 "${figure%.svg}.png" | od -An -t x1 | tr -d ' ')" = 89504e470d0a1a0a ]
    done
}

@test "figures that are no longer drawn go, and others in the directory stay" {
    small_copy "$run_dir"
    run ./run.sh plot --png "$run_dir"
    [ -s "$run_dir/figures/latency.svg" ] && [ -s "$run_dir/figures/latency.png" ]
    echo mine >"$run_dir/figures/mine.txt"
    rm -r "$run_dir/hist"
    run ./run.sh plot "$run_dir"
    [ "$status" -eq 0 ]
    [ ! -e "$run_dir/figures/latency.svg" ] && [ -z "$(ls "$run_dir"/figures/*.png 2>/dev/null)" ]
    [ "$(cat "$run_dir/figures/mine.txt")" = mine ]
}

@test "rows that are not ok are left out; a run without any is status 3 and draws nothing" {
    small_copy "$run_dir"
    ./run.sh plot "$run_dir" 2>/dev/null
    sed -i '2,$s/,ok$/,noisy/' "$run_dir/trials.csv"
    run ./run.sh plot "$run_dir"
    [ "$status" -eq 3 ]
    [ "${#lines[@]}" -eq 1 ]
    [ ! -e "$run_dir/figures" ]
}

@test "no run, an unwritable one, a wrong option: one line, status 2" {
    run ./run.sh plot "$BATS_TEST_TMPDIR/nowhere"
    failed_in_one_line 2
    run ./run.sh plot --nonsense
    failed_in_one_line 2
}

@test "files from elsewhere: what is no number or no name is refused with its line, and nothing is run" {
    small_copy "$run_dir"
    cp "$run_dir/trials.csv" "$BATS_TEST_TMPDIR/good.csv"
    for bad in '2s/,racing,/,$(touch pwned),/;2s/,wakeone,/,`touch pwned`,/' '3s/,2,0-1,/,2;system("touch pwned"),0-1,/' \
        '2s/^[0-9]*,/..\/..\/x,/' '1s/requests_per_connection/requests/' '2s/^/,/'; do
        sed "$bad" "$BATS_TEST_TMPDIR/good.csv" >"$run_dir/trials.csv"
        cmp -s "$BATS_TEST_TMPDIR/good.csv" "$run_dir/trials.csv" && continue
        run ./run.sh plot "$run_dir"
        failed_in_one_line 1
        [[ "$output" == *"trials.csv: line "* ]]
    done
    cp "$BATS_TEST_TMPDIR/good.csv" "$run_dir/trials.csv"
    printf 'racing\t$(touch pwned)\tx\nwakeone\tn)); touch pwned; echo $((1\tx\n' >"$run_dir/strategies.tsv"
    run ./run.sh plot "$run_dir"
    [ "$status" -eq 0 ]
    [ ! -e pwned ] && [ ! -e plots/pwned ] && [ ! -e "$run_dir/pwned" ]
}

@test "a histogram that is missing, or is none, is named; the other figures are drawn" {
    small_copy "$run_dir"
    cp "$run_dir/hist/3.hgrm" "$BATS_TEST_TMPDIR/"
    for spoil in 'rm "$run_dir/hist/3.hgrm"' 'sed -i "10s/ [0-9]* / x /" "$run_dir/hist/3.hgrm"' ': >"$run_dir/hist/3.hgrm"'; do
        cp "$BATS_TEST_TMPDIR/3.hgrm" "$run_dir/hist/"
        eval "$spoil"
        run ./run.sh plot "$run_dir"
        [ "$status" -eq 1 ]
        [ "${#lines[@]}" -eq 2 ]
        [[ "${lines[0]}" == "plot: "*"hist/3.hgrm "* ]]
        [[ "${lines[1]}" == "figures: "* ]]
        figures_are_whole "$run_dir"
        [[ "$(why "$run_dir" latency)" == "hist/3.hgrm "* ]]
        [ -s "$run_dir/figures/share.svg" ]
    done
}

@test "what is broken in one run is not said of the next one" {
    small_copy "$BATS_TEST_TMPDIR/first"
    printf '#!/bin/sh\ncase "$*" in *timeline.gp*) exit 1 ;; esac\nexec %s "$@"\n' "$(command -v gnuplot)" >"$BATS_TEST_TMPDIR/gnuplot"
    chmod +x "$BATS_TEST_TMPDIR/gnuplot"
    small_copy "$run_dir"
    for workers in 2 8 32 64; do
        set_columns "$run_dir" connections=$workers "\$(at[\"workers\"]) == $workers"
    done
    set_columns "$run_dir" connections=128 '$(at["round"]) == 2'
    PATH=$BATS_TEST_TMPDIR:$PATH run ./run.sh plot "$BATS_TEST_TMPDIR/first" "$run_dir"
    [ "$status" -eq 1 ]
    [ "$(grep -c 'timeline is not drawn' <<<"$output")" -eq 2 ]
    refute grep -q 'loads is not drawn' <<<"$output"
}

@test "the table in the README is that of the committed data" {
    harness/stats/summarise.sh results/reference/main | sed 's/ *$//;s/^\(.\)/    \1/' >"$BATS_TEST_TMPDIR/table"
    sed -n '/^<!-- harness.stats.summarise.sh results.reference.main -->$/,/^<!-- end -->$/p' README.md |
        sed '1,2d' | head -n -2 >"$BATS_TEST_TMPDIR/readme"
    diff "$BATS_TEST_TMPDIR/table" "$BATS_TEST_TMPDIR/readme"
}
