#!/usr/bin/env bats
# The servers with common clients, and with invalid arguments.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
bats_require_minimum_version 1.5.0

# One server of each strategy with keep-alive and one without, shared by most tests.
setup_file() {
    local name mode
    available >"$BATS_FILE_TMPDIR/available"
    for name in $(cat "$BATS_FILE_TMPDIR/available"); do
        for mode in keepalive close; do
            mkdir -p "$BATS_FILE_TMPDIR/$mode/$name"
            begin_shared "$name" "$mode"
        done
    done
}

# begin_shared NAME MODE: with 4 workers
begin_shared() {
    local place=$BATS_FILE_TMPDIR/$2/$1 keep=--keepalive
    [ "$2" = keepalive ] || keep=
    "$build/epoll/$1" --workers "$(workers_for "$1" 4)" $keep >"$place/ready" 2>"$place/log" 3>&- &
    echo $! >"$place/pid"
}

# use_shared NAME MODE: sets port
use_shared() {
    local place=$BATS_FILE_TMPDIR/$2/$1
    wait_until test -s "$place/ready" || { cat "$place/log"; return 1; }
    read -r port <"$place/ready"
    port=${port#ready port=} port=${port% pid=*}
}

teardown_file() {
    cat "$BATS_FILE_TMPDIR"/*/*/pid | xargs -r kill
}

setup() {
    strategies=$(cat "$BATS_FILE_TMPDIR/available")
}

teardown() {
    stop_server || true
    [ -z "${load:-}" ] || kill "$load" 2>/dev/null || true
}

# connections_for HOW_MANY NAME: HOW_MANY, or the number of workers if each serves one connection at a time
connections_for() {
    case $2 in
    blocking* | iterative* | shared*) workers_for "$2" 4 ;;
    *) echo "$1" ;;
    esac
}

@test "every strategy is available on this kernel" {
    local lacks
    lacks=$(unavailable)
    [ -z "$lacks" ] || skip "${lacks//$'\n'/; }"
    [ "$strategies" = "$(all_strategies)" ]
}

@test "every strategy answers curl with HTTP/1.0 and 1.1, with and without keep-alive" {
    for strategy in $strategies; do
        for mode in keepalive close; do
            use_shared "$strategy" $mode
            for version in --http1.0 --http1.1; do
                [ "$(curl -sS $version "http://127.0.0.1:$port/" "http://127.0.0.1:$port/again")" = "Hello, world
Hello, world" ] || { echo "$strategy, $mode, $version"; return 1; }
            done
        done
    done
}

@test "keep-alive: one connection for two requests if both sides request it, otherwise two" {
    for strategy in $strategies; do
        for case in "keepalive 1" "close 2"; do
            use_shared "$strategy" "${case% *}"
            run curl -sSv "http://127.0.0.1:$port/" "http://127.0.0.1:$port/" -o /dev/null -o /dev/null
            [ "$(grep -c 'Connected to' <<<"$output")" -eq "${case#* }" ] || { echo "$strategy, $case"; return 1; }
        done
    done
}

# no_failed_request COUNT OPTIONS...: of load, at $port, with one request a connection, 7, and all
no_failed_request() {
    for k in 1 7 0; do
        "$build/bin/load" --count "$@" --requests-per-connection $k --json "http://127.0.0.1:$port/"
    done >"$BATS_TEST_TMPDIR/json"
    jq -es --argjson count "$1" 'map(.summary) | length == 3 and
        all(.requests == $count and .errors_connect + .errors_read + .errors_timeout + .errors_status == 0)' "$BATS_TEST_TMPDIR/json" >/dev/null
}

@test "no failed request of load, for any number of requests per connection" {
    for strategy in $strategies; do
        use_shared "$strategy" keepalive
        no_failed_request 200 --connections "$(connections_for 16 "$strategy")" || { echo "$strategy"; return 1; }
    done
}

# bats test_tags=slow
@test "no failed request of load with more connections than workers" {
    for strategy in $strategies; do
        start_server "$strategy" --workers "$(workers_for "$strategy" 8)" --keepalive
        no_failed_request 2000 || { echo "$strategy"; return 1; }
        stop_server
    done
}

# no_failed_request_from_ab REQUESTS CLIENTS: with and without keep-alive, at $port
no_failed_request_from_ab() {
    local k
    for k in "" -k; do
        run ab -q $k -n "$1" -c "$2" "http://127.0.0.1:$port/"
        [ "$status" -eq 0 ] && grep -q '^Failed requests: *0$' <<<"$output" && grep -q "^Complete requests: *$1\$" <<<"$output" &&
            [[ "$output" != *Non-2xx* ]] || { echo "${strategy:-} ab $k: $output"; return 1; }
    done
}

@test "no failed request of ab, ab -k and wrk" {
    for mode in close keepalive; do
        use_shared wakeone $mode
        no_failed_request_from_ab 200 8
    done
    run wrk -t 1 -c 8 -d 1s "http://127.0.0.1:$port/"
    [ "$status" -eq 0 ]
    refute grep -qE 'Socket errors|Non-2xx' <<<"$output"
}

# bats test_tags=slow
@test "no failed request of ab and ab -k, with and without keep-alive, for any strategy" {
    for strategy in $strategies; do
        for keep in "" --keepalive; do
            start_server "$strategy" --workers "$(workers_for "$strategy" 8)" $keep
            # a server of one connection at a time keeps at most one per worker
            case $strategy in
            blocking | iterative | shared*) clients=$(workers_for "$strategy" 8) ;;
            *) clients=16 ;;
            esac
            no_failed_request_from_ab 1500 "$clients"
            stop_server
        done
    done
}

# bats test_tags=slow
@test "no failed request of wrk, with and without keep-alive" {
    for strategy in blocking fdpass mutex poll racing reuseport select shared uring wakeone; do
        grep -qxF $strategy <<<"$strategies" || continue
        for keep in "" --keepalive; do
            start_server "$strategy" --workers 8 $keep
        run wrk -t 1 -c 8 -d 1s "http://127.0.0.1:$port/"
            [ "$status" -eq 0 ]
            refute grep -qE 'Socket errors|Non-2xx' <<<"$output"
            stop_server
        done
    done
}

@test "requests per connection: the expected number of connections" {
    use_shared wakeone keepalive
    run "$build/bin/load" --count 1000 --connections 10 --requests-per-connection 10 --json "http://127.0.0.1:$port/"
    # each of the 10 may be in the middle of its last ten requests when the count is reached
    conns=$(jq .summary.conns <<<"$output")
    [ "$conns" -ge 100 ]
    [ "$conns" -lt 110 ]
}
@test "the ready line is printed once, with port and supervisor, to the requested destination" {
    start_server racing --workers 3
    [ "$(cat "$BATS_TEST_TMPDIR/ready")" = "ready port=$port pid=$server_pid" ]
    stop_server
    "$build/epoll/racing" --workers 1 --ready-fd 7 7>"$BATS_TEST_TMPDIR/seven" >"$BATS_TEST_TMPDIR/one" 3>&- &
    server_pid=$!
    wait_until test -s "$BATS_TEST_TMPDIR/seven"
    grep -q '^ready port=' "$BATS_TEST_TMPDIR/seven"
    [ ! -s "$BATS_TEST_TMPDIR/one" ]
}

@test "SIGTERM and SIGINT end a server with status 0, and no process is left" {
    for strategy in $strategies; do
        for signal in TERM INT; do
            start_server "$strategy" --workers "$(workers_for "$strategy" 5)"
            kill -$signal "$server_pid"
            wait "$server_pid"
            [ -z "$(pgrep -s "$server_pid" || true)" ] || { echo "$strategy, $signal"; return 1; }
        done
    done
    server_pid=
    run curl -sS "http://127.0.0.1:$port/"
    [ "$status" -eq 7 ]
}

@test "kill -9 of a supervisor ends its workers, and frees the port" {
    for strategy in $strategies; do
        start_server "$strategy" --workers "$(workers_for "$strategy" 5)"
        session=$server_pid
        kill -KILL "$server_pid"
        wait "$server_pid" || true
        server_pid=
        wait_until nobody_lives_in "$session" || { echo "$strategy"; return 1; }
    done
    run curl -sS "http://127.0.0.1:$port/"
    [ "$status" -eq 7 ]
}

@test "a dead worker is reported and makes the status 1; the others continue" {
    start_server wakeone --workers 3
    victim=$(pgrep -P "$server_pid" | tail -n 1)
    kill -KILL "$victim"
    wait_until grep -q "pid $victim) was killed by signal 9" "$BATS_TEST_TMPDIR/log"
    [ "$(curl -sS "http://127.0.0.1:$port/")" = "Hello, world" ]
    status=0
    stop_server || status=$?
    [ "$status" -eq 1 ]
}

@test "--describe describes a strategy, and needs neither port nor process" {
    for strategy in $strategies; do
        run "$build/epoll/$strategy" --describe
        [ "$status" -eq 0 ]
        grep -q "^name:    $strategy$" <<<"$output"
        grep -qE '^wakes:   [nr0-9 <>?:.+*]+$' <<<"$output"
        grep -qE '^order:   (any|registered|fifo|lifo|rotates|numbered)$' <<<"$output"
        grep -q -- '-->' <<<"$output"
    done
}

@test "a variant is its strategy with its options set" {
    run "$build/epoll/wakeone" --describe
    while read -r _ name _ strategy options; do
        [ "$(readlink "$build/epoll/$name")" = "$strategy" ]
        start_server "$name" --workers 2
        [ "$(curl -sS "http://127.0.0.1:$port/")" = "Hello, world" ]
        stop_server
        start_server "$strategy" --workers 2 $options
        [ "$(curl -sS "http://127.0.0.1:$port/")" = "Hello, world" ]
        stop_server
    done < <(grep '^variant: ' <<<"$output")
    [ "$(grep -c '^variant: ' <<<"$output")" -eq 2 ]
}

@test "--accept one accepts one connection per wakeup, --accept drain all of the queue" {
    for strategy in racing wakeone poll select mutex reuseport shared-edge; do
        for mode in one drain; do
            [ "$strategy $mode" != "shared-edge one" ] || continue
            start_server "$strategy" --workers 1 --accept $mode --stats "$BATS_TEST_TMPDIR/stats"
            worker=$(counter 0 pid)
            kill -STOP "$worker"
            wait_until grep -q '^State:.*stopped' "/proc/$worker/status"
            for descriptor in $(seq 40 49); do
                eval "exec $descriptor<>/dev/tcp/127.0.0.1/$port"
            done
            for descriptor in $(seq 40 49); do
                printf 'GET / HTTP/1.0\r\n\r\n' >&$descriptor
            done
            kill -CONT "$worker"
            wait_until eval '[ "$(counter 0 closed)" -eq 10 ]'
            for descriptor in $(seq 40 49); do
                eval "exec $descriptor>&-"
            done
            case $mode in
            one) [ "$(counter 0 useful)" -ge 10 ] ;;
            drain) [ "$(counter 0 useful)" -le 3 ] ;;
            esac
            stop_server
        done
    done
}

# served: by the workers of a server with --stats, 3 of them
served() {
    od -An -v -t u8 -w128 -j128 -N $((3 * 128)) "$BATS_TEST_TMPDIR/stats" | awk '{ n += $10 } END { print n }'
}

# has_been_replaced PID: whether another process is worker 0
has_been_replaced() {
    [ ! -e "/proc/$1" ] && [ "$(counter 0 pid)" -ne "$1" ]
}

@test "SIGUSR1 replaces worker 0 without a failed request; the server still ends with status 0" {
    for strategy in $strategies; do
        case $strategy in fdpass*) continue ;; esac
        start_server "$strategy" --workers "$(workers_for "$strategy" 3)" --stats "$BATS_TEST_TMPDIR/stats"
        old=$(counter 0 pid)
        "$build/bin/load" --rate 1000 --duration 60s --json="$BATS_TEST_TMPDIR/load" "http://127.0.0.1:$port/" >/dev/null 2>&1 3>&- &
        load=$!
        wait_until eval '[ "$(served)" -gt 0 ]'
        kill -USR1 "$server_pid"
        wait_until has_been_replaced "$old" || { echo "$strategy"; return 1; }
        before=$(served)
        wait_until eval '[ "$(served)" -gt "$before" ]'
        kill -INT "$load"
        wait "$load" || [ $? -eq 3 ] # it was ended early
        load=
        case $strategy in
        reuseport*) ;; # closing a listener resets connections in its queue
        *) jq -e '.summary.requests > 0 and ([.errors[].count] | add) == 0' "$BATS_TEST_TMPDIR/load" ;;
        esac
        stop_server
    done
}

# bats test_tags=slow
@test "SIGTERM at any moment of the start ends a server, and kills no other process" {
    local status
    for strategy in $strategies; do
        for _ in 1 2 3 4 5 6; do
            begin_server "$strategy" --workers "$(workers_for "$strategy" 32)"
            wait_until grep -q "^setsid\|^$build" "/proc/$server_pid/cmdline"
            sleep "0.0$((RANDOM % 3))$((RANDOM % 10))"
            status=0
            stop_server || status=$?
            [ "$status" -eq 0 ] || [ "$status" -eq 143 ] # killed by SIGTERM before the handler was installed
            refute grep . "$BATS_TEST_TMPDIR/log"
        done
    done
}

@test "SIGTERM while a worker is being replaced ends a server" {
    start_server racing --workers 3
    kill -STOP "$server_pid"
    kill -USR1 "$server_pid"
    kill -TERM "$server_pid"
    kill -CONT "$server_pid"
    wait_until eval '[ ! -e "/proc/$server_pid" ] || grep -q "^State:.*zombie" "/proc/$server_pid/status"'
    wait "$server_pid"
    server_pid=
}

@test "fdpass cannot replace a worker, reports that and continues" {
    start_server fdpass --workers 2
    kill -USR1 "$server_pid"
    wait_until grep -q 'cannot replace a worker' "$BATS_TEST_TMPDIR/log"
    [ "$(curl -sS "http://127.0.0.1:$port/")" = "Hello, world" ]
    stop_server
}

@test "an idle client occupies a worker that serves one connection at a time for at most one second" {
    local silent asks=() ask
    for strategy in iterative blocking shared-edge; do
        start_server "$strategy" --workers 1
        exec {silent}<>"/dev/tcp/127.0.0.1/$port"
        curl -sS "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/$strategy" 3>&- &
        asks+=("$!:$server_pid")
    done
    server_pid=
    for ask in "${asks[@]}"; do
        wait "${ask%:*}"
        kill "${ask#*:}"
        wait "${ask#*:}"
    done
    [ "$(cat "$BATS_TEST_TMPDIR"/{iterative,blocking,shared-edge})" = "Hello, world
Hello, world
Hello, world" ]
}

@test "limits of the kernel are reported by --describe, and are one line and status 2" {
    for case in "io_uring_setup uring io_uring" "io_uring_setup uring-multishot io_uring" "bpf reuseport-least-loaded sk_reuseport"; do
        read -r call name word <<<"$case"
        run "$build/tests/deny" "$call" "$build/epoll/$name" --describe
        [ "$status" -eq 0 ]
        grep -q "^not available on this kernel: .*$word" <<<"$output"
        run "$build/tests/deny" "$call" "$build/epoll/$name"
        failed_in_one_line 2
        [[ "$output" == "$name: not available on this kernel: "* ]]
    done
    # and the other strategies of the same file work
    run "$build/tests/deny" bpf "$build/epoll/reuseport" --describe
    refute grep -q 'not available' <<<"$output"
}

@test "options of other strategies, or that exclude each other: one line, status 2" {
    for words in "wakeone --lock fcntl" "mutex --edge" "uring --accept drain" "blocking --accept drain" "racing --edge --accept one" \
        "wakeone-edge --accept one" "shared --edge --oneshot" "shared-edge --level" "uring --single --multishot" \
        "iterative --workers 2" "reuseport --steer nowhere" "mutex --lock none" "blocking --multishot" \
        "reuseport-least-loaded --workers 2000" "wakeone --readd x"; do
        run "$build/epoll/"$words
        failed_in_one_line 2
    done
}

@test "a port in use is one line" {
    start_server racing
    run "$build/epoll/wakeone" --port "$port"
    failed_in_one_line 1
    [[ "$output" == *"127.0.0.1 port $port"*"in use"*"--port"* ]]
}

# All types of options: tests/unit/test_options.c
@test "usage errors are one line and status 2" {
    for words in "--workers 0" "--nonsense" "--cpus 0,0" "--address nowhere" "operand" "--stats="; do
        run "$build/epoll/racing" $words
        failed_in_one_line 2
    done
    run "$build/epoll/fdpass" --policy random
    failed_in_one_line 2
    [[ "$output" == *"round-robin|least-loaded"* ]]
}

@test "an unwritable file of counters is one line" {
    run "$build/epoll/racing" --stats /nonexistent/stats
    failed_in_one_line 1
    [[ "$output" == *"/nonexistent/stats"* ]]
}

@test "too few descriptors for the workers' channels is one line, and no process is left" {
    run bash -c "ulimit -n 64; exec '$build/epoll/fdpass' --workers 100"
    failed_in_one_line 2
    [[ "$output" == *"ulimit -n"* ]]
}

@test "without free descriptors, a server drops connections, reports it once, and recovers" {
    bash -c "ulimit -n 24; exec setsid '$build/epoll/racing' --workers 1" \
        >"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    server_pid=$!
    wait_until test -s "$BATS_TEST_TMPDIR/ready"
    port=$(sed -n 's/.*port=\([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/ready")
    server_pid=$(sed -n 's/.*pid=\([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/ready")
    for descriptor in $(seq 40 70); do
        eval "exec $descriptor<>/dev/tcp/127.0.0.1/$port"
    done
    wait_until grep -q 'out of descriptors' "$BATS_TEST_TMPDIR/log"
    for descriptor in $(seq 40 70); do
        eval "exec $descriptor>&-"
    done
    wait_until curl -sS -o /dev/null "http://127.0.0.1:$port/"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/log")" -eq 1 ]
    kill "$server_pid"
    server_pid=
}

# bats test_tags=root
@test "a segment of no connection is not counted as accepted" {
    start_server reuseport-least-loaded --workers 2 --stats "$BATS_TEST_TMPDIR/stats"
    "$build/tests/stray" "$port"
    for i in 1 2 3 4; do
        curl -sS "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/page"
        wait_until test "$(($(counter 0 closed) + $(counter 1 closed)))" -eq "$i"
    done
    [ "$(counter 0 accepts)" -eq 2 ]
    [ "$(counter 1 accepts)" -eq 2 ]
}
