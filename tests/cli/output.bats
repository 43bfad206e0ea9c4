#!/usr/bin/env bats
# What becomes of a result that cannot be written, and what progress and tables look like on a terminal. Measures nothing.

load support

setup() {
    log=$BATS_TEST_TMPDIR/stderr
}

teardown() {
    stop_server || true
}

# into_full COMMAND..., into_closed, into_gone: with a standard output that takes nothing; sets status, and `lines` to
# what was said. A full disk, none at all, and a pipe whose reader has ended, where SIGPIPE is ignored.
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

into_gone() {
    local pipe
    exec {pipe}> >(:)
    wait $!
    status=0
    (trap '' PIPE && exec "$@" >&"$pipe" 2>"$log" </dev/null) || status=$?
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

@test "output: every program says that its result did not get out" {
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
}

@test "output: stats says that its lines did not get out, many or few" {
    seq 1 20000 | sed 's/.*/k& 2 1/' >"$BATS_TEST_TMPDIR/pairs"
    for lines in 2 20000; do
        run bash -c 'head -n "$2" "$3" | "$1" >/dev/full' - "$build/bin/stats" $lines "$BATS_TEST_TMPDIR/pairs"
        failed_in_one_line 1
        [[ "$output" == *"cannot write"*"No space left on device" ]]
    done
}

@test "output: a trial whose row did not get out has failed, and left no server" {
    local trial=("$build/bin/trial" --strategy wakeone --workers 2 --threads 1 --window 10ms --warmup 0s --instrument ctxsw)
    checks_its_output "${trial[@]}"
    checks_its_output "${trial[@]}" --json
    [ -z "$(left_of_test)" ]
}

@test "output: a disk that fills in the middle is a failure, whatever buffers held" {
    # one block of 1024 bytes: the text is longer, and its beginning is written
    run bash -c 'ulimit -f 1; "$1" --help >"$2"' - "$build/bin/trial" "$BATS_TEST_TMPDIR/half"
    failed_in_one_line 1
    [[ "$output" == *"cannot write standard output: File too large" ]]
    [ "$(wc -c <"$BATS_TEST_TMPDIR/half")" -eq 1024 ]
}

@test "output: a server whose ready line did not get out ends, and its workers with it" {
    checks_its_output "$build/epoll/racing" --workers 2
    refuses into_full "No space left on device" "$build/epoll/fdpass" --workers 2
    [ -z "$(left_of_test)" ]
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

@test "output: a third-party server whose ready line did not get out is ended" {
    PATH=$PATH:/usr/sbin command -v nginx >/dev/null || skip "nginx is not installed"
    checks_its_output "$build/peer/nginx-off" --workers 1
    [ -z "$(left_of_test)" ]
}
