#!/usr/bin/env bats
# Results that cannot be written, and progress and tables on a terminal. Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

setup() {
    log=$BATS_TEST_TMPDIR/stderr
}

teardown() {
    stop_server || true
}

# into_full COMMAND..., into_closed, into_gone: with a standard output that cannot be written; sets status, and `lines` to
# the messages. A full disk, no descriptor, and a pipe whose reader has ended, with SIGPIPE ignored.
into_full() {
    status=0
    "$@" >/dev/full 2>"$log" </dev/null || status=$?
    read_log
}

into_closed() {
    status=0
    "$@" >&- 2>"$log" </dev/null || status=$?
    read_log
}

# open_gone NAME: sets NAME to a descriptor of a pipe whose reader has ended
open_gone() {
    local fifo=$BATS_TEST_TMPDIR/fifo reader
    [ -p "$fifo" ] || mkfifo "$fifo"
    exec {reader}<>"$fifo"
    eval "exec {$1}>\"\$fifo\""
    exec {reader}>&-
}

into_gone() {
    local pipe
    open_gone pipe
    status=0
    (trap '' PIPE && exec "$@" 2>"$log" 1>&"$pipe" </dev/null) || status=$?
    exec {pipe}>&-
    read_log
}

read_log() {
    output=$(cat "$log")
    mapfile -t lines <"$log"
}

# refuses WAY REASON COMMAND...: it fails in one line, with the reason
refuses() {
    local way=$1 reason=$2
    shift 2
    "$way" "$@"
    failed_in_one_line 1 || { echo "$way: $*"; return 1; }
    [[ "$output" == *"cannot write"*"$reason" ]] || { echo "$way: $*: $output"; return 1; }
}

# checks_its_output COMMAND...
checks_its_output() {
    refuses into_full "No space left on device" "$@" &&
        refuses into_closed "Bad file descriptor" "$@" &&
        refuses into_gone "Broken pipe" "$@"
}

@test "output: every program reports that its result could not be written" {
    local program
    for program in "$build"/bin/* "$build/epoll/racing" "$build/peer/nginx-off"; do
        checks_its_output "$program" --help
    done
    checks_its_output "$build/epoll/racing" --describe
    checks_its_output "$build/bin/placement"
    checks_its_output "$build/bin/placement" --describe
    checks_its_output "$build/bin/trial" --limits
    checks_its_output "$build/bin/wakeups" --instrument ctxsw -p $$ --duration 10ms --json
    refuses into_full "No space left on device" "$build/bin/selftest" --strategy racing --workers 1 --connections 1
    refuses into_full "standard output: No space left on device" "$build/bin/wire" -r tests/data/capture/cooked1.pcap --port 18080 --connections -
}

@test "output: stats reports that its lines could not be written, many or few" {
    seq 1 20000 | sed 's/.*/k& 2 1/' >"$BATS_TEST_TMPDIR/pairs"
    for lines in 2 20000; do
        run bash -c 'head -n "$2" "$3" | "$1" >/dev/full' - "$build/bin/stats" $lines "$BATS_TEST_TMPDIR/pairs"
        failed_in_one_line 1
        [[ "$output" == *"cannot write"*"No space left on device" ]]
    done
}

@test "output: a trial whose row could not be written has failed, and left no server" {
    local trial=("$build/bin/trial" --strategy wakeone --workers 2 --threads 1 --window 10ms --warmup 0s --instrument ctxsw)
    checks_its_output "${trial[@]}"
    checks_its_output "${trial[@]}" --json
    [ -z "$(left_of_test)" ]
}

@test "output: a disk that becomes full is an error, whatever was buffered" {
    # one block of 1024 bytes: the text is longer, and only its beginning is written
    run bash -c 'ulimit -f 1; "$1" --help >"$2"' - "$build/bin/trial" "$BATS_TEST_TMPDIR/half"
    failed_in_one_line 1
    [[ "$output" == *"cannot write standard output: File too large" ]]
    [ "$(wc -c <"$BATS_TEST_TMPDIR/half")" -eq 1024 ]
}

@test "output: a server whose ready line could not be written ends, with its workers" {
    checks_its_output "$build/epoll/racing" --workers 2
    refuses into_full "No space left on device" "$build/epoll/fdpass" --workers 2
    [ -z "$(left_of_test)" ]
}

@test "output: a command works without stderr" {
    local run=$BATS_TEST_TMPDIR/run bench=(./run.sh --no-install bench --rounds 2 --workers 8 --strategies "racing,wakeone" --no-figures)
    mock_engine
    "${bench[@]}" --out "$run" 2>&- >"$BATS_TEST_TMPDIR/table"
    grep -q "^wakeone  *8 " "$BATS_TEST_TMPDIR/table"
    rm -rf "$run"
    "${bench[@]}" --out "$run" 2>/dev/full >"$BATS_TEST_TMPDIR/table"
    grep -q "^wakeone  *8 " "$BATS_TEST_TMPDIR/table"
    run bash -c "\"$build/bin/stats\" --nonsense 2>&-"
    [ "$status" -eq 2 ]
}

@test "output: files never get the numbers of descriptors that the caller has closed" {
    # messages to a closed stderr must not end up in what is opened next
    local file=$BATS_TEST_TMPDIR/stats
    "$build/epoll/racing" --workers 1 --stats "$file" <&- 2>&- >"$BATS_TEST_TMPDIR/ready" 3>&- &
    server_pid=$!
    wait_until test -s "$BATS_TEST_TMPDIR/ready"
    for fd in 0 1 2; do
        [[ "$(readlink "/proc/$server_pid/fd/$fd")" == @(/dev/null|"$BATS_TEST_TMPDIR/ready") ]]
    done
    stop_server
    run bash -c '"$1" <&- >&- 2>&-' - "$build/bin/stats"
    [ "$status" -eq 1 ]
}

# bats test_tags=slow
@test "output: a third-party server whose ready line could not be written is ended" {
    PATH=$PATH:/usr/sbin command -v nginx >/dev/null || skip "nginx is not installed"
    checks_its_output "$build/peer/nginx-off" --workers 1
    [ -z "$(left_of_test)" ]
}

# ---- commands ----

# mock_engine: bench takes no time (fake_trial.c)
mock_engine() {
    built "$build"/bin/{stats,placement} "$build/tests/fake_trial"
    echo "cat '$top/tests/data/run/env.json'" >"$BATS_TEST_TMPDIR/environment"
    export WAKEONE_EXECUTOR=$build/tests/fake_trial WAKEONE_ENVIRONMENT=$BATS_TEST_TMPDIR/environment
}

# fails_last WAY COMMAND...: as of refuses; it may also print where files were written
fails_last() {
    "$@"
    [ "$status" -eq 1 ] || { echo "$*: status $status: $output"; return 1; }
    grep -q "cannot write standard output: " "$log" || { echo "$*: $output"; return 1; }
}

@test "output: every command reports that its help could not be written" {
    checks_its_output ./run.sh --help
    for file in harness/commands/*.sh; do
        refuses into_full "No space left on device" ./run.sh "$(basename "$file" .sh)" --help
    done
}

@test "output: every command that prints reports that its output could not be written" {
    mock_engine
    checks_its_output ./run.sh doctor
    refuses into_full "No space left on device" ./run.sh doctor --json
    refuses into_full "No space left on device" ./run.sh share --line tests/data/run
    refuses into_full "No space left on device" ./run.sh claims --list exclusive_order
    refuses into_full "No space left on device" ./run.sh bench --dry-run --workers 2
    refuses into_full "No space left on device" ./run.sh scale --dry-run --workers 2 --cpus 1 --split shared
    refuses into_full "No space left on device" ./run.sh peers --dry-run --workers 2 --peers nginx-off --client-rounds 0
    refuses into_full "No space left on device" ./run.sh --no-install selftest --strategies racing --workers 1 --connections 1
    fails_last into_full ./run.sh --no-install prices --no-guest
    fails_last into_full ./run.sh --no-install faults --strategies blocking --faults none # it may also report that it measures again
}

@test "output: a table that cannot be printed is in the run's directory, whose path is reported" {
    local run=$BATS_TEST_TMPDIR/run way
    mock_engine
    for way in into_full into_closed into_gone; do
        rm -rf "$run" "$BATS_TEST_TMPDIR/compared"
        fails_last $way ./run.sh --no-install bench --rounds 2 --workers 8 --strategies racing,wakeone --no-figures --out "$run"
        grep -qF "results: $run" "$log"
        [ -s "$run/summary.csv" ]
        fails_last $way ./run.sh compare tests/data/run "$run" --overlap --out "$BATS_TEST_TMPDIR/compared"
        grep -qF "comparison: $BATS_TEST_TMPDIR/compared" "$log"
        [ -s "$BATS_TEST_TMPDIR/compared/compare.md" ]
    done
}

@test "output: claims reports that its verdicts could not be printed, and writes them to its directory" {
    local run=$BATS_TEST_TMPDIR/claims
    cp -R results/reference/claims "$run"
    rm "$run/claims.md"
    fails_last into_full ./run.sh claims --judge "$run" exclusive_order
    grep -qF "results: $run" "$log"
    [ -s "$run/claims.md" ]
}

@test "output: a reader that closes the pipe early causes no message, and nothing is left in TMPDIR" {
    local pipe
    mock_engine
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir "$TMPDIR"
    open_gone pipe
    run bash -c './run.sh doctor --help 1>&"$1"' - "$pipe"
    [ "$status" -eq 141 ]
    [ -z "$output" ]
    # stderr has no reader either: the shell that is killed still cleans up
    run bash -c './run.sh --no-install bench --rounds 2 --workers 8 --strategies racing,wakeone --no-figures --out "$2" 1>&"$1" 2>&1' - \
        "$pipe" "$BATS_TEST_TMPDIR/run"
    exec {pipe}>&-
    [ "$status" -eq 141 ]
    [ -z "$(ls "$TMPDIR")" ]
}

# ---- terminals ----

# progress: the text of the progress line, one update a line
progress() {
    tr '\r' '\n' <"$screen" | sed -n 's/^\x1b\[K\(.* to go.*\)/\1/p'
}

# widest: of these lines, in bytes
widest() {
    awk 'length($0) > n { n = length($0) } END { print n + 0 }'
}

# bench_on COLUMNS [ROUNDS]: progress of a bench with a long name in it
bench_on() {
    rm -rf "$BATS_TEST_TMPDIR/run"
    on_terminal "$1" "./run.sh --no-install bench --workers 8 --strategies racing,mutex-trylock-delay --rounds ${2:-3} --no-figures \
        --out '$BATS_TEST_TMPDIR/run'"
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || { cat "$screen"; return 1; }
}

@test "output: progress fits the terminal, and has the remaining time even if there is little space" {
    mock_engine
    unset COLUMNS
    export TERM=xterm
    bench_on 200
    progress | grep -qE '^\[2/10\] round 1: [a-z-]+, 8 workers; [0-9]+:[0-9]{2} to go$'
    bench_on 40
    progress | grep -qE '^\[2/10\] [a-z-]+; [0-9]+:[0-9]{2} to go$'
    [ "$(progress | wc -l)" -eq 10 ]
    [ "$(progress | widest)" -le 39 ]
    bench_on 12
    progress | grep -qE '^[0-9]+:[0-9]{2} to go'
    [ "$(progress | widest)" -le 11 ]
    COLUMNS=20 bench_on 200
    [ "$(progress | widest)" -le 19 ]
    [ "$(progress | wc -l)" -eq 10 ]
}

@test "output: progress follows a terminal that becomes narrower" {
    mock_engine
    unset COLUMNS
    export TERM=xterm FAKE=$WAKEONE_EXECUTOR
    cat >"$BATS_TEST_TMPDIR/executor" <<'END'
#!/bin/sh
case " $* " in
*" --trial 5 "*) stty cols 25 </dev/tty ;;
esac
exec "$FAKE" "$@"
END
    chmod +x "$BATS_TEST_TMPDIR/executor"
    WAKEONE_EXECUTOR=$BATS_TEST_TMPDIR/executor bench_on 100
    [ "$(progress | wc -l)" -eq 10 ]
    [ "$(progress | head -n 5 | widest)" -gt 40 ]
    [ "$(progress | tail -n 5 | widest)" -le 24 ]
}

@test "output: without a terminal, or with one that cannot move the cursor, no control characters are printed" {
    mock_engine
    export TERM=dumb
    bench_on 40
    grep -qE '^round 0, trial 1 of 10, [0-9:]+ to go' "$screen"
    refute grep -q $'\x1b' "$screen"
    refute grep -q $'\r[^\r]' "$screen"
    export TERM=xterm
    rm -rf "$BATS_TEST_TMPDIR/run"
    ./run.sh --no-install bench --workers 8 --strategies racing --rounds 2 --no-figures --out "$BATS_TEST_TMPDIR/run" >"$log" 2>&1
    refute grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$log"
}

@test "output: messages of a trial are on lines of their own" {
    mock_engine
    unset COLUMNS
    export TERM=xterm FAKE=$WAKEONE_EXECUTOR
    printf '#!/bin/sh\necho "something went wrong" >&2\nexec "$FAKE" "$@"\n' >"$BATS_TEST_TMPDIR/executor"
    chmod +x "$BATS_TEST_TMPDIR/executor"
    WAKEONE_EXECUTOR=$BATS_TEST_TMPDIR/executor bench_on 80 2
    refute grep -q 'to gosomething' "$screen"
    [ "$(tr '\r' '\n' <"$screen" | grep -cx $'\x1b\[Ksomething went wrong')" -eq 7 ]
}

# frames: the tables of wakeups except the last, one below the other
frames() {
    tr -d '\r' <"$screen" | awk 'BEGIN { RS = "\033\\[H\033\\[J" } NR > 1 { if (frame != "") printf "%s", frame; frame = $0 }'
}

# watch_on COLUMNS NAME: wakeups of a process of that name
watch_on() {
    bash -c 'printf "$1" >/proc/$$/comm; while :; do sleep 0.02; done' - "$2" >/dev/null 2>&1 3>&- &
    server_pid=$!
    on_terminal "$1" "'$build/bin/wakeups' -p $server_pid --interval 0.1 --duration 0.35 --instrument ctxsw"
    kill "$server_pid"
    wait "$server_pid" 2>/dev/null || true
    server_pid=
    [ "$status" -eq 0 ] || { cat "$screen"; return 1; }
}

@test "output: the table of wakeups fits the terminal, with the most important columns" {
    unset COLUMNS
    watch_on 200 narrow
    frames | grep -qE '^  worker  name +wakeups/s +useful/s +spurious/s +absorbed/s +per conn +runq p50 +runq p99$'
    frames | grep -qE ' narrow +[0-9]'
    watch_on 40 narrow
    frames | grep -qE '^  worker +wakeups/s +per conn$'
    frames | grep -qE '^ *[0-9]+ +[0-9]+ '
    frames | grep -q '^0 s by context switches; press Ctrl-C'
    [ "$(frames | widest)" -le 39 ]
    sed 's/.*\x1b\[J//' "$screen" | grep -qE '^  worker +wakeups +per conn +accepts.$'
    watch_on 50 narrow
    frames | grep -qE '^  worker  name +wakeups/s +per conn'
    [ "$(frames | widest)" -le 49 ]
    COLUMNS=30 watch_on 200 narrow
    [ "$(frames | widest)" -le 29 ]
}

@test "output: control characters in the name of a process are not printed, and its width is correct" {
    unset COLUMNS
    watch_on 80 '\033[2Jcleared'
    refute grep -q $'\x1b\[2J' "$screen"
    frames | grep -q '?\[2Jcleared'
    watch_on 80 '東京東京東' # 15 bytes
    frames | grep -qE '^ *[0-9]+  \?{15} +[0-9]+ '
    [ "$(frames | sed -n 2p | widest)" -eq "$(frames | head -n 1 | widest)" ]
}

@test "output: without a terminal wakeups writes no control characters" {
    "$build/bin/wakeups" -p $$ --duration 0.25 --interval 0.1 --instrument ctxsw >"$log" 2>&1
    refute grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$log"
}

# ---- files ----

# with_blocks N COMMAND...: no file may have more than N KiB, as on a disk that becomes full
with_blocks() {
    (trap '' XFSZ && ulimit -f "$1" && shift && exec "$@") >"$log" 2>&1
}

@test "output: if the disk becomes full, a report or a comparison leaves the previous files" {
    local run=$BATS_TEST_TMPDIR/run out=$BATS_TEST_TMPDIR/out
    mkdir -p "$out"
    cp -R tests/data/run "$run"
    ./run.sh report "$run" --out "$out" >"$log" 2>&1
    cp "$out/report.html" "$BATS_TEST_TMPDIR/before"
    (cd "$run/figures" && cksum -- *) >"$BATS_TEST_TMPDIR/figures"
    # the figures need less, the page more: it is written to TMPDIR, which has the same limit
    refute with_blocks 16 ./run.sh report "$run" --out "$out"
    cmp "$out/report.html" "$BATS_TEST_TMPDIR/before"
    [ "$(ls -A "$out" | tr '\n' ' ')" = "report.html report.json report.md " ]
    refute with_blocks 1 ./run.sh plot "$run"
    (cd "$run/figures" && cksum -- *) | cmp - "$BATS_TEST_TMPDIR/figures"
}

# report_killed_at_moments COUNT: a report (with figures) is killed with -9; each file of the previous report
# is unchanged, or is that of the next one
report_killed_at_moments() {
    local dir=$BATS_TEST_TMPDIR moment file killed=0 begun took
    export TMPDIR=$BATS_TEST_TMPDIR # killed processes leave temporary files
    for state in before after; do # the path is in the report
        rm -rf "$dir/killed"
        mkdir -p "$dir/killed" "$dir/$state"
        cp -R tests/data/run "$dir/killed/run"
        # the second report has fewer figures
        [ $state = before ] || sed -i 's/,ok$/,noisy/; 0,/,noisy$/s//,ok/' "$dir/killed/run/trials.csv"
        begun=$EPOCHREALTIME
        "$build/bin/runs" report "$dir/killed/run" >/dev/null 2>&1
        took=$(awk -v begun="$begun" -v ended="$EPOCHREALTIME" 'BEGIN { print ended - begun }')
        mv "$dir/killed/run" "$dir/$state/run"
    done
    for moment in $(seq "$1"); do
        rm -rf "$dir/killed/run"
        cp -R "$dir/before/run" "$dir/killed/run"
        cp "$dir/after/run/trials.csv" "$dir/killed/run/"
        "$build/bin/runs" report "$dir/killed/run" >/dev/null 2>&1 3>&- &
        sleep "$(awk -v seed="$moment" -v took="$took" 'BEGIN { srand(seed); printf "%.3f", took * rand() }')"
        if kill -KILL $! 2>/dev/null; then killed=$((killed + 1)); fi
        wait $! 2>/dev/null || true
        (cd "$dir/killed/run" && find . -name .new -prune -o -type f -print) >"$dir/files"
        while read -r file; do
            cmp -s "$dir/killed/run/$file" "$dir/before/run/$file" || cmp "$dir/killed/run/$file" "$dir/after/run/$file"
        done <"$dir/files"
        while read -r file; do # figures that index.tsv lists as drawn exist
            [ -s "$dir/killed/run/figures/$file.svg" ]
        done < <(awk -F '\t' '$4 == "-" { print $2 }' "$dir/killed/run/figures/index.tsv")
        wait_until eval '[ -z "$(left_of_test)" ]'
        "$build/bin/runs" report "$dir/killed/run" >/dev/null 2>&1
        diff -r "$dir/killed/run" "$dir/after/run"
    done
    [ "$killed" -ge 1 ]
}

@test "output: kill -9 of a report leaves each file of the previous one, or of this one, and the next report leaves nothing else" {
    report_killed_at_moments 5
}

# bats test_tags=slow
@test "output: kill -9 of a report at 40 moments leaves each file of the previous one, or of this one" {
    report_killed_at_moments 40
}

# bats test_tags=root
@test "output: a full disk is one line, and no incomplete file" {
    local small=$BATS_TEST_TMPDIR/small kib
    mkdir "$small"
    cp -R tests/data/run "$BATS_TEST_TMPDIR/run"
    for kib in 4 20; do
        run unshare -m sh -c 'mount -t tmpfs -o size=$2k none "$1" && ./run.sh compare tests/data/run results/reference/main --overlap \
            --out "$1/out" >/dev/null; echo "status $?"; ls -A "$1"' - "$small" $kib
        [ "${lines[0]}" = "compare: cannot write to $small/out: No space left on device" ] || { echo "$output"; return 1; }
        [ "${lines[1]}" = "status 1" ]
        [ "${#lines[@]}" -eq 2 ] || { echo "$output"; return 1; }
        run unshare -m sh -c 'mount -t tmpfs -o size=$2k none "$1" && ./run.sh report "$3" --out "$1" >/dev/null; echo "status $?"; ls -A "$1"' - \
            "$small" $kib "$BATS_TEST_TMPDIR/run"
        [ "${lines[0]}" = "report: cannot write to $small: No space left on device" ] || { echo "$output"; return 1; }
        [ "${lines[1]}" = "status 1" ]
        [ "${#lines[@]}" -eq 2 ] || { echo "$output"; return 1; }
    done
    # a disk with space for some of the figures: the previous ones stay
    "$build/bin/runs" report "$BATS_TEST_TMPDIR/run" >/dev/null 2>&1
    for kib in 8 24 100; do
        run unshare -m sh -c 'mount -t tmpfs -o size=1m none "$1" && cp -R "$3" "$1/run" && head -c 1048576 /dev/zero >"$1/fill" 2>/dev/null
            truncate -s -"$2"K "$1/fill"; "$4" plot "$1/run"; echo "status $?"; diff -r "$3/figures" "$1/run/figures"' - \
            "$small" $kib "$BATS_TEST_TMPDIR/run" "$build/bin/runs"
        [ "$output" = "$(printf '%s\n' "plot: cannot write to $small/run/figures: No space left on device" "status 1")" ] || { echo "$output"; return 1; }
    done
}

@test "output: the table of a bench fits the terminal, with the most important columns" {
    mock_engine
    unset COLUMNS
    export TERM=xterm
    on_terminal 40 "./run.sh --no-install bench --workers 8 --strategies racing,wakeone --rounds 3 --no-figures --out '$BATS_TEST_TMPDIR/run'"
    tr -d '\r' <"$screen" | sed -n '/^strategy/,/^$/p' >"$BATS_TEST_TMPDIR/table"
    head -n 1 "$BATS_TEST_TMPDIR/table" | grep -qE '^strategy +workers  95 % interval$'
    grep -qE '^wakeone +8  1\.00 \[' "$BATS_TEST_TMPDIR/table"
    [ "$(widest <"$BATS_TEST_TMPDIR/table")" -le 39 ]
    rm -rf "$BATS_TEST_TMPDIR/run"
    on_terminal 200 "./run.sh --no-install bench --workers 8 --strategies racing,wakeone --rounds 3 --no-figures --out '$BATS_TEST_TMPDIR/run'"
    tr -d '\r' <"$screen" | grep -qE '^strategy +workers +a second +connection +us +us +server +client +Jain  '
}

# bats test_tags=slow
@test "output: a third-party server whose configuration cannot be written is a system error" {
    local name script dir=$BATS_TEST_TMPDIR/peer tried=0
    for name in $(awk '!/^#/ { print $1 }' harness/peers/peers.tsv); do
        script=harness/peers/$(awk -F '\t' -v name="$name" '$1 == name { print $2 }' harness/peers/peers.tsv).sh
        rm -rf "$dir"
        mkdir "$dir"
        run bash -c 'trap "" XFSZ; ulimit -f 0; sh "$@" 2>&1 | cat; exit ${PIPESTATUS[0]}' - "$script" "$name" "$dir" 18080 1 0
        [[ "$output" != *"is skipped: "*" is not installed"* ]] || continue
        tried=$((tried + 1))
        failed_in_one_line 1 || { echo "$name"; return 1; }
        [[ "$output" == *"cannot write to $dir"* ]] || { echo "$name: $output"; return 1; }
    done
    [ "$tried" -gt 0 ] || skip "no third-party server is installed"
}
