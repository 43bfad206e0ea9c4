#!/usr/bin/env bats
# The servers with the clients everybody has, and with wrong words.
# Measures nothing.

load support

teardown() {
    stop_server || true
}

strategies=$(all_strategies)

@test "every strategy answers curl with HTTP/1.0 and 1.1, with and without keep-alive" {
    for strategy in $strategies; do
        for keep in "" --keepalive; do
            start_server "$strategy" --workers "$(workers_for "$strategy" 4)" $keep
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
            start_server "$strategy" --workers "$(workers_for "$strategy" 2)" ${case% *}
            run curl -sSv "http://127.0.0.1:$port/" "http://127.0.0.1:$port/" -o /dev/null -o /dev/null
            [ "$(grep -c 'Connected to' <<<"$output")" -eq "${case##* }" ]
            stop_server
        done
    done
}

@test "no failed request from ab and ab -k, with and without keep-alive" {
    for strategy in $strategies; do
        for keep in "" --keepalive; do
            start_server "$strategy" --workers "$(workers_for "$strategy" 8)" $keep
            # who serves one connection at a time cannot keep more alive than it has workers
            case $strategy in
            blocking | iterative | shared*) clients=$(workers_for "$strategy" 8) ;;
            *) clients=16 ;;
            esac
            for k in "" -k; do
                run ab -q $k -n 1500 -c "$clients" "http://127.0.0.1:$port/"
                [ "$status" -eq 0 ]
                grep -q '^Failed requests: *0$' <<<"$output"
                grep -q '^Complete requests: *1500$' <<<"$output"
                refute grep -q 'Non-2xx' <<<"$output"
            done
            stop_server
        done
    done
}

@test "no failed request from wrk, with and without keep-alive" {
    for strategy in blocking fdpass mutex poll racing reuseport select shared uring wakeone; do
        for keep in "" --keepalive; do
            start_server "$strategy" --workers 8 $keep
            run wrk -t 1 -c 8 -d 1s "http://127.0.0.1:$port/"
            [ "$status" -eq 0 ]
            refute grep -qE 'Socket errors|Non-2xx' <<<"$output"
            stop_server
        done
    done
}

@test "no failed request from load, whatever the requests per connection" {
    for strategy in $strategies; do
        start_server "$strategy" --workers "$(workers_for "$strategy" 8)" --keepalive
        for k in 1 7 0; do
            run "$build/bin/load" --count 2000 --requests-per-connection $k --json - "http://127.0.0.1:$port/"
            [ "$status" -eq 0 ]
            [ "$(jq .summary.requests <<<"$output")" -eq 2000 ]
            [ "$(jq '.summary | .errors_connect + .errors_read + .errors_timeout + .errors_status' <<<"$output")" -eq 0 ]
        done
        stop_server
    done
}

@test "requests per connection: as many connections as the arithmetic says" {
    start_server wakeone --workers 4 --keepalive
    run "$build/bin/load" --count 1000 --connections 10 --requests-per-connection 10 --json - "http://127.0.0.1:$port/"
    # each of the 10 may be in the middle of its last ten requests when the count is reached
    conns=$(jq .summary.conns <<<"$output")
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
    for strategy in $strategies; do
        for signal in TERM INT; do
            start_server "$strategy" --workers "$(workers_for "$strategy" 5)"
            kill -$signal "$server_pid"
            wait "$server_pid"
            [ -z "$(pgrep -s "$server_pid" || true)" ]
            run curl -sS "http://127.0.0.1:$port/"
            [ "$status" -eq 7 ]
        done
    done
    server_pid=
}

@test "kill -9 of a supervisor takes its workers with it, and the port" {
    for strategy in $strategies; do
        start_server "$strategy" --workers "$(workers_for "$strategy" 5)"
        session=$server_pid
        kill -KILL "$server_pid"
        wait "$server_pid" || true
        wait_until nobody_lives_in "$session"
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

@test "--accept one takes one connection a wakeup, --accept drain all there are" {
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

@test "SIGUSR1 replaces worker 0 without a failed request; the server still ends with 0" {
    for strategy in $strategies; do
        case $strategy in fdpass*) continue ;; esac
        start_server "$strategy" --workers "$(workers_for "$strategy" 3)" --stats "$BATS_TEST_TMPDIR/stats"
        old=$(counter 0 pid)
        "$build/bin/load" --duration 400ms --json "$BATS_TEST_TMPDIR/load" "http://127.0.0.1:$port/" >/dev/null 3>&- &
        load=$!
        sleep 0.1
        kill -USR1 "$server_pid"
        wait_until eval '[ ! -e "/proc/$old" ]'
        [ "$(counter 0 pid)" -ne "$old" ]
        case $strategy in
        reuseport*) wait $load || true ;; # a listener that closes resets what came at that moment
        *) wait $load ;;
        esac
        stop_server
    done
}

@test "told to stop at any moment of its start, a server stops, and kills nobody" {
    local status
    for strategy in $strategies; do
        for _ in 1 2 3 4 5 6; do
            begin_server "$strategy" --workers "$(workers_for "$strategy" 32)"
            wait_until grep -q "^setsid\|^$build" "/proc/$server_pid/cmdline"
            sleep "0.0$((RANDOM % 3))$((RANDOM % 10))"
            status=0
            stop_server || status=$?
            [ "$status" -eq 0 ] || [ "$status" -eq 143 ] # SIGTERM: it came before the server's
            refute grep . "$BATS_TEST_TMPDIR/log"
        done
    done
}

@test "told to stop while a worker is being replaced, a server stops" {
    start_server racing --workers 3
    kill -STOP "$server_pid"
    kill -USR1 "$server_pid"
    kill -TERM "$server_pid"
    kill -CONT "$server_pid"
    wait_until eval '[ ! -e "/proc/$server_pid" ] || grep -q "^State:.*zombie" "/proc/$server_pid/status"'
    wait "$server_pid"
    server_pid=
}

@test "fdpass cannot replace a worker, says so and goes on" {
    start_server fdpass --workers 2
    kill -USR1 "$server_pid"
    wait_until grep -q 'cannot be replaced' "$BATS_TEST_TMPDIR/log"
    [ "$(curl -sS "http://127.0.0.1:$port/")" = "Hello, world" ]
    stop_server
}

@test "a client that says nothing keeps a worker that serves one at a time for a second, no longer" {
    for strategy in iterative blocking shared-edge; do
        start_server "$strategy" --workers 1
        exec 40<>"/dev/tcp/127.0.0.1/$port"
        [ "$(curl -sS "http://127.0.0.1:$port/")" = "Hello, world" ]
        exec 40>&-
        stop_server
    done
}

@test "what a kernel or its limits refuse is said by --describe, and is one line and status 2" {
    for case in "io_uring_setup uring io_uring" "io_uring_setup uring-multishot io_uring" "bpf reuseport-least-loaded sk_reuseport"; do
        read -r call name word <<<"$case"
        run "$build/tests/deny" "$call" "$build/epoll/$name" --describe
        [ "$status" -eq 0 ]
        grep -q "^not available on this kernel: .*$word" <<<"$output"
        run "$build/tests/deny" "$call" "$build/epoll/$name"
        failed_in_one_line 2
        [[ "$output" == "$name: not available on this kernel: "* ]]
    done
    # and the others of the same family go on
    run "$build/tests/deny" bpf "$build/epoll/reuseport" --describe
    refute grep -q 'not available' <<<"$output"
}

@test "options that do not belong to a strategy, or not together: one line, status 2" {
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
    failed_in_one_line 2
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


@test "a segment of no connection is not counted as one in a worker's hands" {
    start_server reuseport-least-loaded --workers 2 --stats "$BATS_TEST_TMPDIR/stats"
    "$build/tests/stray" "$port"
    for i in 1 2 3 4; do
        curl -sS "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/page"
        wait_until test "$(($(counter 0 closed) + $(counter 1 closed)))" -eq "$i"
    done
    [ "$(counter 0 accepts)" -eq 2 ]
    [ "$(counter 1 accepts)" -eq 2 ]
}
