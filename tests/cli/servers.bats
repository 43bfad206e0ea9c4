#!/usr/bin/env bats
# The servers with the clients everybody has, and with wrong words.

load support

teardown() {
    stop_server || true
}

strategies="racing wakeone fdpass mutex"

@test "every strategy answers curl with HTTP/1.0 and 1.1, with and without keep-alive" {
    for strategy in $strategies; do
        for keep in "" --keepalive; do
            start_server "$strategy" --workers 4 $keep
            for version in --http1.0 --http1.1; do
                run curl -sS $version "http://127.0.0.1:$port/" "http://127.0.0.1:$port/again"
                [ "$status" -eq 0 ]
                [ "$output" = "Hello, world
Hello, world" ]
            done
            stop_server
        done
    done
}

@test "keep-alive: one connection for two requests if both sides want it, two if not" {
    for strategy in $strategies; do
        for case in "--keepalive 1" " 2"; do
            start_server "$strategy" --workers 2 ${case% *}
            run curl -sSv "http://127.0.0.1:$port/" "http://127.0.0.1:$port/" -o /dev/null -o /dev/null
            [ "$(grep -c 'Connected to' <<<"$output")" -eq "${case##* }" ]
            stop_server
        done
    done
}

@test "no failed request from ab, ab -k and wrk, with and without keep-alive" {
    for strategy in $strategies; do
        for keep in "" --keepalive; do
            start_server "$strategy" --workers 8 $keep
            for k in "" -k; do
                run ab -q $k -n 3000 -c 16 "http://127.0.0.1:$port/"
                [ "$status" -eq 0 ]
                grep -q '^Failed requests: *0$' <<<"$output"
                grep -q '^Complete requests: *3000$' <<<"$output"
                refute grep -q 'Non-2xx' <<<"$output"
            done
            run wrk -t 1 -c 16 -d 1s "http://127.0.0.1:$port/"
            [ "$status" -eq 0 ]
            refute grep -qE 'Socket errors|Non-2xx' <<<"$output"
            stop_server
        done
    done
}

@test "no failed request from load, whatever the requests per connection" {
    for strategy in $strategies; do
        start_server "$strategy" --workers 8 --keepalive
        for k in 1 7 0; do
            run "$build/bin/load" --count 3000 --requests-per-connection $k --json - "http://127.0.0.1:$port/"
            [ "$status" -eq 0 ]
            [ "$(jq '.requests' <<<"$output")" -eq 3000 ]
            [ "$(jq '.errors_connect + .errors_read + .errors_timeout + .errors_status' <<<"$output")" -eq 0 ]
        done
        stop_server
    done
}

@test "requests per connection: as many connections as the arithmetic says" {
    start_server wakeone --workers 4 --keepalive
    run "$build/bin/load" --count 1000 --connections 10 --requests-per-connection 10 --json - "http://127.0.0.1:$port/"
    # each of the 10 may be in the middle of its last ten requests when the count is reached
    conns=$(jq .conns <<<"$output")
    [ "$conns" -ge 100 ] && [ "$conns" -lt 110 ]
}

@test "the ready line comes once, names port and supervisor, and goes where it is told" {
    start_server racing --workers 3
    [ "$(cat "$BATS_TEST_TMPDIR/ready")" = "ready port=$port pid=$server_pid" ]
    stop_server
    "$build/epoll/racing" --workers 1 --ready-fd 7 7>"$BATS_TEST_TMPDIR/seven" >"$BATS_TEST_TMPDIR/one" 3>&- &
    server_pid=$!
    wait_until test -s "$BATS_TEST_TMPDIR/seven"
    grep -q '^ready port=' "$BATS_TEST_TMPDIR/seven"
    [ ! -s "$BATS_TEST_TMPDIR/one" ]
}

@test "SIGTERM and SIGINT end a server with status 0, and nothing is left" {
    for signal in TERM INT; do
        start_server mutex --workers 5
        kill -$signal "$server_pid"
        wait "$server_pid"
        [ -z "$(pgrep -s "$server_pid" || true)" ]
        run curl -sS "http://127.0.0.1:$port/"
        [ "$status" -eq 7 ]
    done
    server_pid=
}

@test "kill -9 of a supervisor takes its workers with it, and the port" {
    for strategy in $strategies; do
        start_server "$strategy" --workers 5
        session=$server_pid
        kill -KILL "$server_pid"
        wait "$server_pid" || true
        wait_until eval '[ -z "$(pgrep -s "$session")" ]'
        run curl -sS "http://127.0.0.1:$port/"
        [ "$status" -eq 7 ]
        server_pid=
    done
}

@test "a dead worker is named and makes the status 1; the others go on" {
    start_server wakeone --workers 3
    victim=$(pgrep -P "$server_pid" | tail -n 1)
    kill -KILL "$victim"
    wait_until grep -q "pid $victim) was killed by signal 9" "$BATS_TEST_TMPDIR/log"
    [ "$(curl -sS "http://127.0.0.1:$port/")" = "Hello, world" ]
    status=0
    stop_server || status=$?
    [ "$status" -eq 1 ]
}

@test "--describe says what a strategy is, and needs neither port nor process" {
    for strategy in $strategies; do
        run "$build/epoll/$strategy" --describe
        [ "$status" -eq 0 ]
        grep -q "^name:    $strategy$" <<<"$output"
        grep -q '^wakes:' <<<"$output"
        grep -q -- '-->' <<<"$output"
    done
}

@test "a port in use is one line" {
    start_server racing
    run "$build/epoll/wakeone" --port "$port"
    failed_in_one_line 1
    [[ "$output" == *"127.0.0.1 port $port"*"in use"*"--port"* ]]
}

@test "wrong words are one line and status 2" {
    for words in "--workers 0" "--workers 1000000" "--workers 2x" "--port 70000" "--workers" "--nonsense" \
        "--cpus 0-" "--cpus 0,0" "--cpus 999" "--address nowhere" "operand" "--keepalive=1" "--stats="; do
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

@test "too few descriptors for the workers' channels is one line, and nothing is left" {
    run bash -c "ulimit -n 64; exec '$build/epoll/fdpass' --workers 100"
    failed_in_one_line 1
    [[ "$output" == *"ulimit -n"* ]]
}

@test "out of descriptors, a server sheds connections, says so once, and recovers" {
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

