#!/usr/bin/env bats
# run.sh plot: figures from files, the same each time, and from files that are not to be trusted.

load support

setup() {
    run_dir=$BATS_TEST_TMPDIR/run
    make -s -C "$top" >/dev/null
}

# A run of two strategies at two worker counts, as small as can be measured.
small_run() {
    run_quiet anew "$run_dir" ./run.sh bench --rounds 2 --window 20ms --warmup 10ms --strategies racing,wakeone \
        --workers 2,4 "$@" --out "$run_dir"
    [ "$status" -eq 0 ]
}

@test "the committed figures are those of the committed data, byte for byte" {
    for reference in results/reference/*/; do
        cp -r "$reference" "$run_dir"
        rm -r "$run_dir/figures" "$run_dir/summary.csv"
        run ./run.sh plot "$run_dir"
        [ "$status" -eq 0 ]
        diff -r "$reference" "$run_dir"
        rm -r "$run_dir"
    done
}

@test "each figure is one whole SVG that names each strategy" {
    small_run
    for figure in throughput wakeups latency share; do
        file=$run_dir/figures/$figure.svg
        [ "$(grep -c '<svg' "$file")" -eq 1 ]
        [ "$(grep -v "^$" "$file" | tail -n 1)" = "</svg>" ]
        grep -q '>racing<' "$file"
        grep -q '>wakeone<' "$file"
    done
}

@test "a run of several loads has each figure once per load" {
    small_run --connections 2,4
    for load in c2 c4; do
        for figure in throughput wakeups latency share; do
            [ -s "$run_dir/figures/$figure-$load.svg" ]
        done
    done
    [ "$(ls "$run_dir/figures" | wc -l)" -eq 8 ]
}

@test "the share of a bar is the arithmetic of workers.csv" {
    # one trial, three workers, accepts 6, 3, 1: 60, 30 and 10 percent
    printf '0 1 6\n0 1 3\n0 1 1\n' | awk -f plots/share.awk -v cells=1 >"$BATS_TEST_TMPDIR/bars"
    [ "$(head -n 3 "$BATS_TEST_TMPDIR/bars")" = "0.0000 60.0000
60.0000 90.0000
90.0000 100.0000" ]
}

@test "a percentile spectrum ends at the number of samples, and its values only grow" {
    printf '0 1000 90\n0 2000 9\n0 5000 1\n' | awk -f plots/latency.awk -v cells=1 >"$BATS_TEST_TMPDIR/points"
    [ "$(grep -v '^$' "$BATS_TEST_TMPDIR/points")" = "1 10
2 100
5 100" ]
}

@test "rows that are not ok are left out; a run without any is status 3 and draws nothing" {
    small_run
    sed -i '2,$s/,ok$/,noisy/' "$run_dir/trials.csv"
    rm -r "$run_dir/figures"
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
    small_run
    cp "$run_dir/trials.csv" "$BATS_TEST_TMPDIR/good.csv"
    for bad in '2s/,racing,/,$(touch pwned),/;2s/,wakeone,/,`touch pwned`,/' '3s/,2,0-1,/,2;system("touch pwned"),0-1,/' \
        '2s/^[0-9]*,/..\/..\/x,/' '1s/latency_p50_us/latency/' '2s/^/,/'; do
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

@test "a histogram that is missing is named" {
    small_run
    rm "$run_dir/hist/3.hgrm"
    run ./run.sh plot "$run_dir"
    failed_in_one_line 1
    [[ "$output" == *"hist/3.hgrm"* ]]
}

@test "the table in the README is that of the committed data" {
    harness/stats/summarise.sh results/reference/main | sed 's/ *$//;s/^\(.\)/    \1/' >"$BATS_TEST_TMPDIR/table"
    sed -n '/^<!-- harness.stats.summarise.sh results.reference.main -->$/,/^<!-- end -->$/p' README.md |
        sed '1,2d' | head -n -2 >"$BATS_TEST_TMPDIR/readme"
    diff "$BATS_TEST_TMPDIR/table" "$BATS_TEST_TMPDIR/readme"
}
