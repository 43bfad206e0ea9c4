#!/usr/bin/env bats
# run.sh report: pages from the files of runs, some tested in a browser; files from elsewhere are not trusted.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
load runs
load browser

setup_file() {
    built "$build/bin/stats"
    reported=$BATS_FILE_TMPDIR/reported # the fixture with its report: read-only
    export reported
    small_copy "$reported"
    ./run.sh report "$reported" 2>/dev/null
}

setup() {
    run_dir=$BATS_TEST_TMPDIR/run
}

teardown() {
    stop_browser
}

# valid FILE: no warning of tidy, no external address, unique ids
valid() {
    tidy -q -e "$1" 2>&1 | head -n 5 >"$BATS_TEST_TMPDIR/tidy"
    [ ! -s "$BATS_TEST_TMPDIR/tidy" ] || { cat "$BATS_TEST_TMPDIR/tidy"; return 1; }
    refute grep -nE "(src|href|action|poster)=[\"'](https?:|//)|@import|url\((['\"]?http)" "$1"
    [ -z "$(grep -oE " id=[\"'][^\"']*[\"']" "$1" | sort | uniq -d)" ] || { echo "an id is there twice"; return 1; }
}

# The texts of every figure are within it: nothing is cut off.
inside='const out = [];
for (const svg of document.querySelectorAll("figure svg")) {
    const frame = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
        const box = text.getBoundingClientRect();
        if (box.width && (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 ||
            box.bottom > frame.bottom + 1)) out.push(`${svg.ariaLabel}: ${text.textContent.trim()}`);
    }
}
return out;'

# sideways: by how many pixels the page is wider than the window
sideways() {
    echo 'return document.documentElement.scrollWidth - innerWidth' >"$BATS_TEST_TMPDIR/script"
    run_in_page "$BATS_TEST_TMPDIR/script"
}

# looked_at FILE NAME: at three widths no scroll bar of the page; contrast, in light and in dark; texts within their figures;
# screenshots go to build/screenshots
looked_at() {
    local width scheme
    mkdir -p "$build/screenshots"
    open_page "$1"
    for width in 375 768 1440; do
        set_view $width 900 light
        [ "$(sideways)" -le 0 ] || { echo "$2 scrolls sideways at $width"; return 1; }
        picture_of_page "$build/screenshots/$2-$width.png"
        [ "$(head -c 4 "$build/screenshots/$2-$width.png" | tail -c 3)" = PNG ]
    done
    for scheme in light dark; do
        set_view 768 900 $scheme
        run_in_page "$top/tests/cli/contrast.js" >"$BATS_TEST_TMPDIR/contrast"
        jq -e '.seen > 100 and (.poor | length) == 0' "$BATS_TEST_TMPDIR/contrast" >/dev/null ||
            { echo "$2, $scheme:"; head -c 500 "$BATS_TEST_TMPDIR/contrast"; return 1; }
    done
    echo "$inside" >"$BATS_TEST_TMPDIR/script"
    [ "$(run_in_page "$BATS_TEST_TMPDIR/script")" = '[]' ] || { run_in_page "$BATS_TEST_TMPDIR/script"; return 1; }
}

# bats test_tags=slow
@test "all reference runs in a browser: no console message, no network request, no horizontal scrolling, contrast, nothing cut off" {
    start_browser
    for reference in $(reference_runs); do
        name=$(basename "$reference")
        [ "$name" != scale ] || continue # scale is of guests, and so is kqueue
        cp -r "$reference" "$BATS_TEST_TMPDIR/$name"
        run ./run.sh report "$BATS_TEST_TMPDIR/$name"
        [ "$status" -eq 0 ]
        valid "$BATS_TEST_TMPDIR/$name/report.html"
        looked_at "$BATS_TEST_TMPDIR/$name/report.html" "$name"
        echo "file://$BATS_TEST_TMPDIR/$name/report.html" >>"$BATS_TEST_TMPDIR/opened"
    done
    [ -z "$(log_of browser)" ]
    log_of performance | jq -r '.message | fromjson | .message | select(.method == "Network.requestWillBeSent") | .params.request.url' |
        sort -u >"$BATS_TEST_TMPDIR/asked"
    sort "$BATS_TEST_TMPDIR/opened" | diff - "$BATS_TEST_TMPDIR/asked"
}

# bats test_tags=slow
@test "in a browser: the checks detect errors, and tables can be sorted" {
    start_browser
    page=$BATS_TEST_TMPDIR/bad.html
    sed "s|<h2>Figures</h2>|<p style='color:#999'>pale</p><div style='width:9000px'>wide</div><img src='http://127.0.0.1:9/x.png' alt=''>|" \
        "$reported/report.html" >"$page"
    set_view 768 900 light
    open_page "$page"
    run_in_page tests/cli/contrast.js | jq -e '.poor | length == 1 and (.[0] | startswith("pale: "))'
    [ "$(sideways)" -gt 0 ]
    log_of browser | grep -q 'Content Security Policy'
    # descending after the second click
    open_page "$reported/report.html"
    echo 'const table = document.querySelector("table"); const name = () => [...table.tBodies[0].rows].map(r => Number(r.cells[2].textContent));
        const before = name(); const click = () => table.querySelectorAll("th button")[2].click();
        click(); const up = name(); click(); return [before, up, name()]' >"$BATS_TEST_TMPDIR/script"
    run_in_page "$BATS_TEST_TMPDIR/script" | jq -e '.[0] != .[1] and .[1] == (.[0] | sort) and .[2] == (.[0] | sort | reverse)'
}

@test "the page of a run: valid HTML, one finding, each drawn figure once" {
    valid "$reported/report.html"
    [ "$(grep -c '<p class="finding">' "$reported/report.html")" -eq 1 ]
    while IFS=$'\t' read -r name _ title reason; do
        [ "$(grep -cF "<svg role=\"img\" aria-label=\"$title\"" "$reported/report.html")" -eq "$([ "$reason" = - ] && echo 1 || echo 0)" ] || { echo "$name"; false; }
    done <"$reported/figures/index.tsv"
}

# two_runs: the fixture, and a copy with another throughput of racing
two_runs() {
    small_copy "$run_dir"
    small_copy "$BATS_TEST_TMPDIR/other"
    set_columns "$BATS_TEST_TMPDIR/other" "throughput_rps=2000" '$(at["strategy"]) == "racing"'
}

@test "two side by side: both findings, their ratios, each figure of both" {
    two_runs
    run ./run.sh report "$run_dir" "$BATS_TEST_TMPDIR/other" --out "$BATS_TEST_TMPDIR/two"
    [ "$status" -eq 0 ]
    [ "$output" = "report: $BATS_TEST_TMPDIR/two/report.html" ]
    valid "$BATS_TEST_TMPDIR/two/report.html"
    [ "$(grep -c '<p class="finding">' "$BATS_TEST_TMPDIR/two/report.html")" -eq 2 ]
    for figure in wakeups throughput latency cpu share classes wire timeline; do
        [ "$(grep -c "<svg role=\"img\" aria-label=\"$(awk -F '\t' -v f=$figure '$1 == f { print $3 }' plots/figures.tsv)" \
            "$BATS_TEST_TMPDIR/two/report.html")" -eq 2 ] || { echo $figure; false; }
    done
    grep -q '<h2>throughput_rps, B against A' "$BATS_TEST_TMPDIR/two/report.html"
    grep -q '^## throughput_rps, B against A' "$BATS_TEST_TMPDIR/two/report.md"
}

# bats test_tags=slow
@test "two side by side, in a browser" {
    two_runs
    ./run.sh report "$run_dir" "$BATS_TEST_TMPDIR/other" --out "$BATS_TEST_TMPDIR/two" 2>/dev/null
    start_browser
    looked_at "$BATS_TEST_TMPDIR/two/report.html" two
    [ -z "$(log_of browser)" ]
}

@test "two side by side: symbolic links in a run are not followed" {
    two_runs
    echo precious >"$BATS_TEST_TMPDIR/victim"
    mkdir "$BATS_TEST_TMPDIR/links"
    for link in "$run_dir/.forest.svg" "$run_dir/forest.svg" "$BATS_TEST_TMPDIR/links/forest.svg"; do
        ln -s "$BATS_TEST_TMPDIR/victim" "$link"
    done
    run ./run.sh report "$run_dir" "$BATS_TEST_TMPDIR/other" --out "$BATS_TEST_TMPDIR/links"
    [ "$status" -eq 0 ]
    [ "$(cat "$BATS_TEST_TMPDIR/victim")" = precious ]
    [ -L "$run_dir/.forest.svg" ]
    grep -q 'aria-label="Ratios of B to A"' "$BATS_TEST_TMPDIR/links/report.html"
    [ ! -e "$BATS_TEST_TMPDIR/links/.new" ]
}

@test "figures that are a symbolic link are not drawn, and its target is not changed" {
    small_copy "$run_dir"
    mkdir "$BATS_TEST_TMPDIR/victims"
    touch "$BATS_TEST_TMPDIR/victims/index.tsv" "$BATS_TEST_TMPDIR/victims/mine.svg"
    rm -rf "$run_dir/figures"
    ln -s "$BATS_TEST_TMPDIR/victims" "$run_dir/figures"
    for command in plot report "report --out $BATS_TEST_TMPDIR/out"; do
        run ./run.sh $command "$run_dir"
        failed_in_one_line 2
        [[ "$output" == *"/figures is a symbolic link"* ]]
        [ "$(ls "$BATS_TEST_TMPDIR/victims")" = "index.tsv
mine.svg" ]
    done
    head -n 1 "$run_dir/trials.csv" >"$run_dir/none" # nor where there is nothing to draw
    mv "$run_dir/none" "$run_dir/trials.csv"
    run ./run.sh plot "$run_dir"
    failed_in_one_line 2
    [ -e "$BATS_TEST_TMPDIR/victims/mine.svg" ]
}

@test "two side by side that cannot be compared: that is reported, and the rest is there" {
    two_runs
    drop_column "$BATS_TEST_TMPDIR/other" client_cpu_us_per_req
    set_columns "$BATS_TEST_TMPDIR/other" "requests_per_connection=7"
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    PATH=$BATS_TEST_TMPDIR/mock:$PATH run ./run.sh report "$run_dir" "$BATS_TEST_TMPDIR/other" --out "$BATS_TEST_TMPDIR/apart"
    [ "$status" -eq 0 ]
    valid "$BATS_TEST_TMPDIR/apart/report.html"
    grep -q 'The configurations of the runs could not be compared: compare: ' "$BATS_TEST_TMPDIR/apart/report.html"
    [ "$(grep -c '<p class="finding">' "$BATS_TEST_TMPDIR/apart/report.html")" -eq 2 ]
    grep -q '<svg role="img" aria-label="Throughput (requests/s), by workers, B"' "$BATS_TEST_TMPDIR/apart/report.html"
}

# finding: of $run_dir
finding() {
    "$build/bin/runs" report "$run_dir" --out "$BATS_TEST_TMPDIR/found" 2>/dev/null || [ $? -eq 3 ]
    jq -r .finding "$BATS_TEST_TMPDIR/found/report.json"
}

@test "the finding is computed from the rows, has both ends of the interval, and claims only significant differences" {
    mock_gnuplot "$BATS_TEST_TMPDIR/mock"
    small_copy "$run_dir"
    rm -r "$run_dir/hist" "$run_dir/wire.csv"
    # eight pairs whose ratio is 2 with 2 workers, and 8 with 64
    awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
        $(at["verdict"]) != "ok" || $2 != 1 || $5 !~ /^(racing|wakeone)$/ { next }
        { if ($7 == 8) $7 = 64
          for (r = 1; r <= 8; r++) {
            $1 = NR * 10 + r; $2 = r
            $(at["throughput_rps"]) = (1000 + r) * ($5 == "racing" ? 1 : $7 == 2 ? 2 : 8)
            $(at["wakeups_per_conn"]) = $5 == "racing" ? $7 : 1
            print } }' "$run_dir/trials.csv" >"$BATS_TEST_TMPDIR/rows"
    cp "$BATS_TEST_TMPDIR/rows" "$run_dir/trials.csv"
    # once through the command, then only the part that makes the finding
    PATH=$BATS_TEST_TMPDIR/mock:$PATH ./run.sh report "$run_dir" 2>/dev/null
    [ "$(sed -n 3p "$run_dir/report.md")" = "$(finding)" ]
    [ "$(finding)" = "wakeone against racing, 16 connections, one request each, 2 CPUs: 2.00 [2.00, 2.00] times the requests a second with 2 workers, 8.00 [8.00, 8.00] times with 64; a connection woke 2.00 and 64.00 workers of racing, 1.00 and 1.00 of wakeone. Ratios are paired, with 95 % intervals." ]
    # no significant difference
    set_columns "$run_dir" "throughput_rps=1000"
    [[ "$(finding)" == *"1.00 [1.00, 1.00] times the requests a second with 2 workers (not significant), 1.00 [1.00, 1.00] times with 64 (not significant);"* ]]
    # an open loop: CPU time, not throughput, which is given
    set_columns "$run_dir" "connections= rate_offered=500 server_cpu_us_per_req=10"
    set_columns "$run_dir" "server_cpu_us_per_req=30" '$5 == "racing"'
    [[ "$(finding)" == "wakeone against racing, 500 requests a second, one request each, 2 CPUs: 0.33 [0.33, 0.33] times the server's CPU time per request with 2 workers, "* ]]
    # no time at all, as of guests
    cp "$run_dir/trials.csv" "$BATS_TEST_TMPDIR/rows"
    set_columns "$run_dir" "throughput_rps= server_cpu_us_per_req="
    [ "$(finding)" = "Counts only, no times: a connection woke 2.00 workers of racing and 1.00 of wakeone with 2 workers, 64.00 and 1.00 with 64." ]
    cp "$BATS_TEST_TMPDIR/rows" "$run_dir/trials.csv"
    # one pair, one strategy
    sed -i '1b;/^[0-9]*1,/!d' "$run_dir/trials.csv"
    [[ "$(finding)" == *"with 2 workers (one pair, no interval)"* ]]
    sed -i '/,wakeone,/d' "$run_dir/trials.csv"
    [ "$(finding)" = "Nothing to compare: the run has no strategy besides its baseline racing." ]
}

@test "a run without a valid sample has a report with that finding, status 3" {
    small_copy "$run_dir"
    set_columns "$run_dir" "verdict=noisy"
    run ./run.sh report "$run_dir"
    [ "$status" -eq 3 ]
    [ "${#lines[@]}" -eq 2 ]
    [[ "${lines[1]}" == "report: "* ]]
    valid "$run_dir/report.html"
    [ "$(sed -n 3p "$run_dir/report.md")" = "No valid sample: there is no finding." ]
    grep -q '<code>noisy</code></td><td class="r">13</td><td class="r">100.0 %</td>' "$run_dir/report.html"
    refute grep -q '<svg' "$run_dir/report.html"
}

# odd_run: sets odd, a run with markup in all texts of its files
odd_run() {
    odd=$BATS_TEST_TMPDIR/'run <b>"x"&amp;@{y}^2 $(touch pwned) `touch pwned`'
    small_copy "$odd"
    local bad='<script>alert(1)</script><img src=http://127.0.0.1:9/x onerror=alert(2)>&amp;"`|*_\\u0007\\u202e'
    jq --arg bad "$(printf %b "$bad")" '.kernel = $bad | .machine = $bad | .host = $bad | .utc = $bad | .commit = $bad | .facts[$bad] = $bad |
        .facts.smt = $bad | .warnings = ["smt", $bad] | .versions = {($bad): {($bad): $bad}}' "$odd/env.json" >"$odd/env"
    mv "$odd/env" "$odd/env.json"
    printf "%b\t%b\nseed\t%b\nrounds\t%b\nwindow\t%b\n" "$bad" "$bad" "$bad" "$bad" "$bad" >"$odd/settings.tsv"
    printf "racing\tn\t%b\t%b\treference\n%b\t1\t%b\tx\tagain\n" "$bad" "$bad" "$bad" "$bad" >"$odd/strategies.tsv"
    printf "%b\t%b\n" "$bad" "$bad" >"$odd/skipped.tsv"
    mkdir "$odd/figures"
    printf "wakeups\twakeups\t%b\t-\n" "$bad" >"$odd/figures/index.tsv"
    printf '<svg><script>alert(3)</script></svg>\n' >"$odd/figures/other.svg"
}

@test "markup in a run's files is text in its report" {
    odd_run
    run ./run.sh report "$odd"
    [ "$status" -eq 0 ]
    valid "$odd/report.html"
    [ "$(grep -c '<script' "$odd/report.html")" -eq 1 ]
    refute grep -q '<img\|<b>' "$odd/report.html"
    refute grep -q '^[^ ].*\(<img\|<b>\)' "$odd/report.md" # but what a reader copies is as it is
    refute has_control_characters "$odd/report.html" "$odd/report.md"
    [ ! -e pwned ]
    [ ! -e "$odd/pwned" ]
    # its path, quoted for a shell
    eval "set -- $(sed -n "s/^    .\/run.sh report //p" "$odd/report.md")"
    [ "$1" = "$odd" ]
}

# bats test_tags=slow
@test "markup in a run's files, in a browser: nothing is executed or loaded" {
    odd_run
    ./run.sh report "$odd" 2>/dev/null
    start_browser
    set_view 768 900 light
    open_page "$odd/report.html"
    [ -z "$(log_of browser)" ]
}

@test "report.md is a readable table, and its numbers are those of summary.csv" {
    # every line of a table is as long as its header
    awk '/^\|/ { n = length($0); if (inside && n != wide) exit 1; wide = n; inside = 1; next } { inside = 0 }' "$reported/report.md"
    expected=$(awk -F, '$1 == "wakeone" && $2 == 8 { printf "%.0f %.2f", $10, $13 }' "$reported/summary.csv")
    [ "$(tr -d ' ' <"$reported/report.md" | awk -F'|' '$2 == "wakeone" && $3 == 8 { print $4, $5 }')" = "$expected" ]
    for heading in Summary Environment Method "Verdicts and missing data" "How to reproduce"; do
        grep -qx "## $heading" "$reported/report.md"
    done
    [ "$(sed -n '/^## Method/,/^## Verdicts/p' "$reported/report.md" | grep -c '^- ')" -eq 10 ]
}

@test "each verdict of the documentation is explained in the report" {
    diff <(awk -F '\t' '!/^#/ { print $1 }' harness/report/verdicts.tsv | sort) \
        <(sed -n '/^## Verdicts/,/^The limits/s/^| `\([a-z-]*\)` | .*/\1/p' docs/metrics.md | sort)
}

@test "usage errors, a directory that cannot be made: one line, status 2, nothing drawn" {
    small_copy "$run_dir"
    # one argument each
    for arguments in "" "$BATS_TEST_TMPDIR/nowhere" "--nonsense" "$run_dir|$run_dir" "$run_dir|--out" "a|b|c" \
        "$run_dir|--out|$run_dir/trials.csv/x"; do
        IFS='|' read -r -a words <<<"$arguments"
        run ./run.sh report "${words[@]}"
        failed_in_one_line 2
        [ ! -e "$run_dir/figures" ]
    done
}
