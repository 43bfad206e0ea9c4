#!/usr/bin/env bats
# share: a run in one file, read by compare; and gallery, the list of such runs. Archives that are damaged on purpose: also
# tests/unit/test_runs_share.c.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
load runs

bats_require_minimum_version 1.5.0

# The run of tests/data with names in it, packed once for tests that only read it
setup_file() {
    built "$build/bin/runs"
    export shared=$BATS_FILE_TMPDIR
    named_run "$shared/box7-6.1"
    ./run.sh share "$shared/box7-6.1" --out "$shared/packed.tar.gz" >"$shared/printed" 2>"$shared/messages"
}

setup() {
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir "$TMPDIR"
    packed=$shared/packed.tar.gz
}

# named_run DIR: with a host, users and paths in every file that has words
named_run() {
    small_copy "$1"
    jq '.host = "box7.example.org" | .boot_line = "BOOT_IMAGE=/boot/vmlinuz root=UUID=2f1b0c9e-0a1b-4c2d-8e3f-0123456789ab quiet" |
        .lab = {kernel: "/home/anna/bzImage", built: "on box7", price_ns: 0.44}' "$1/env.json" >"$1/env.new"
    mv "$1/env.new" "$1/env.json"
    printf 'load\t--urls=/home/anna/urls.txt on box7\n' >>"$1/settings.tsv"
    echo "made by box7 in /home/anna" >"$1/bench.log"
}

# unpack_all FILE DIR
unpack_all() {
    mkdir -p "$2"
    tar -xzf "$1" -C "$2"
}

# repack DIR FILE: as an archive of other people may be
repack() {
    tar --format=ustar -C "$1" -czf "$2" .
}

# something_is_there: temporary files of this test
something_is_there() {
    [ -n "$(ls -A "$TMPDIR")" ]
}

# nothing_is_left: no temporary file of this test
nothing_is_left() {
    [ -z "$(ls -A "$TMPDIR")" ] || { ls -A "$TMPDIR"; return 1; }
}

@test "the same run makes the same file, whatever its name and the time, with its checksum" {
    local again=$BATS_TEST_TMPDIR/elsewhere/other
    mkdir -p "${again%/*}"
    cp -r "$shared/box7-6.1" "$again"
    touch -d 2001-01-01 "$again"/*
    run ./run.sh share "$again" --out "$BATS_TEST_TMPDIR/again.tar.gz"
    [ "$status" -eq 0 ]
    cmp "$packed" "$BATS_TEST_TMPDIR/again.tar.gz"
    [ "$(sed -n 's/^sha256\t//p' "$shared/printed")" = "$(sha256sum <"$packed" | cut -d' ' -f1)" ]
    grep -qx "packed: $packed, [0-9]* kB" "$shared/messages"
    nothing_is_left
}

@test "host names, user names, paths and UUIDs are replaced, and what was is listed, in the file, too" {
    local name copy
    name=wakeone-$(jq -r .utc "$shared/box7-6.1/env.json" | tr -d ":-")
    unpack_all "$packed" "$BATS_TEST_TMPDIR/copy"
    copy=$BATS_TEST_TMPDIR/copy/$name
    [ "$(ls "$BATS_TEST_TMPDIR/copy")" = "$name" ]
    refute grep -rE 'box7|anna|/boot|/home|2f1b0c9e' "$copy"
    [ "$(jq -r .host "$copy/env.json")" = HOST ]
    [ "$(jq -r .boot_line "$copy/env.json")" = "BOOT_IMAGE=PATH root=UUID=UUID quiet" ]
    [ "$(jq -c .lab "$copy/env.json")" = '{"kernel":"PATH","built":"on HOST","price_ns":0.44}' ]
    grep -qx "load	--urls=PATH on HOST" "$copy/settings.tsv"
    grep -qx "env.json	path	2	PATH" "$copy/REMOVED"
    grep -qx "env.json	UUID	1	UUID" "$copy/REMOVED"
    grep -qx "env.json	host name	2	HOST" "$copy/REMOVED"
    grep -qx "settings.tsv	path	1	PATH" "$copy/REMOVED"
    diff "$copy/REMOVED" <(grep -v '^sha256\|^$' "$shared/printed")
}

@test "rows are as they were, logs and scripts are left out, and the report is one of the copy" {
    local copy file
    unpack_all "$packed" "$BATS_TEST_TMPDIR/copy"
    copy=$(echo "$BATS_TEST_TMPDIR"/copy/*)
    for file in trials.csv workers.csv wire.csv plan.tsv strategies.tsv; do
        cmp "$shared/box7-6.1/$file" "$copy/$file"
    done
    diff -r "$shared/box7-6.1/hist" "$copy/hist"
    [ ! -e "$copy/bench.log" ]
    [ ! -e "$copy/figures" ]
    [ "$(jq -r .run "$copy/report.json")" = "${copy##*/}" ]
    grep -q "${copy##*/}" "$copy/report.md"
    refute grep -v '^[-d]rw[-x]r-[-x]r-[-x] 0/0 .* 1970-01-01 ' <(tar -tvzf "$packed")
}

@test "compare gives the same for packed runs as for the run, on either side, and calls them by their files" {
    local metrics=throughput_rps,latency_p99_us
    cp "$packed" "$BATS_TEST_TMPDIR/b.tar.gz"
    small_copy "$BATS_TEST_TMPDIR/b"
    set_columns "$BATS_TEST_TMPDIR/b" throughput_rps=30000 '$(at["strategy"]) == "wakeone"'
    ./run.sh compare "$shared/box7-6.1" "$BATS_TEST_TMPDIR/b" --metric $metrics --out "$BATS_TEST_TMPDIR/of-runs" >/dev/null
    ./run.sh compare "$packed" "$BATS_TEST_TMPDIR/b" --metric $metrics --out "$BATS_TEST_TMPDIR/of-a" >"$BATS_TEST_TMPDIR/text"
    cmp "$BATS_TEST_TMPDIR/of-runs/compare.csv" "$BATS_TEST_TMPDIR/of-a/compare.csv"
    grep -qF "A  $packed: " "$BATS_TEST_TMPDIR/text"
    refute grep -rF "$TMPDIR" "$BATS_TEST_TMPDIR/text" "$BATS_TEST_TMPDIR/of-a"
    run ./run.sh compare "$BATS_TEST_TMPDIR/b" "$packed" "$BATS_TEST_TMPDIR/b.tar.gz" --json --out "$BATS_TEST_TMPDIR/of-b"
    [ "$status" -eq 0 ]
    nothing_is_left
}

@test "the same file twice is refused" {
    run ./run.sh compare "$packed" "$packed" --out "$BATS_TEST_TMPDIR/out"
    failed_in_one_line 2
    [ "$output" = "compare: $packed is given more than once" ]
    nothing_is_left
}

@test "what was unpacked is removed, also after a signal" {
    local signal pid
    mkdir "$BATS_TEST_TMPDIR/b"
    mkfifo "$BATS_TEST_TMPDIR/b/trials.csv"
    for signal in INT TERM HUP KILL; do
        env --default-signal=INT "$build/bin/runs" compare "$packed" "$BATS_TEST_TMPDIR/b" >/dev/null 2>&1 3>&- &
        pid=$!
        wait_until something_is_there
        kill -"$signal" "$pid"
        wait "$pid" || true
        wait_until nothing_is_left
    done
}

# is_refused STATUS MESSAGE FILE: by compare, in one line, and nothing is left
is_refused() {
    run ./run.sh compare "$3" tests/data/run --out "$BATS_TEST_TMPDIR/out"
    failed_in_one_line "$1" || return 1
    [[ "$output" == "compare: $3"*"$2"* ]] || { echo "$3: $output"; return 1; }
    [ ! -e "$BATS_TEST_TMPDIR/out" ] || return 1
    nothing_is_left
}

@test "files that are damaged, or none of share: one line that names the file" {
    local bad=$BATS_TEST_TMPDIR/bad.tar.gz size
    size=$(wc -c <"$packed")
    echo text >"$bad"
    is_refused 2 "neither the directory of a run nor a file" "$bad"
    : >"$bad"
    is_refused 2 "neither the directory of a run nor a file" "$bad"
    tar -cf "$bad" -C tests/data/run trials.csv
    is_refused 2 "neither the directory of a run nor a file" "$bad"
    head -c $((size / 2)) "$packed" >"$bad"
    is_refused 1 "cut off or damaged" "$bad"
    head -c 20 "$packed" >"$bad"
    is_refused 1 "cut off or damaged" "$bad"
    { head -c $((size / 2)) "$packed"; printf XXXXXXXX; tail -c +$((size / 2 + 9)) "$packed"; } >"$bad"
    is_refused 1 "cut off or damaged" "$bad"
    echo text | gzip >"$bad"
    is_refused 1 "the archive is cut off" "$bad"
    gzip -dc "$packed" | head -c 1500 | gzip >"$bad"
    is_refused 1 "the archive is cut off" "$bad"
    gzip -dc "$packed" | tail -c +100 | gzip >"$bad"
    is_refused 1 "a header is not one of tar" "$bad"
    head -c 5000001 /dev/zero | cat "$packed" - >"$bad"
    is_refused 2 "larger than 5000000 bytes" "$bad"
}

@test "archives that lead elsewhere, or hold links: one line, and nothing is written" {
    local bad=$BATS_TEST_TMPDIR/bad.tar.gz dir=$BATS_TEST_TMPDIR/dir
    unpack_all "$packed" "$dir"
    tar -P --format=ustar --transform 's,^.*/,../../,' -C "$dir" -czf "$bad" "$(cd "$dir" && echo */trials.csv)"
    is_refused 1 "a name that leads elsewhere: ../../trials.csv" "$bad"
    tar -P --format=ustar --transform "s,^.*/,$BATS_TEST_TMPDIR/," -C "$dir" -czf "$bad" "$(cd "$dir" && echo */trials.csv)"
    is_refused 1 "a name that leads elsewhere: $BATS_TEST_TMPDIR/trials.csv" "$bad"
    [ ! -e "$BATS_TEST_TMPDIR/trials.csv" ]
    ln -s /etc/passwd "$(echo "$dir"/*)/skipped.tsv"
    tar --format=ustar -C "$dir" -czf "$bad" "$(ls "$dir")"
    is_refused 1 "neither a file nor a directory" "$bad"
    rm "$dir"/*/skipped.tsv
    ln "$dir"/*/trials.csv "$(echo "$dir"/*)/callers.csv"
    tar --format=ustar --sort=name -C "$dir" -czf "$bad" "$(ls "$dir")"
    is_refused 1 "neither a file nor a directory" "$bad"
    rm "$dir"/*/callers.csv
    mkfifo "$(echo "$dir"/*)/skipped.tsv"
    tar --format=ustar -C "$dir" -czf "$bad" "$(ls "$dir")"
    is_refused 1 "neither a file nor a directory" "$bad"
    rm "$dir"/*/skipped.tsv "$dir"/*/trials.csv
    tar --format=ustar -C "$dir" -czf "$bad" "$(ls "$dir")"
    is_refused 1 "there is no trials.csv in it" "$bad"
}

@test "a bomb is given up at its limit: size, and number of files" {
    local bad=$BATS_TEST_TMPDIR/bad.tar.gz
    head -c 1000000000 /dev/zero | gzip -1 >"$bad"
    [ "$(wc -c <"$bad")" -lt 5000000 ]
    is_refused 1 "unpacks to more than 64 MiB" "$bad"
    mkdir "$BATS_TEST_TMPDIR/many"
    (cd "$BATS_TEST_TMPDIR/many" && seq -f hist/%.0f.hgrm 20001 >../names && mkdir hist && xargs touch <../names)
    tar --format=ustar --transform 's,^,run/,' -C "$BATS_TEST_TMPDIR/many" --no-recursion -T "$BATS_TEST_TMPDIR/names" -czf "$bad"
    is_refused 1 "more than 20000 files" "$bad"
}

@test "files of an archive that no run has are left out" {
    local dir=$BATS_TEST_TMPDIR/dir
    unpack_all "$packed" "$dir"
    echo 'touch pwned' >"$(echo "$dir"/*)/reproduce.sh"
    tar --format=ustar -C "$dir" -czf "$BATS_TEST_TMPDIR/more.tar.gz" "$(ls "$dir")"
    run ./run.sh compare "$BATS_TEST_TMPDIR/more.tar.gz" tests/data/run --out "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 0 ]
    nothing_is_left
}

@test "no room for what is unpacked: one line that names TMPDIR" {
    TMPDIR=$BATS_TEST_TMPDIR/none run ./run.sh compare "$packed" tests/data/run --out "$BATS_TEST_TMPDIR/out"
    failed_in_one_line 1
    [[ "$output" == *"cannot make a directory in $BATS_TEST_TMPDIR/none (No such file or directory): set TMPDIR to another" ]]
    run bash -c 'ulimit -f 1 && exec "$0" compare "$1" tests/data/run --out "$2"' "$build/bin/runs" "$packed" "$BATS_TEST_TMPDIR/limited"
    failed_in_one_line 1
    [[ "$output" == *"cannot write to $TMPDIR/"*"set TMPDIR to another directory" ]]
    nothing_is_left
}

@test "a run that is too large is packed as its compact copy, with a message" {
    local run_dir=$BATS_TEST_TMPDIR/large copy
    small_copy "$run_dir"
    # A compact copy has no histograms of trials: 8 MB that do not compress
    head -c 6000000 /dev/urandom | base64 -w 100 | sed 's/^/3,racing,2,0,worker,/' >"$BATS_TEST_TMPDIR/noise"
    mkdir -p "$run_dir/hist"
    cp "$BATS_TEST_TMPDIR/noise" "$run_dir/hist/99999.hgrm"
    run --separate-stderr ./run.sh share "$run_dir" --out "$BATS_TEST_TMPDIR/large.tar.gz"
    echo "$stderr"
    [ "$status" -eq 0 ]
    [[ "$stderr" == "share: $run_dir is too large for one file of 5 MB: packing its compact copy"* ]]
    [ "$(wc -c <"$BATS_TEST_TMPDIR/large.tar.gz")" -lt 5000000 ]
    unpack_all "$BATS_TEST_TMPDIR/large.tar.gz" "$BATS_TEST_TMPDIR/copy"
    copy=$(echo "$BATS_TEST_TMPDIR"/copy/*)
    [ -s "$copy/shares.csv" ]
    [ ! -e "$copy/hist" ]
    # what a compact copy keeps is too large, too
    sed 's/$/,/' "$BATS_TEST_TMPDIR/noise" >"$run_dir/virtual-2.tsv"
    run ./run.sh share "$run_dir" --out "$BATS_TEST_TMPDIR/larger.tar.gz"
    [ "$status" -eq 1 ]
    [[ "${lines[1]}" == "share: $run_dir is larger than 5 MB as a compact copy, too: "* ]]
    [ ! -e "$BATS_TEST_TMPDIR/larger.tar.gz" ]
    nothing_is_left
}

@test "links in a run are refused, and nothing outside of it is followed" {
    small_copy "$BATS_TEST_TMPDIR/run"
    ln -s /etc/passwd "$BATS_TEST_TMPDIR/run/skipped.tsv"
    run ./run.sh share "$BATS_TEST_TMPDIR/run" --out "$BATS_TEST_TMPDIR/out.tar.gz"
    failed_in_one_line 2
    [[ "$output" == "share: $BATS_TEST_TMPDIR/run/skipped.tsv is neither a file nor a directory"* ]]
    [ ! -e "$BATS_TEST_TMPDIR/out.tar.gz" ]
}

@test "usage errors of share: one line" {
    local arguments
    : >"$BATS_TEST_TMPDIR/there"
    for arguments in "" "tests/data" "tests/data/run results/reference/main" "tests/data/run --out $BATS_TEST_TMPDIR/there" "tests/data/run --out" \
        "--nonsense tests/data/run" "--line" "--line tests/data" "--line tests/data/run --out x" "tests/data/run --source x" \
        "tests/data/run --out $BATS_TEST_TMPDIR/there/below"; do
        # shellcheck disable=SC2086 # words
        run ./run.sh share $arguments
        failed_in_one_line 2 || { echo "$arguments"; false; }
    done
    [ ! -s "$BATS_TEST_TMPDIR/there" ]
    nothing_is_left
}

@test "without --out the file is in the directory of results, and none is replaced" {
    local file
    WAKEONE_RESULTS=$BATS_TEST_TMPDIR/results run ./run.sh share "$shared/box7-6.1"
    [ "$status" -eq 0 ]
    file=$(echo "$BATS_TEST_TMPDIR"/results/wakeone-*.tar.gz)
    cmp "$packed" "$file"
    WAKEONE_RESULTS=$BATS_TEST_TMPDIR/results run ./run.sh share "$shared/box7-6.1"
    failed_in_one_line 2
}

# ---- the gallery ----

@test "lines of a packed run are those of the run, with the checksum of the file" {
    local sum
    sum=$(sha256sum <"$packed" | cut -d' ' -f1)
    ./run.sh share --line "$shared/box7-6.1" --source doi:10.5281/zenodo.1 >"$BATS_TEST_TMPDIR/of-run"
    ./run.sh share --line "$packed" --source doi:10.5281/zenodo.1 >"$BATS_TEST_TMPDIR/of-file"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/of-run")" -eq 1 ]
    [ "$(cut -f13 "$BATS_TEST_TMPDIR/of-file")" = "$sum" ]
    diff <(cut -f-12,14 "$BATS_TEST_TMPDIR/of-run") <(cut -f-12,14 "$BATS_TEST_TMPDIR/of-file")
    nothing_is_left
}

@test "of several configurations a line has the one nearest to 4 workers and 8 connections per CPU, by its ratios" {
    local run_dir=$BATS_TEST_TMPDIR/run
    awk 'BEGIN { for (round = 1; round <= 4; round++) for (w = 2; w <= 32; w *= 4) for (c = 4; c <= 64; c *= 4)
        { print "racing", w, 2, c, "-", "ok", round, 1000 + round; print "wakeone", w, 2, c, "-", "ok", round, (1000 + round) * (w + c / 100) } }' |
        rows_run "$run_dir" throughput_rps
    jq -n '{machine: "metal", utc: "2026-01-02T03:04:05Z", cpu: {model: "A\tB"}, kernel: "6.1"}' >"$run_dir/env.json"
    run ./run.sh share --line "$run_dir"
    [ "$status" -eq 0 ]
    [ "$output" = "2026-01-02	metal	A?B	2	6.1	-	8	16	8.1600	8.1600	8.1600	cores	-	-" ]
}

@test "a run without the ratio has no line, for a reason" {
    local run_dir=$BATS_TEST_TMPDIR/run
    small_copy "$run_dir"
    sed -i 's/^wakeone\t/other\t/;s/\twakeone\t/\tother\t/' "$run_dir/plan.tsv" "$run_dir/strategies.tsv"
    sed -i 's/,wakeone,/,other,/' "$run_dir/trials.csv"
    run ./run.sh share --line "$run_dir"
    failed_in_one_line 1
    [[ "$output" == *"has no interval of wakeone to racing"* ]]
    run ./run.sh share --line results/reference/scale
    failed_in_one_line 1
    [[ "$output" == *"where only counts are valid" ]]
    rm "$run_dir/env.json"
    run ./run.sh share --line "$run_dir"
    failed_in_one_line 1
    [[ "$output" == *"has no env.json that names its machine" ]]
}

@test "lines of reference runs in results/gallery.tsv are those of their rows" {
    local source sources
    sources=$(cut -f14 results/gallery.tsv | grep '^results/reference/' | sort -u)
    [ -n "$sources" ]
    for source in $sources; do
        diff <(./run.sh share --line "$source" --source "$source") <(awk -F '\t' -v source="$source" '$14 == source' results/gallery.tsv)
    done
}

@test "gallery draws the list, each mark with its points, and refuses lines that are not whole" {
    local list=$BATS_TEST_TMPDIR/list.tsv line mock=$BATS_TEST_TMPDIR/mock
    run ./run.sh gallery --out "$BATS_TEST_TMPDIR/gallery.svg"
    [ "$status" -eq 0 ]
    [ "$output" = "picture: $BATS_TEST_TMPDIR/gallery.svg" ]
    xmllint --nonet --noout "$BATS_TEST_TMPDIR/gallery.svg"
    grep -q '>measured on cores<' "$BATS_TEST_TMPDIR/gallery.svg"
    grep -q '>measured in virtual time<' "$BATS_TEST_TMPDIR/gallery.svg"
    cp results/gallery.tsv "$list"
    mock_gnuplot "$mock"
    PATH=$mock:$PATH run ./run.sh gallery --list "$list"
    [ "$status" -eq 0 ]
    [ -s "$BATS_TEST_TMPDIR/list.svg" ]
    [ "$(grep -c '^[0-9][0-9]* [0-9.]* [0-9.]* [0-9.]* "' "$mock/given")" -eq "$(($(wc -l <"$list") - 1))" ]
    while IFS= read -r line; do
        { cat results/gallery.tsv && printf '%b\n' "$line"; } >"$list"
        run ./run.sh gallery --list "$list" --out "$BATS_TEST_TMPDIR/refused.svg"
        failed_in_one_line 1 || { echo "$line"; false; }
        [[ "$output" == "gallery: $list: line $(wc -l <"$list"): "* ]] || { echo "$line: $output"; false; }
    done <<'END'
nothing
2026-01-02\tmetal\tA\t2\t6.1\t1.0\t8\t16\t1.5\t1.4\t1.6\tcores\t-
2026-01-02\tmetal\t\t2\t6.1\t1.0\t8\t16\t1.5\t1.4\t1.6\tcores\t-\tx
01.02.2026\tmetal\tA\t2\t6.1\t1.0\t8\t16\t1.5\t1.4\t1.6\tcores\t-\tx
2026-01-02\tmetal\tA\t0\t6.1\t1.0\t8\t16\t1.5\t1.4\t1.6\tcores\t-\tx
2026-01-02\tmetal\tA\t2\t6.1\t1.0\t8\t16\t1.5\t1.6\t1.4\tcores\t-\tx
2026-01-02\tmetal\tA\t2\t6.1\t1.0\t8\t16\t-1\t1.4\t1.6\tcores\t-\tx
2026-01-02\tmetal\tA\t2\t6.1\t1.0\t8\t16\t1.5\t1.4\t1.6\tguessed\t-\tx
2026-01-02\tmetal\tA\t2\t6.1\t1.0\t8\t16\t1.5\t1.4\t1.6\tcores\tabc\tx
END
    [ ! -e "$BATS_TEST_TMPDIR/refused.svg" ]
}

@test "usage errors of gallery: one line" {
    local arguments
    for arguments in "--list $BATS_TEST_TMPDIR/none.tsv" "--out $BATS_TEST_TMPDIR/out.pdf" "--list README.md" "--list" "--nonsense x" "more"; do
        # shellcheck disable=SC2086 # words
        run ./run.sh gallery $arguments
        failed_in_one_line 2 || { echo "$arguments"; false; }
    done
}
