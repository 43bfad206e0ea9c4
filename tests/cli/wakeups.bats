#!/usr/bin/env bats
# wakeups: known answers on the suite's servers, both instruments, and whatever may be missing or wrong.

load support
bats_require_minimum_version 1.5.0

teardown() {
    [ -z "${wakeups_pid:-}" ] || kill -KILL "$wakeups_pid" 2>/dev/null || true
    stop_server || true
}

# Everything below counts in the kernel where that is permitted to us; where it is not, the tests of
# that instrument would only show that it is not there.
needs_bpf() {
    "$build/bin/wakeups" -p $$ --instrument bpf --duration 10ms >/dev/null 2>&1 ||
        skip "counting in the kernel is not permitted here"
}

# rests PID: asleep whenever one looks, three times: what loads a program into the kernel is not
rests() {
    local look state
    for look in 1 2 3; do
        sleep 0.02
        read -r _ _ state _ <"/proc/$1/stat"
        [ "$state" = S ] || return 1
    done
}

# start_wakeups OPTIONS...: in the background, returns once it counts
start_wakeups() {
    "$build/bin/wakeups" "$@" --interval 100ms >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    wakeups_pid=$!
    wait_until rests "$wakeups_pid"
}

end_wakeups() {
    kill -INT "$wakeups_pid"
    wait "$wakeups_pid"
    wakeups_pid=
}

accepts() {
    local sum=0 i
    for ((i = 0; i < $1; i++)); do
        sum=$((sum + $(counter "$i" accepts)))
    done
    echo $sum
}

# have_accepted WORKERS COUNT
have_accepted() {
    [ "$(accepts "$1")" -ge "$2" ]
}

# attached: raw tracepoints that programs are attached to, anybody's
attached() {
    PATH=$PATH:/usr/sbin bpftool link list | grep -c raw_tracepoint || true
}

attached_are() {
    [ "$(attached)" -eq "$1" ]
}

# open_idle COUNT WORKERS: one after the other, each accepted and all asleep again
open_idle() {
    local i
    for ((i = 1; i <= $1; i++)); do
        exec {connection}<>"/dev/tcp/127.0.0.1/$port"
        wait_until have_accepted "$2" "$i"
        sleep 0.02
    done
}

of_all() {
    jq -e ".workers[-1] | $1" "$BATS_TEST_TMPDIR/out"
}

one_cpu() {
    taskset -pc $$ | sed 's/.*: //;s/[-,].*//'
}

# Processes of another user than root; who is not root is one already.
as_user() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        "$@"
    fi
}

@test "racing with 23 workers: 23 wakeups per idle connection, 1 useful, the others absorbed or spurious" {
    needs_bpf
    start_server racing --workers 23 --cpus "$(one_cpu)" --stats "$BATS_TEST_TMPDIR/stats"
    start_wakeups -p "$server_pid" --children --json
    open_idle 40 23
    end_wakeups
    cat "$BATS_TEST_TMPDIR/err"
    jq -e '.summary | .instrument == "bpf" and .wakeups_per_conn == 23 and .connections == 40' "$BATS_TEST_TMPDIR/out"
    jq -e '.summary | .lost_tasks == 0 and .lost_runs == 0' "$BATS_TEST_TMPDIR/out"
    of_all '.wakeups == 920 and .useful == 40 and .absorbed + .spurious == 880 and .accepts == 40'
    of_all '.processes == 24 and .for_connection == 920 and .woken_first == 40'
    jq -e '.summary.sentence | test("23.0 wakeups per accepted connection over 23 workers: a herd")' "$BATS_TEST_TMPDIR/out"
}

@test "context switches count the same 920, and say what they cannot tell" {
    start_server racing --workers 23 --cpus "$(one_cpu)" --stats "$BATS_TEST_TMPDIR/stats"
    start_wakeups -p "$server_pid" --children --json --instrument ctxsw
    open_idle 40 23
    end_wakeups
    jq -e '.summary.instrument == "ctxsw" and (.summary.sentence | test("cannot tell"))' "$BATS_TEST_TMPDIR/out"
    of_all '.wakeups == 920 and .useful == null and .absorbed == null and .accepts == null'
}

@test "wakeone: found by its port, one wakeup, no herd" {
    needs_bpf
    start_server wakeone --workers 4 --stats "$BATS_TEST_TMPDIR/stats"
    start_wakeups --port "$port" --json
    open_idle 25 4
    end_wakeups
    of_all '.wakeups == 25 and .useful == 25 and .eagain == 0'
    jq -e '.summary.sentence | test("over 4 workers: no herd")' "$BATS_TEST_TMPDIR/out"
}

@test "connections one by one: who was woken, and who accepted" {
    needs_bpf
    start_server racing --workers 4 --stats "$BATS_TEST_TMPDIR/stats"
    start_wakeups -p "$server_pid" --children --connections "$BATS_TEST_TMPDIR/connections.csv"
    open_idle 6 4
    end_wakeups
    cat "$BATS_TEST_TMPDIR/connections.csv"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/connections.csv")" -eq 7 ]
    awk -F, -v port="$port" 'NR > 1 { n = split($4, woken, "+"); for (i in woken) was[woken[i]] = 1
        if ($2 != port || $5 != n || n != 4 || !($6 in was)) exit 1 }' "$BATS_TEST_TMPDIR/connections.csv"
}

@test "without a terminal: CSV on stdout, the sentence on stderr" {
    start_server wakeone --workers 2
    run --separate-stderr "$build/bin/wakeups" -p "$server_pid" --children --duration 200ms
    [ "$status" -eq 0 ]
    head -n 1 <<<"$output" | grep -q '^pid,name,processes,wakeups,useful,spurious,absorbed,'
    [ "$(wc -l <<<"$output")" -eq 5 ]
    grep -q ',all,3,' <<<"$output"
    grep -q 'no connection was accepted' <<<"$stderr"
}

@test "on a terminal: a table that moves, then the report" {
    start_server wakeone --workers 2
    run script -qec "$build/bin/wakeups -p $server_pid --children --interval 0.2 --duration 0.7" /dev/null
    [ "$status" -eq 0 ]
    grep -q 'wakeups/s' <<<"$output"
    grep -q 'run queue in us' <<<"$output"
}

@test "processes that come and go are followed, and none is missed" {
    needs_bpf
    local go churn
    mkfifo "$BATS_TEST_TMPDIR/go"
    exec {go}<>"$BATS_TEST_TMPDIR/go"
    bash -c 'read -r _; for i in {1..300}; do /bin/true; done' <&"$go" 3>&- &
    churn=$!
    start_wakeups -p "$churn" --children --json
    echo >&"$go"
    wait "$churn"
    wait "$wakeups_pid"
    wakeups_pid=
    jq -e '.summary.lost_tasks == 0' "$BATS_TEST_TMPDIR/out"
    jq -e '[.workers[] | select(.name == "ended")][0].processes >= 300' "$BATS_TEST_TMPDIR/out"
}

@test "a target that ends in the middle: the report says what was counted" {
    start_server wakeone --workers 2
    start_wakeups -p "$server_pid" --children
    stop_server
    wait "$wakeups_pid"
    wakeups_pid=
    grep -q 'all of them have ended' "$BATS_TEST_TMPDIR/err"
    # three processes, and with LeakSanitizer a helper of each at its end
    grep -qE ',all,[36],' "$BATS_TEST_TMPDIR/out"
}

@test "an ordinary user gets context switches, and one line that says why" {
    start_server wakeone --workers 2
    run --separate-stderr as_user "$build/bin/wakeups" -p "$server_pid" --children --duration 100ms --json
    [ "$status" -eq 0 ]
    jq -e '.summary.instrument == "ctxsw"' <<<"$output"
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
    grep -q 'counts context switches instead: BPF needs root, or CAP_BPF and CAP_PERFMON' <<<"$stderr"
    run as_user "$build/bin/wakeups" -p "$server_pid" --instrument bpf --duration 100ms
    failed_in_one_line 1
}

@test "BPF refused to root as well: the same, in a trial too" {
    start_server wakeone --workers 2
    run --separate-stderr "$build/tests/deny" bpf "$build/bin/wakeups" -p "$server_pid" --duration 100ms --json
    [ "$status" -eq 0 ]
    jq -e '.summary.instrument == "ctxsw"' <<<"$output"
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
    run_quiet "$build/tests/deny" bpf "$build/bin/trial" --strategy wakeone --workers 2 --threads 2 --window 50ms --json
    [ "$status" -eq 0 ]
    jq -e '.instrument == "ctxsw" and .absorbed == null and .instrument_diff_pct == null' <<<"$output"
}

@test "a trial has both instruments side by side" {
    needs_bpf
    run_quiet "$build/bin/trial" --strategy racing --workers 4 --threads 2 --window 300ms --json
    echo "$output"
    jq -e '.instrument == "bpf" and .absorbed > 0 and .instrument_diff_pct < 0.5' <<<"$output"
    jq -e '.useful + .spurious + .absorbed - .wakeups | . <= 4 and . >= -4' <<<"$output"
}

@test "killed in the middle, nothing stays attached" {
    needs_bpf
    local before
    before=$(attached)
    start_server wakeone --workers 2
    start_wakeups -p "$server_pid" --children
    [ "$(attached)" -gt "$before" ]
    kill -KILL "$wakeups_pid"
    wait "$wakeups_pid" || true
    wakeups_pid=
    wait_until attached_are "$before"
}

@test "wakeups: wrong words, and nobody there: one line" {
    for words in "" "-p" "-p x" "-p 0" "-p 1," "--port 0" "--port 70000" "--interval 1ms" "--nonsense" "operand"; do
        run "$build/bin/wakeups" $words
        failed_in_one_line 2
    done
    run "$build/bin/wakeups" -p 4194305
    failed_in_one_line 1
    [[ "$output" == *"there is no process 4194305"* ]]
    run "$build/bin/wakeups" --comm no-such-name
    failed_in_one_line 1
    start_server racing --workers 1
    stop_server
    run "$build/bin/wakeups" --port "$port"
    failed_in_one_line 1
    [[ "$output" == *"listens on TCP port $port"* ]]
    run "$build/bin/wakeups" -p $$ --connections /nonexistent/file
    failed_in_one_line 1
}
