#!/usr/bin/env bats
# wakeups: expected counts on the suite's servers, both instruments, and missing or invalid input. Tests that need the
# BPF counter are root tests.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
bats_require_minimum_version 1.5.0

teardown() {
    [ -z "${wakeups_pid:-}" ] || kill -KILL "$wakeups_pid" 2>/dev/null || true
    [ -z "${client_pid:-}" ] || kill -KILL "$client_pid" 2>/dev/null || true
    remove_containers
    remove_cgroup
    stop_server || true
}

needs_bpf() {
    "$build/bin/wakeups" -p $$ --instrument bpf --duration 10ms >/dev/null 2>&1 ||
        skip "counting in the kernel is not permitted here"
}

# rests PID: asleep at three checks in a row, so it is not loading a program into the kernel
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

# have_accepted WORKERS COUNT, and have closed none
have_accepted() {
    [ "$(od -An -v -t u8 -w128 -j128 -N $((128 * $1)) "$BATS_TEST_TMPDIR/stats" | awk '{ n += $7 } END { print n }')" -eq "$2" ]
}

# sleep_all: the workers of the server, at two checks
sleep_all() {
    local pid state look
    for look in 1 2; do
        for pid in $workers; do
            read -r _ _ state _ <"/proc/$pid/stat"
            [ "$state" = S ] || return 1
        done
        sleep 0.005
    done
}

# open_idle COUNT WORKERS [BEFORE]: one after the other, each accepted and all asleep again; BEFORE = earlier connections
open_idle() {
    local i
    workers=$(pgrep -P "$server_pid")
    for ((i = 1; i <= $1; i++)); do
        exec {connection}<>"/dev/tcp/127.0.0.1/$port"
        wait_until have_accepted "$2" $((i + ${3:-0}))
        wait_until sleep_all
    done
}

of_all() {
    jq -e ".summary | $1" "$BATS_TEST_TMPDIR/out" || { cat "$BATS_TEST_TMPDIR/out"; return 1; }
}

# links: the attachments to tracepoints of the running wakeups
links() {
    sed -n 's/^link_id:\t/^/p' "/proc/$wakeups_pid/fdinfo"/* 2>/dev/null | sed 's/$/:/'
}

# are_attached LINKS: at least one of them
are_attached() {
    PATH=$PATH:/usr/sbin bpftool link list | grep -q "$1"
}

# herd CONNECTIONS OPTIONS...: of wakeups, on racing with 23 workers on one CPU
herd() {
    start_server racing --workers 23 --cpus "$(allowed_cpus | head -n 1)" --stats "$BATS_TEST_TMPDIR/stats"
    start_wakeups -p "$server_pid" --children --json "${@:2}"
    open_idle "$1" 23
    end_wakeups
}

# ---- with the BPF counter ----

# bats test_tags=root
@test "racing with 23 workers: 23 wakeups per idle connection, 1 useful, the others absorbed or spurious" {
    needs_bpf
    herd 40
    cat "$BATS_TEST_TMPDIR/err"
    jq -e '.summary | .instrument == "bpf" and .wakeups_per_conn == 23 and .connections == 40' "$BATS_TEST_TMPDIR/out"
    jq -e '.summary | .lost_tasks == 0 and .lost_runs == 0' "$BATS_TEST_TMPDIR/out"
    of_all '.wakeups == 920 and .useful == 40 and .absorbed + .spurious == 880 and .accepts == 40'
    of_all '.processes == 24 and .for_connection == 920 and .woken_first == 40'
    jq -e '.summary.sentence | test("23.0 wakeups per accepted connection over 23 workers: a herd. A new connection woke 23.0")' "$BATS_TEST_TMPDIR/out"
}

# bats test_tags=root
@test "wakeone: found by its port, one wakeup, no herd" {
    needs_bpf
    start_server wakeone --workers 4 --stats "$BATS_TEST_TMPDIR/stats"
    start_wakeups --port "$port" --json
    open_idle 25 4
    end_wakeups
    of_all '.wakeups == 25 and .useful == 25 and .eagain == 0'
    jq -e '.summary.sentence | test("over 4 workers: no herd")' "$BATS_TEST_TMPDIR/out"
}

# bats test_tags=root
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

# bats test_tags=root
@test "processes that start and end are followed, and none is missed" {
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

# full_load SECONDS: of the server, in a closed loop, counted
full_load() {
    start_wakeups --port "$port" --json
    "$build/bin/load" --duration "$1" "http://127.0.0.1:$port/" >/dev/null
    end_wakeups
    cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
}

# Wakeups for requests and locks, and useless ones, are not attributed to connections.
# bats test_tags=root
@test "servers that wake one worker have no herd, also under load" {
    needs_bpf
    local strategy
    for strategy in wakeone blocking mutex fdpass shared reuseport uring; do
        start_server "$strategy" --workers 4
        full_load 300ms
        stop_server
        jq -e '.summary | .for_connection > 0 and .woken_per_conn < 1.1 and (.sentence | test(": no herd") and (test("One is enough") | not))' \
            "$BATS_TEST_TMPDIR/out"
    done
}

# bats test_tags=root
@test "a worker that ended is not counted as one, its replacement is" {
    needs_plain_build "whose processes end late"
    needs_bpf
    local first
    start_server racing --workers 3
    first=$(pgrep -P "$server_pid" | head -n 1)
    start_wakeups -p "$server_pid" --children --json
    kill -USR1 "$server_pid"
    wait_until refute kill -0 "$first" 2>/dev/null
    has_workers() { [ "$(pgrep -c -P "$server_pid")" -eq 3 ]; }
    wait_until has_workers
    end_wakeups
    cat "$BATS_TEST_TMPDIR/out"
    jq -e '.summary | .processes == 5 and .workers == 3 and (.sentence | test(" of 3 workers, "))' "$BATS_TEST_TMPDIR/out"
}

# bats test_tags=root
@test "one of many workers: woken for connections of others, or not at all" {
    needs_bpf
    local one
    start_server racing --workers 4 --cpus "$(allowed_cpus | head -n 1)" --stats "$BATS_TEST_TMPDIR/stats"
    one=$(pgrep -P "$server_pid" | head -n 1)
    start_wakeups -p "$one" --json
    open_idle 30 4
    end_wakeups
    stop_server
    jq -e '.summary | .for_connection == 30 and .workers == 1' "$BATS_TEST_TMPDIR/out"
    # with so few connections one worker may get none, or most
    jq -e '.summary | .connections == 0 or .connections > 20 or (.sentence | test("other processes accept from the same listener"))' "$BATS_TEST_TMPDIR/out"
    # the worker that started to wait last is last in the queue, and gets none
    start_server wakeone --workers 4 --stats "$BATS_TEST_TMPDIR/stats"
    start_wakeups -p "$(pgrep -P "$server_pid" | paste -sd, | cut -d, -f2-)" --json
    open_idle 5 4
    end_wakeups
    jq -e '.summary | .connections == .for_connection and .workers == 3' "$BATS_TEST_TMPDIR/out"
}

# bats test_tags=root
@test "threads of one process are workers" {
    needs_bpf
    command -v haproxy >/dev/null || skip "needs haproxy"
    "$build/peer/haproxy" --workers 4 >"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    server_pid=$!
    wait_until grep -q port= "$BATS_TEST_TMPDIR/ready"
    port=$(sed -n 's/.*port=\([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/ready")
    start_wakeups --port "$port" --json --threads
    "$build/bin/load" --connections 1 --think 10ms --count 30 "http://127.0.0.1:$port/" >/dev/null
    end_wakeups
    cat "$BATS_TEST_TMPDIR/out"
    jq -e '.summary | .workers == 4 and (.sentence | test("over 4 workers \\(threads of 1 process\\): a "))' "$BATS_TEST_TMPDIR/out"
    jq -e '(.workers | length == 4) and ([.workers[].tid] | unique | length == 4) and ([.workers[].pid] | unique | length == 1)' \
        "$BATS_TEST_TMPDIR/out"
    jq -e '.summary.wakeups == ([.workers[].wakeups] | add)' "$BATS_TEST_TMPDIR/out"
}

# bats test_tags=root
@test "a trial has both instruments" {
    needs_bpf
    run_quiet "$build/bin/trial" --strategy racing --workers 4 --threads 2 --window 300ms --json
    echo "$output"
    jq -e '.instrument == "bpf" and .absorbed > 0 and .instrument_diff_pct < 0.5' <<<"$output"
    jq -e '.useful + .spurious + .absorbed - .wakeups | . <= 4 and . >= -4' <<<"$output"
}

# bats test_tags=root
@test "after kill -9, no program stays attached" {
    needs_bpf
    local attached
    start_server wakeone --workers 2
    start_wakeups -p "$server_pid" --children
    attached=$(links)
    [ -n "$attached" ]
    are_attached "$attached"
    kill -KILL "$wakeups_pid"
    wait "$wakeups_pid" || true
    wakeups_pid=
    wait_until refute are_attached "$attached"
}

# counts_now, pauses_now: wakeups --sample does
counts_now() {
    [ -n "$(links)" ]
}

pauses_now() {
    refute counts_now
}

# bats test_tags=root
@test "--sample: wakeups between samples are not counted, workers that ended there are gone, and the interval has its uncertainty" {
    needs_bpf
    start_server racing --workers 4 --cpus "$(allowed_cpus | head -n 1)" --stats "$BATS_TEST_TMPDIR/stats"
    start_wakeups -p "$server_pid" --children --json --sample 2s/4s
    open_idle 5 4
    wait_until pauses_now
    open_idle 3 4 5
    kill -KILL "$(pgrep -P "$server_pid" | tail -n 1)"
    wait_until counts_now
    sleep 0.3 # until workers that started meanwhile are found
    open_idle 5 4 8
    end_wakeups
    cat "$BATS_TEST_TMPDIR/out"
    of_all '.samples == 2 and .connections == 10 and .wakeups == 35 and .for_connection == 35 and .useful == 10'
    of_all '.wakeups_per_conn_low < 3.5 and .wakeups_per_conn_high > 3.5 and .woken_per_conn == 3.5'
    of_all '.workers == 3 and .threads == 4 and .seconds < 6 and .lost_tasks == 0'
    jq -e '[.workers[].asleep_s] | max < 6' "$BATS_TEST_TMPDIR/out"
}

# bats test_tags=root
@test "--sample: a worker that started between samples is counted in the next one" {
    needs_bpf
    start_server wakeone --workers 1 --stats "$BATS_TEST_TMPDIR/stats"
    start_wakeups -p "$server_pid" --children --json --sample 500ms/2s
    old=$(pgrep -P "$server_pid")
    wait_until pauses_now
    kill -USR1 "$server_pid"
    wait_until refute kill -0 "$old"
    wait_until counts_now
    wait_until eval 'exec 9<>"/dev/tcp/127.0.0.1/$port"; pauses_now' # repeated until the sample is over
    end_wakeups
    cat "$BATS_TEST_TMPDIR/out"
    jq -e --argjson old "$old" '[.workers[] | select(.pid != $old and .accepts > 0)] | length == 1' "$BATS_TEST_TMPDIR/out"
    of_all '.workers == 1 and .connections > 0'
}

@test "--sample: usage errors" {
    for words in 1s 1s/1s 2s/1s 10ms/1s 1s/2h 1s/x /; do
        run "$build/bin/wakeups" -p $$ --sample "$words"
        failed_in_one_line 2
    done
    for words in --connections --trace --openmetrics; do
        run "$build/bin/wakeups" -p $$ --sample 1s/10s "$words=$BATS_TEST_TMPDIR/file"
        failed_in_one_line 2
    done
    run "$build/bin/wakeups" -p $$ --sample 1s/10s --instrument ctxsw
    failed_in_one_line 2
}

# as_user COMMAND...: as an ordinary user
as_user() {
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# bats test_tags=root
@test "an ordinary user gets context switches, and one line with the reason" {
    place=$(mktemp -d) # readable by that user, unlike the directory of bats
    chmod 755 "$place"
    cp "$build/bin/wakeups" "$place"
    start_server wakeone --workers 2
    run --separate-stderr as_user "$place/wakeups" -p "$server_pid" --children --duration 100ms --json
    [ "$status" -eq 0 ]
    jq -e '.summary.instrument == "ctxsw"' <<<"$output"
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
    grep -q 'counting context switches instead: BPF needs root, or CAP_BPF and CAP_PERFMON' <<<"$stderr"
    run as_user "$place/wakeups" -p "$server_pid" --instrument bpf --duration 100ms
    failed_in_one_line 1
    rm -r "$place"
}

# ---- traces ----

# in_trace COUNT: slices `running` in the trace after wakeups that were counted as such
in_trace() {
    jq --arg class "$1" '[.traceEvents[] | select(.ph == "X" and .name == "running" and .args.wakeup == $class)] | length' \
        "$BATS_TEST_TMPDIR/trace.json"
}

# trace_is_counted: the trace has as many wakeups of each class as the summary in out, in its slices and its metadata
trace_is_counted() {
    local class counted
    for class in useful spurious absorbed; do
        counted=$(jq ".summary.$class" "$BATS_TEST_TMPDIR/out")
        echo "$class: counted $counted, in the trace $(in_trace $class)"
        [ "$(in_trace $class)" -eq "$counted" ] || return 1
        [ "$(jq ".otherData.$class" "$BATS_TEST_TMPDIR/trace.json")" -eq "$counted" ] || return 1
    done
}

# bats test_tags=root
@test "a trace: a track per worker, an arrow to each that a connection woke, who accepted, and the counted wakeups" {
    needs_bpf
    herd 5 --trace "$BATS_TEST_TMPDIR/trace.json"
    cat "$BATS_TEST_TMPDIR/err"
    trace_is_counted
    [ "$(in_trace useful)" -eq 5 ]
    jq -e '.displayTimeUnit == "ns" and .otherData.events_dropped == 0 and .otherData.program == "wakeups"' "$BATS_TEST_TMPDIR/trace.json"
    jq -e '[.traceEvents[] | select(.ph == "M" and .name == "process_name" and (.args.name | startswith("racing ")))] | length == 24' \
        "$BATS_TEST_TMPDIR/trace.json"
    jq -e '[.traceEvents[] | select(.ph == "X" and (.name | startswith("connection "))) | .args.woken] == [23, 23, 23, 23, 23]' \
        "$BATS_TEST_TMPDIR/trace.json"
    # an arrow begins within its connection, and ends where its thread becomes runnable
    jq -e '[.traceEvents[] | select(.ph == "s")] as $tails | [.traceEvents[] | select(.ph == "f")] as $heads |
        [.traceEvents[] | select(.ph == "X" and .name == "runnable") | [.tid, .ts]] as $runnable |
        ($tails | length == 115) and ($tails | map(.id)) == ($heads | map(.id)) and
        ($heads | map([.tid, .ts]) | . - $runnable | length == 0)' "$BATS_TEST_TMPDIR/trace.json"
    jq -e '[.traceEvents[] | select(.name == "accept") | .args.connection] == [1, 2, 3, 4, 5]' "$BATS_TEST_TMPDIR/trace.json"
}

# bats test_tags=root
@test "a trace under load: the counted wakeups, consecutive slices of threads, CPUs that run one thread at a time" {
    needs_bpf
    start_server racing --workers 8
    start_wakeups --port "$port" --json --trace "$BATS_TEST_TMPDIR/trace.json"
    "$build/bin/load" --duration 200ms "http://127.0.0.1:$port/" >/dev/null
    end_wakeups
    cat "$BATS_TEST_TMPDIR/err"
    jq -e '.otherData.events_dropped == 0 and .otherData.runs_missed == 0' "$BATS_TEST_TMPDIR/trace.json"
    trace_is_counted
    [ "$(in_trace useful)" -gt 50 ]
    # each begins where the previous one ended, in nanoseconds; on a CPU, not earlier
    jq -r '.traceEvents[] | select(.ph == "X" and (.name | startswith("connection ") | not)) |
        [.tid, (.ts * 1000 | round), (.dur * 1000 | round), (if .pid == 8388608 then "cpu" else "thread" end)] | @tsv' \
        "$BATS_TEST_TMPDIR/trace.json" | sort -s -n -k1,1 -k2,2 | awk -F '\t' '
        $1 == before && ($4 == "cpu" ? $2 < end : $2 != end) { print "overlap or gap: " $0 ", not " end; bad = 1 }
        { before = $1; end = $2 + $3 }
        END { exit bad }'
}

# bats test_tags=root
@test "a trace has the last seconds, and a program without events is asleep in it" {
    needs_bpf
    start_server wakeone --workers 2 --stats "$BATS_TEST_TMPDIR/stats"
    start_wakeups --port "$port" --json --trace "$BATS_TEST_TMPDIR/trace.json" --trace-seconds 0.2
    open_idle 2 2
    sleep 0.5
    end_wakeups
    jq -e '.otherData | .events == 0 and .events_older > 0 and .events_dropped == 0' "$BATS_TEST_TMPDIR/trace.json"
    jq -e '[.traceEvents[] | select(.ph == "X") | [.name, .ts, .dur | tostring]] | unique | length == 1' "$BATS_TEST_TMPDIR/trace.json"
    jq -e '[.traceEvents[] | select(.ph == "X" and .name == "sleeping" and .ts == 0 and (.dur - 200000 | fabs) < 1)] | length == 3' \
        "$BATS_TEST_TMPDIR/trace.json"
}

# bats test_tags=root
@test "processes that start and end are in a trace by name, and end there" {
    needs_bpf
    local go churn
    mkfifo "$BATS_TEST_TMPDIR/go"
    exec {go}<>"$BATS_TEST_TMPDIR/go"
    bash -c 'read -r _; for i in {1..20}; do /bin/true; done' <&"$go" 3>&- &
    churn=$!
    start_wakeups -p "$churn" --children --json --trace "$BATS_TEST_TMPDIR/trace.json"
    echo >&"$go"
    wait "$churn"
    wait "$wakeups_pid"
    wakeups_pid=
    trace_is_counted
    jq -e '[.traceEvents[] | select(.ph == "M" and .name == "process_name" and (.args.name | startswith("true ")))] | length == 20' \
        "$BATS_TEST_TMPDIR/trace.json"
}

# bats test_tags=root
@test "a trial's trace has its window, with the wakeups of its row" {
    needs_bpf
    run_quiet "$build/bin/trial" --strategy racing --workers 4 --threads 1 --window 200ms --warmup 50ms --json \
        --trace "$BATS_TEST_TMPDIR/trace.json"
    echo "$output"
    jq -e '.otherData | .program == "trial" and .events_dropped == 0' "$BATS_TEST_TMPDIR/trace.json"
    [ "$(jq -c '[.traceEvents[] | select(.s == "g") | .name]' "$BATS_TEST_TMPDIR/trace.json")" = '["window begins","window ends"]' ]
    # the ends of the window are read process by process: one event-loop iteration of each may be in only one of the two
    jq -e --argjson row "$(grep -v '^trial:' <<<"$output")" '([.traceEvents[] | select(.s == "g") | .ts]) as [$from, $to] |
        [.traceEvents[] | select(.name == "running" and .args.wakeup and .ts >= $from and .ts < $to)] | length - $row.wakeups |
        . <= 8 and . >= -8' "$BATS_TEST_TMPDIR/trace.json"
}

# bats test_tags=root
@test "a trace that cannot be written: one line" {
    needs_bpf
    run "$build/bin/wakeups" -p $$ --duration 20ms --trace /nonexistent/file
    failed_in_one_line 1
    run --separate-stderr "$build/bin/wakeups" -p $$ --duration 20ms --trace /dev/full
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"cannot write /dev/full: No space left on device" ]]
    run --separate-stderr "$build/bin/wakeups" -p $$ --duration 20ms --trace -
    [ "$status" -eq 0 ]
    jq -e .traceEvents <<<"$output" >/dev/null
}

@test "a trace requires the BPF counter: one line with the reason" {
    start_server wakeone --workers 2
    run "$build/tests/deny" bpf "$build/bin/wakeups" -p "$server_pid" --trace "$BATS_TEST_TMPDIR/trace.json" --duration 20ms
    failed_in_one_line 1
    [[ "$output" == *"cannot count in the kernel: "* ]]
    run "$build/tests/deny" bpf "$build/bin/trial" --strategy wakeone --workers 2 --window 20ms --trace "$BATS_TEST_TMPDIR/trace.json"
    failed_in_one_line 1
    [[ "$output" == *"cannot trace: "* ]]
    stop_server
    [ -z "$(left_of_test)" ]
}

# ---- without the BPF counter ----

@test "context switches also count 23 per idle connection, and the report has what they cannot classify" {
    local sum
    # a worker that waited for a page or a lock was woken once more: then all is counted again
    for _ in 1 2 3; do
        herd 10 --instrument ctxsw
        stop_server
        sum=$(jq '.summary.wakeups' "$BATS_TEST_TMPDIR/out")
        [ "$sum" -ge 230 ]
        [ "$sum" -gt 230 ] || break
    done
    jq -e '.summary.instrument == "ctxsw" and (.summary.sentence | test("cannot detect"))' "$BATS_TEST_TMPDIR/out"
    of_all '.wakeups == 230 and .useful == null and .absorbed == null and .accepts == null'
}

@test "--threads: a row for each thread, in all formats, and each is a worker" {
    local threads
    start_server wakeone --workers 2
    "$build/bin/load" --threads 3 --connections 3 --think 10ms --duration 60s "http://127.0.0.1:$port/" >/dev/null 2>&1 3>&- &
    client_pid=$!
    has_threads() { [ "$(find "/proc/$client_pid/task" -mindepth 1 -maxdepth 1 | wc -l)" -ge 3 ]; }
    wait_until has_threads
    threads=$(find "/proc/$client_pid/task" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -n)
    run --separate-stderr "$build/bin/wakeups" -p "$client_pid" --threads --json="$BATS_TEST_TMPDIR/json" --duration 100ms \
        --instrument ctxsw
    kill -KILL "$client_pid"
    [ "$status" -eq 0 ]
    cat "$BATS_TEST_TMPDIR/json"
    [ "$(jq '.workers[].tid' "$BATS_TEST_TMPDIR/json" | sort -n)" = "$threads" ]
    [ "$(awk -F, 'NR > 1 && $2 != "all" { print $NF }' <<<"$output" | sort -n)" = "$threads" ]
    jq -e --argjson n "$(wc -l <<<"$threads")" '.summary.workers == $n and .summary.processes == 1' "$BATS_TEST_TMPDIR/json"
    jq -e '.summary.wakeups == ([.workers[].wakeups] | add)' "$BATS_TEST_TMPDIR/json"
    [[ "$stderr" == *" workers (threads of 1 process)"* ]]
}

@test "--json: to standard output alone, to a file in addition to the CSV; the old form with a warning" {
    local json="$BATS_TEST_TMPDIR/a b.json"
    local wakeups=("$build/bin/wakeups" -p $$ --duration 20ms --instrument ctxsw)
    run --separate-stderr "${wakeups[@]}" --json
    jq -e .summary.processes <<<"$output"
    run --separate-stderr "${wakeups[@]}" --json="$json"
    [ "$status" -eq 0 ]
    [[ "$output" == pid,* ]]
    jq -e .summary.processes "$json"
    rm "$json"
    run --separate-stderr "${wakeups[@]}" --json "$json"
    [ "$status" -eq 0 ]
    grep -qF -- "write --json=$json" <<<"$stderr"
    jq -e .summary.processes "$json"
    run "${wakeups[@]}" --json=/nonexistent/file
    failed_in_one_line 1
}

@test "without a terminal: CSV on stdout, the sentence on stderr" {
    start_server wakeone --workers 2
    run --separate-stderr "$build/bin/wakeups" -p "$server_pid" --children --duration 100ms --instrument ctxsw
    [ "$status" -eq 0 ]
    head -n 1 <<<"$output" | grep -q '^pid,name,processes,wakeups,useful,spurious,absorbed,'
    [ "$(wc -l <<<"$output")" -eq 5 ]
    grep -q ',all,3,' <<<"$output"
    # other processes of this machine may accept some connections
    [[ "$stderr" == "wakeups: "*" 2 workers"* ]]
}

@test "on a terminal: a table that is updated, then the report" {
    needs_terminal
    start_server wakeone --workers 2
    run script -qec "'$build/bin/wakeups' -p $server_pid --children --interval 0.1 --duration 0.35 --instrument ctxsw" /dev/null
    [ "$status" -eq 0 ]
    grep -q 'wakeups/s' <<<"$output"
    grep -q 'run queue in us' <<<"$output"
}

@test "a target that ends early: the report has the counts" {
    start_server wakeone --workers 2
    start_wakeups -p "$server_pid" --children --instrument ctxsw
    stop_server
    wait "$wakeups_pid"
    wakeups_pid=
    grep -q 'all targets have ended' "$BATS_TEST_TMPDIR/err"
    # three processes, and with LeakSanitizer a helper of each at its end
    grep -qE ',all,[36],' "$BATS_TEST_TMPDIR/out"
    grep -qE '(of|over) 2 workers' "$BATS_TEST_TMPDIR/err"
}

@test "BPF refused: context switches, and one line with the reason; in a trial too" {
    start_server wakeone --workers 2
    run --separate-stderr "$build/tests/deny" bpf "$build/bin/wakeups" -p "$server_pid" --duration 20ms --json
    [ "$status" -eq 0 ]
    jq -e '.summary.instrument == "ctxsw"' <<<"$output"
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
    run "$build/tests/deny" bpf "$build/bin/wakeups" -p "$server_pid" --instrument bpf --duration 20ms
    failed_in_one_line 1
    run "$build/tests/deny" bpf "$build/bin/trial" --strategy wakeone --workers 2 --window 50ms --warmup 0s --json
    jq -e '.instrument == "ctxsw" and .requests > 0 and .absorbed == null and .instrument_diff_pct == null' <<<"$output"
}

# All usage errors: tests/unit/test_arguments_wakeups.c
@test "wakeups: usage errors, and no such process: one line" {
    run "$build/bin/wakeups"
    failed_in_one_line 2
    run "$build/bin/wakeups" -p 4194305
    failed_in_one_line 1
    [[ "$output" == *"no process 4194305"* ]]
    run "$build/bin/wakeups" --comm no-such-name
    failed_in_one_line 1
    start_odd refuse
    run "$build/bin/wakeups" --port "$port"
    failed_in_one_line 1
    [[ "$output" == *"listens on TCP port $port"* ]]
    run "$build/bin/wakeups" -p $$ --connections /nonexistent/file
    failed_in_one_line 1
}

# ---- containers ----

# needs_containers: permission for namespaces and BPF; sets port, the same in all of them, and used by this test only
needs_containers() {
    port=$((10000 + $$ % 20000))
    needs_bpf
    command -v ip >/dev/null || skip "needs ip(8)"
    unshare --pid --net --mount --uts --ipc --cgroup --fork --mount-proc ip link set lo up 2>/dev/null ||
        skip "not permitted to make namespaces"
}

# last_of PID: sets last, the end of a chain of nsenter and unshare, which fork
last_of() {
    local next
    last=$1
    while next=$(pgrep -P "$last" | head -n 1) && [ "$next" ]; do last=$next; done
}

# ends_in PID NAME
ends_in() {
    last_of "$1"
    [ "$(cat "/proc/$last/comm")" = "$2" ]
}

# container [WITHIN]: sets container, the process that keeps a new one alive: PID, network, mount, UTS, IPC and cgroup
# namespace; optionally within another container
container() {
    local within=()
    [ -z "${1:-}" ] || within=(nsenter --target "$1" --all)
    "${within[@]}" unshare --pid --net --mount --uts --ipc --cgroup --fork --mount-proc \
        sh -c 'ip link set lo up && exec sleep 1000' 3>&- &
    wait_until ends_in $! sleep
    container=$last
    containers="${containers:-} $container"
}

# two_containers: sets one and two
two_containers() {
    container
    one=$container
    container
    two=$container
}

remove_containers() {
    local container
    for container in ${containers:-}; do
        kill -KILL "$container" 2>/dev/null || true # and the processes in it
    done
}

# inside CONTAINER COMMAND...
inside() {
    nsenter --target "$1" --all --wd="$PWD" "${@:2}"
}

# serve CONTAINER STRATEGY PORT OPTIONS...: sets served, the supervisor; ends with the container
serve() {
    inside "$1" "$build/epoll/$2" --port "$3" "${@:4}" >"$BATS_TEST_TMPDIR/ready.$1" 3>&- &
    wait_until grep -q '^ready' "$BATS_TEST_TMPDIR/ready.$1"
    served=$!
    while [ "$(cat "/proc/$served/comm")" != "$2" ]; do served=$(pgrep -P "$served" | head -n 1); done
}

# counts PID: wakeups is at the end of its chain, and sleeps
counts() {
    ends_in "$1" wakeups && rests "$last"
}

# watch_from VIEW... -- OPTIONS...: starts wakeups after the commands of the view
watch_from() {
    local view=()
    while [ "$1" != -- ]; do view+=("$1"); shift; done
    shift
    "${view[@]}" "$build/bin/wakeups" "$@" --json --interval 100ms >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    view_pid=$!
    wait_until counts "$view_pid" || { cat "$BATS_TEST_TMPDIR/err"; return 1; }
    wakeups_pid=$last
}

end_watch() {
    local status=0
    kill -INT "$wakeups_pid"
    wait "$view_pid" || status=$?
    wakeups_pid=
    cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
    [ "$status" -eq 0 ]
}

# request CONTAINER PORT COUNT [ADDRESS]: with a connection each, one after the other
request() {
    inside "$1" "$build/bin/load" --connections 1 --think 2ms --count "$3" "http://${4:-127.0.0.1}:$2/" >/dev/null 2>&1
}

# sum NAME: over the processes
sum() {
    jq "[.workers[] | select(.pid) | .$1] | add" "$BATS_TEST_TMPDIR/out"
}

# bats test_tags=root
@test "a server in a container: the same counts from inside, from outside, and from in between" {
    needs_plain_build "whose processes take long to sleep"
    needs_containers
    local outer inner view wakeups
    container
    outer=$container
    container "$outer"
    inner=$container
    serve "$inner" racing $port --workers 4
    for view in "nsenter --target $inner --all" "nsenter --target $outer --all" env "nsenter --target $inner --net" \
        "nsenter --target $inner --pid" "nsenter --target $inner --mount" "nsenter --target $inner --pid --mount" \
        "nsenter --target $outer --pid --net" "unshare --pid --fork" "unshare --net --ipc --uts --cgroup"; do
        echo "from: $view"
        # shellcheck disable=SC2086 # words
        watch_from $view -- --port $port
        request "$inner" $port 20
        end_watch
        jq -e '.summary | .instrument == "bpf" and .connections == 20' "$BATS_TEST_TMPDIR/out"
        [ "$(sum accepts)" -eq 20 ]
        [ "$(sum woken_first)" -ge 10 ]
        [ "$(sum wakeups)" -ge 20 ]
    done
}

# bats test_tags=root
@test "processes that start in a container have its process IDs" {
    needs_containers
    local supervisor first
    container
    serve "$container" wakeone $port --workers 2
    supervisor=$(inside "$container" pgrep -o wakeone)
    watch_from nsenter --target "$container" --all -- --children --pid "$supervisor"
    first=$(pgrep -o -P "$served")
    kill -USR1 "$served" # replaces worker 0
    wait_until refute kill -0 "$first" 2>/dev/null
    request "$container" $port 10
    end_watch
    [ "$(sum accepts)" -eq 10 ]
    inside "$container" pgrep wakeone | sort -n >"$BATS_TEST_TMPDIR/there"
    jq '.workers[] | select(.pid) | .pid' "$BATS_TEST_TMPDIR/out" | sort -n | comm -23 "$BATS_TEST_TMPDIR/there" - >"$BATS_TEST_TMPDIR/missing"
    [ ! -s "$BATS_TEST_TMPDIR/missing" ]
}

# bats test_tags=root
@test "selftest and a trial count in a container as on the host" {
    needs_containers
    container
    run inside "$container" "$build/bin/selftest" --strategy racing --workers 4 --connections 10
    echo "$output"
    [ "$status" -eq 0 ]
    # wakeups, and the useful ones of them, by the BPF counter
    [ "$(cut -f8 <<<"$output")" -ge 40 ]
    [ "$(cut -f9 <<<"$output")" -ge 10 ]
    run_quiet inside "$container" "$build/bin/trial" --strategy racing --workers 4 --threads 2 --window 300ms --json
    echo "$output"
    jq -e '.instrument == "bpf" and .absorbed > 0 and .instrument_diff_pct < 0.5' <<<"$output"
}

# bats test_tags=root
@test "with /proc of another PID namespace, selftest and trial end immediately, with the reason" {
    needs_containers
    local program
    for program in selftest trial; do
        run timeout -k 1 20 unshare --pid --fork "$build/bin/$program" --strategy wakeone --workers 2
        failed_in_one_line 1
        [[ "$output" == *"/proc shows another PID namespace"*"mount -t proc proc /proc"* ]]
    done
}

# bats test_tags=root
@test "connections in another network namespace, or to another address, on the same port are counted separately" {
    needs_containers
    local one two
    two_containers
    serve "$two" racing $port --workers 2
    serve "$one" racing $port --workers 2 --address 127.0.0.2
    serve "$one" racing $port --workers 2
    watch_from env -- --pid "$served" --children --connections "$BATS_TEST_TMPDIR/connections.csv"
    request "$one" $port 5
    request "$one" $port 6 127.0.0.2
    request "$two" $port 7
    end_watch
    cat "$BATS_TEST_TMPDIR/connections.csv"
    [ "$(grep -c ",$port," "$BATS_TEST_TMPDIR/connections.csv")" -eq 5 ]
}

# bats test_tags=root
@test "--port: of our network namespace, or of the only other one; if there are several, they are listed" {
    needs_containers
    local one two
    two_containers
    serve "$one" racing $port --workers 2
    run --separate-stderr "$build/bin/wakeups" --port $port --duration 20ms --json
    [ "$status" -eq 0 ]
    jq -e '[.workers[] | select(.pid)] | length == 3' <<<"$output"
    [ "$(wc -l <<<"$stderr")" -le 1 ]
    serve "$two" racing $port --workers 1
    run "$build/bin/wakeups" --port $port --duration 20ms
    failed_in_one_line 1
    [[ "$output" == *"2 other network namespaces"*"--pid PID --children"* ]]
    run --separate-stderr nsenter --target "$two" --net "$build/bin/wakeups" --port $port --duration 20ms --json
    [ "$status" -eq 0 ]
    jq -e '[.workers[] | select(.pid)] | length == 2' <<<"$output"
    [[ "$stderr" == *"not counted: TCP port $port of other network namespaces"* ]]
}

# bats test_tags=root
@test "connections of UNIX sockets: counted as accepts, and --connections reports that they are not followed" {
    needs_bpf
    start_odd --unix "$BATS_TEST_TMPDIR/socket" ok
    watch_from env -- -p "$server_pid"
    "$build/bin/load" --count 10 --connections 1 --unix-socket "$BATS_TEST_TMPDIR/socket" http://localhost/ >/dev/null
    end_watch
    jq -e '.summary.connections == 10' "$BATS_TEST_TMPDIR/out"
    run "$build/bin/wakeups" -p "$server_pid" --duration 20ms --connections "$BATS_TEST_TMPDIR/connections.csv"
    failed_in_one_line 1
    [[ "$output" == *"none of these processes listens on TCP"* ]]
}

@test "connections of UNIX sockets are unavailable with context switches" {
    start_odd --unix "$BATS_TEST_TMPDIR/socket" ok
    watch_from env -- -p "$server_pid" --instrument ctxsw
    "$build/bin/load" --count 10 --connections 1 --unix-socket "$BATS_TEST_TMPDIR/socket" http://localhost/ >/dev/null
    end_watch
    jq -e '.summary | .connections == null and .wakeups_per_conn == null' "$BATS_TEST_TMPDIR/out"
    jq -e '.summary.sentence | test("the number of connections is unknown")' "$BATS_TEST_TMPDIR/out"
    [ "$(grep -c 'UNIX sockets' "$BATS_TEST_TMPDIR/err")" -eq 1 ]
}

# bats test_tags=root
@test "connections to the listener of an untracked process are counted separately" {
    needs_bpf
    local accepted
    start_server reuseport --workers 2
    watch_from env -- --pid "$(pgrep -o -P "$server_pid")" --connections "$BATS_TEST_TMPDIR/connections.csv"
    "$build/bin/load" --connections 1 --think 2ms --count 40 "http://127.0.0.1:$port/" >/dev/null
    end_watch
    accepted=$(sum accepts)
    [ "$accepted" -gt 0 ]
    [ "$accepted" -lt 40 ]
    [ "$(grep -c ",$port," "$BATS_TEST_TMPDIR/connections.csv")" -eq "$accepted" ]
}

# bats test_tags=root
@test "in a time namespace no process slept for longer than was counted" {
    needs_bpf
    unshare --time --monotonic 1000000 --fork true 2>/dev/null || skip "no time namespace here"
    local first
    start_server racing --workers 2
    watch_from unshare --time --monotonic 1000000 --fork -- --port "$port"
    first=$(pgrep -o -P "$server_pid")
    kill -USR1 "$server_pid" # replaces worker 0
    wait_until refute kill -0 "$first" 2>/dev/null
    end_watch
    jq -e '.summary.seconds as $s | [.workers[] | select(.pid) | .asleep_s] | length >= 3 and min >= 0 and max <= $s + 0.1' \
        "$BATS_TEST_TMPDIR/out"
}

# Here it is a copy of a server with that name.
@test "--port: systemd, which holds the listeners of its services, is not the server" {
    local systemd
    cp "$build/epoll/reuseport" "$BATS_TEST_TMPDIR/systemd"
    (exec -a reuseport "$BATS_TEST_TMPDIR/systemd" --workers 1 >"$BATS_TEST_TMPDIR/activated") 3>&- &
    systemd=$!
    wait_until grep -q '^ready' "$BATS_TEST_TMPDIR/activated"
    port=$(sed -n 's/.*port=\([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/activated")
    run "$build/bin/wakeups" --port "$port" --instrument ctxsw --duration 20ms
    failed_in_one_line 1
    [[ "$output" == *"only systemd listens on TCP port $port"* ]]
    start_server reuseport --workers 2 --port "$port"
    run "$build/bin/wakeups" --port "$port" --instrument ctxsw --duration 20ms --json
    kill "$systemd"
    [ "$status" -eq 0 ]
    jq -e '[.workers[] | select(.pid) | .name] | unique == ["reuseport"] and length == 2' <<<"$output"
}

# bats test_tags=root
@test "a process that executes another program while it is counted gets its name" {
    needs_bpf
    local go parent child
    mkfifo "$BATS_TEST_TMPDIR/go"
    exec {go}<>"$BATS_TEST_TMPDIR/go"
    bash -c 'read -r _; sleep 1000 & wait' <&"$go" 3>&- &
    parent=$!
    watch_from env -- --pid "$parent" --children
    echo >&"$go"
    wait_until ends_in "$parent" sleep
    child=$last
    end_watch
    kill "$child"
    jq -e --argjson pid "$child" '.workers[] | select(.pid == $pid) | .name == "sleep"' "$BATS_TEST_TMPDIR/out"
}

# bats test_tags=root
@test "without /proc: that is the reported error, not a missing process" {
    needs_plain_build "which takes /proc itself"
    local command
    unshare --mount umount --lazy /proc 2>/dev/null || skip "not permitted to unmount /proc in a namespace"
    for command in "bin/wakeups --pid 1" "bin/wakeups --port 80" "bin/wakeups --comm init" "epoll/wakeone --workers 1" \
        "bin/selftest --strategy wakeone" "bin/trial --strategy wakeone"; do
        # shellcheck disable=SC2016 # for the shell in there
        run timeout -k 1 20 unshare --mount sh -c 'umount --lazy /proc && exec "$0" "$@"' "$build/${command%% *}" ${command#* }
        failed_in_one_line 1
        [[ "$output" == *"/proc"* ]]
    done
}

# ---- targets: a command, a control group, a unit ----

# ended: no process listens on the server's port any more
ended() {
    port=$(sed -n 's/^ready port=\([0-9]*\).*/\1/p' "$1")
    [ "$port" ]
    refute bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" 2>/dev/null
}

@test "COMMAND: counted from when it listens, its output is separate from the report, and it ends with wakeups" {
    run --separate-stderr "$build/bin/wakeups" --instrument ctxsw --duration 200ms -- "$build/epoll/wakeone" --workers 2
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" == pid,name,* ]]
    [ "$(grep -c wakeone <<<"$output")" -eq 3 ]
    [ "$(grep -c ^ready <<<"$stderr")" -eq 1 ]
    ended <(echo "$stderr")
}

@test "COMMAND: if wakeups is interrupted or killed, it ends as well" {
    local signal
    for signal in INT KILL; do
        "$build/bin/wakeups" --instrument ctxsw -- "$build/epoll/wakeone" --workers 2 >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- &
        wakeups_pid=$!
        wait_until grep -q ^ready "$BATS_TEST_TMPDIR/err"
        wait_until rests "$wakeups_pid"
        kill "-$signal" "$wakeups_pid"
        wait "$wakeups_pid" || [ "$signal" = KILL ]
        wakeups_pid=
        wait_until ended "$BATS_TEST_TMPDIR/err"
    done
}

@test "COMMAND that goes to the background is counted, and ends" {
    run --separate-stderr "$build/bin/wakeups" --instrument ctxsw --duration 200ms -- \
        sh -c '"$@" & exit 0' sh "$build/epoll/wakeone" --workers 2
    [ "$status" -eq 0 ]
    [ "$(grep -c wakeone <<<"$output")" -eq 3 ]
    ended <(echo "$stderr")
}

@test "COMMAND that does not exist, or ends before it listens: one line with the reason" {
    run "$build/bin/wakeups" -- ./nosuch
    failed_in_one_line 1
    [ "$output" = "wakeups: cannot start ./nosuch: No such file or directory" ]
    run "$build/bin/wakeups" sh -c 'exit 3'
    failed_in_one_line 1
    [ "$output" = "wakeups: sh ended with status 3 before it listened on a socket" ]
    run "$build/bin/wakeups" --pid $$ -- true
    failed_in_one_line 2
}

@test "--cgroup: our own group, by its path; a group or a unit without processes: one line" {
    local own
    own=$(sed -n 's/^0:://p' "/proc/$$/cgroup")
    [ "$own" ] || skip "no control groups of version 2 here"
    start_server wakeone --workers 2
    run --separate-stderr "$build/bin/wakeups" --instrument ctxsw --duration 100ms --cgroup "$own" --json
    [ "$status" -eq 0 ]
    [ "$(jq "[.workers[] | select(.name == \"wakeone\" and (.pid == $server_pid or .pid > $server_pid))] | length >= 3" <<<"$output")" = true ]
    run "$build/bin/wakeups" --cgroup /nosuch.slice
    failed_in_one_line 1
    [ "$output" = 'wakeups: no process in control group /nosuch.slice: `systemd-cgls` lists control groups' ]
    run "$build/bin/wakeups" --unit nosuch
    failed_in_one_line 1
    [[ "$output" == "wakeups: no process in a unit 'nosuch.service'"* ]]
}

# make_cgroup NAME: an empty one, removed by teardown
make_cgroup() {
    local mount
    mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
    [ "$mount" ] || skip "no control groups of version 2 here"
    mkdir "$mount/$1" 2>/dev/null || skip "no control group can be made here"
    cgroup=$mount/$1
}

remove_cgroup() {
    [ -z "${cgroup:-}" ] || wait_until rmdir "$cgroup"
}

# bats test_tags=root
@test "--unit: the processes of its group, and those that start in it later" {
    needs_bpf
    make_cgroup "wakeone-$$.service"
    sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$cgroup" "$build/epoll/wakeone" --workers 2 >"$BATS_TEST_TMPDIR/first" 3>&- &
    first=$!
    wait_until test -s "$BATS_TEST_TMPDIR/first"
    start_wakeups --unit "wakeone-$$" --json --openmetrics="$BATS_TEST_TMPDIR/unit.prom"
    sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$cgroup" "$build/epoll/wakeone" --workers 3 >"$BATS_TEST_TMPDIR/second" 3>&- &
    second=$!
    wait_until test -s "$BATS_TEST_TMPDIR/second"
    port=$(sed -n 's/.*port=\([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/second")
    finds_later_ones() {
        (exec 9<>"/dev/tcp/127.0.0.1/$port")
        grep -q "^wakeone_accepts_total [1-9]" "$BATS_TEST_TMPDIR/unit.prom"
    }
    wait_until finds_later_ones
    "$build/bin/load" --connections 1 --think 2ms --count 20 "http://127.0.0.1:$port/" >/dev/null 2>&1
    end_wakeups
    kill "$first" "$second"
    wait "$first" "$second" || true
    of_all '.processes == 7 and .accepts > 20 and .connections >= 20'
}

# bats test_tags=root
@test "--openmetrics: counts since the start, in a file that is replaced" {
    needs_bpf
    start_server racing --workers 4 --stats "$BATS_TEST_TMPDIR/stats"
    start_wakeups --port "$port" --openmetrics="$BATS_TEST_TMPDIR/racing.prom"
    open_idle 10 4
    counted() { grep -qx 'wakeone_accepts_total 10' "$BATS_TEST_TMPDIR/racing.prom"; }
    wait_until counted
    end_wakeups
    counted
    grep -qx 'wakeone_wakeups_total 40' "$BATS_TEST_TMPDIR/racing.prom"
    [ "$(tail -n 1 "$BATS_TEST_TMPDIR/racing.prom")" = '# EOF' ]
    [ "$(ls "$BATS_TEST_TMPDIR"/racing.prom*)" = "$BATS_TEST_TMPDIR/racing.prom" ]
}

@test "--openmetrics on standard output is the only output there; a full disk: the rest is done, and status 1" {
    run --separate-stderr "$build/bin/wakeups" -p $$ --instrument ctxsw --duration 50ms --openmetrics
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = '# EOF' ]
    refute grep -q '^pid,' <<<"$output"
    run --separate-stderr "$build/bin/wakeups" -p $$ --instrument ctxsw --duration 50ms --openmetrics=/dev/full
    [ "$status" -eq 1 ]
    [ "$(grep -c 'cannot write /dev/full: No space left on device' <<<"$stderr")" -eq 1 ]
    [[ "${lines[0]}" == pid,name,* ]]
}

# bats test_tags=root
@test "an ordinary user with file capabilities counts in the kernel, also servers of other users" {
    needs_bpf
    command -v setcap >/dev/null || skip "needs setcap (libcap2-bin)"
    place=$(mktemp -d)
    chmod 755 "$place"
    cp "$build/bin/wakeups" "$place"
    setcap cap_bpf,cap_perfmon,cap_sys_ptrace,cap_dac_read_search+ep "$place/wakeups" || skip "no file capabilities here"
    start_server wakeone --workers 2
    run --separate-stderr as_user "$place/wakeups" --port "$port" --duration 100ms --json
    rm -r "$place"
    [ "$status" -eq 0 ]
    jq -e '.summary.instrument == "bpf" and .summary.processes == 3' <<<"$output"
}
