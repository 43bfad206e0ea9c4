#!/usr/bin/env bats
# load on the command line, against `odd` (odd.c), a server that misbehaves on purpose, and our own.
# What is looked at is counts, order and arithmetic, never speed.

load support

setup() {
    json=$BATS_TEST_TMPDIR/load.json
    url=http://127.0.0.1:1/
}

teardown() {
    [ -z "${server_pid:-}" ] || kill -CONT "$server_pid" 2>/dev/null || true
    stop_server || true
    [ -z "${load_pid:-}" ] || kill "$load_pid" 2>/dev/null || true
}

# run_load OPTIONS...: against $url, in 10 seconds at most; the result is in $json
run_load() {
    run timeout 10 "$build/bin/load" --json "$json" "$@" "$url"
}

# What the last run_load did, where a test fails.
explain() {
    echo "$1"
    echo "status $status: $output"
    jq -c 'del(.phases)' "$json"
    return 1
}

ended_with() {
    [ "$status" -eq "$1" ] || explain "status is not $1"
}

# holds FILTER: of the JSON, with $s its summary and $errors the sum of the errors
holds() {
    jq -e ".summary as \$s | ([.errors[].count] | add) as \$errors | $1" "$json" >/dev/null ||
        explain "not so: $1"
}

field() {
    jq -r "$1" "$json"
}

# Errors of one kind only, and so many.
only_errors() {
    holds ".errors.$1.count == $2 and \$errors == $2"
}

nothing_is_lost() {
    holds '$s.intended == $s.requests + $errors + $s.censored + $s.not_started'
}

# stop_and_go SECONDS: the server stands still for so long, from 0.3 s from now on
stop_and_go() {
    (
        sleep 0.3
        kill -STOP "$server_pid"
        sleep "$1"
        kill -CONT "$server_pid"
    ) 3>&- &
}

# ---- output ----

@test "load: the table and the JSON say the same, and the histogram holds every request" {
    start_server wakeone --workers 2
    url=http://127.0.0.1:$port/
    run_load --count 500 --histogram "$BATS_TEST_TMPDIR/l.hgrm"
    ended_with 0
    [[ "${lines[0]}" == "500 requests on 500 connections in "* ]]
    holds '$s.requests == 500 and $s.conns == 500 and $s.load == "closed" and $s.verdict == "ok"'
    holds '$errors == 0 and $s.censored == 0 and .classes == []'
    grep -q 'Total count *= *500\]' "$BATS_TEST_TMPDIR/l.hgrm"
    [ "$(awk '/^ *[0-9]/ { last = $3 } END { print last }' "$BATS_TEST_TMPDIR/l.hgrm")" -eq 500 ]
}

@test "load: the window is as long as it was, not as it was asked for" {
    start_odd ok
    run timeout 10 "$build/bin/load" --duration 200ms --json - "$url"
    [ "$status" -eq 0 ]
    jq -e '.summary.window_s >= 0.2 and .summary.window_s < 2' <<<"$output"
    jq -e '.summary | (.throughput_rps - .requests / .window_s | fabs) < 1' <<<"$output"
}

@test "load: percentiles of too few samples are null, and - in the table" {
    start_odd ok
    run_load --count 50
    ended_with 0
    holds '$s.latency_p50_us != null and $s.latency_p90_us != null and $s.latency_max_us != null'
    holds '$s.latency_p99_us == null and $s.latency_p999_us == null and $s.connect_p99_us == null'
    grep -q '^p99 .* - ' <<<"$output"
    run_load --count 50 --percentiles 50,98
    ended_with 0
    holds '[.phases.latency.percentiles[].percent] == [50, 98]'
    holds '[.phases.latency.percentiles[].us] | . == sort and all(. != null)'
}

@test "load: each phase's histogram has as many samples as the JSON says" {
    start_odd delay 5
    run_load --rate 200 --duration 500ms --histograms "$BATS_TEST_TMPDIR"
    ended_with 0
    for phase in latency from_send send_lag connect first_byte; do
        grep -q "Total count *= *$(field ".phases.$phase.count")\]" "$BATS_TEST_TMPDIR/$phase.hgrm"
    done
    holds '.phases.latency.count == $s.requests and .phases.from_send.count == $s.requests'
    holds '.phases.connect.count == $s.conns'
    run_load --count 10 --histograms "$BATS_TEST_TMPDIR/closed" # a directory that is not there yet
    [ -s "$BATS_TEST_TMPDIR/closed/latency.hgrm" ] && [ ! -e "$BATS_TEST_TMPDIR/closed/send_lag.hgrm" ]
}

@test "load: the rows of the timeline add up" {
    start_odd by-turns
    run_load --rate 900 --duration 500ms --timeline "$BATS_TEST_TMPDIR/t.csv"
    ended_with 3
    [ "$(head -n 1 "$BATS_TEST_TMPDIR/t.csv")" = \
        t_s,throughput_rps,latency_p50_us,latency_p99_us,latency_max_us,errors,not_started,in_flight ]
    [ "$(sed -n '2,6s/,.*//p' "$BATS_TEST_TMPDIR/t.csv" | xargs)" = "0.0 0.1 0.2 0.3 0.4" ]
    errors=$(awk -F, 'NR > 1 { n += $6 } END { print n }' "$BATS_TEST_TMPDIR/t.csv")
    requests=$(awk -F, 'NR > 1 && NR < 7 { n += $2 / 10 } END { print n }' "$BATS_TEST_TMPDIR/t.csv")
    holds "\$errors == $errors and (\$s.requests - $requests | fabs) <= 3"
    # a row of some microseconds would say whatever
    rows=$(($(wc -l <"$BATS_TEST_TMPDIR/t.csv") - 1))
    holds "\$s.window_s * 10 - $rows | fabs < 0.5"
}

# ---- phases ----

@test "load: no latency is shorter than the server's delay, and the first byte comes before the last" {
    start_odd delay 20
    run_load --count 40
    holds '$s.latency_p50_us >= 19900'
    stop_server
    start_odd split
    run_load --count 40
    ended_with 0
    holds '$s.latency_p50_us >= 4900'
    holds '[.phases.first_byte, .phases.latency | .percentiles[0].us, .max_us] | .[0] <= .[2] and .[1] <= .[3]'
}

@test "load: those in flight at the end are censored" {
    start_odd delay 300
    run_load --connections 4 --duration 450ms
    ended_with 0
    holds '$s.requests == 4 and $s.censored == 4 and $errors == 0'
}

@test "load: what the warm-up left in flight is the window's" {
    start_odd delay 50
    run_load --rate 200 --warmup 300ms --duration 500ms
    ended_with 0
    holds '$s.requests + $s.censored - $s.intended | . >= 5 and . <= 50'
    run_load --warmup 200ms --count 30
    holds '$s.requests == 30'
}

@test "load: a percentile that depends on those in flight at the end is a lower bound" {
    start_odd ok
    (sleep 1; kill -STOP "$server_pid") 3>&- &
    run_load --rate 200 --duration 2s --percentiles 10,90,99
    nothing_is_lost
    holds '$s.censored > 0'
    holds '[.phases.latency.percentiles[].is_lower_bound] == [false, true, true]'
}

# ---- closed and open loop ----

@test "load: a connection that thinks does not send meanwhile" {
    start_odd ok
    run_load --connections 1 --think 50ms --duration 500ms
    ended_with 0
    holds '$s.requests >= 2 and $s.requests <= 10'
    run_load --connections 1 --think 50ms --duration 500ms --requests-per-connection 0
    holds '$s.requests >= 2 and $s.requests <= 10 and $s.conns == 1'
}

@test "load: in an open loop a server that stood still is in the latency of all who came meanwhile" {
    start_odd ok
    stop_and_go 0.3
    run_load --rate 200 --duration 1s --percentiles 60,90
    nothing_is_lost
    # 250 of 1000 ms have arrivals that take longer than 50 ms
    holds '.phases.latency.percentiles | .[0].us < 50000 and .[1].us > 50000'
    holds '.phases.latency.max_us > 200000 and .phases.send_lag.max_us < .phases.latency.max_us'
}

@test "load: in a closed loop only those see it that were waiting" {
    start_odd ok
    stop_and_go 0.3
    run_load --connections 4 --think 5ms --duration 1s --percentiles 98
    holds '$s.requests > 200 and .phases.latency.percentiles[0].us < 50000'
    holds '.phases.latency.max_us > 200000'
}

@test "load: an open loop makes as many requests as were due" {
    start_odd ok
    run_load --rate 100 --duration 495ms
    ended_with 0
    nothing_is_lost
    holds '$s.intended == 50 and $s.rate_offered == 100 and $s.load == "open-constant"'
    run_load --rate 1000 --arrivals poisson --count 150
    ended_with 0
    holds '$s.requests == 150 and $s.load == "open-poisson" and .phases.send_lag.count == 150'
    run_load --burst 20 --every 100ms --duration 450ms
    ended_with 0
    nothing_is_lost
    holds '$s.intended == 80 and $s.rate_offered == 200 and $s.load == "open-burst"'
}

@test "load: what is due as the window ends is not the window's" {
    start_odd ok
    run_load --rate 100 --duration 500ms
    nothing_is_lost
    holds '$s.intended == 50'
}

@test "load: the same seed is the same schedule, whatever the threads" {
    start_odd ok
    # with these two seeds nothing is due within 15 ms after the window's end
    arrivals() {
        run_load --rate 100 --arrivals poisson --duration 400ms "$@"
        nothing_is_lost
        field .summary.intended
    }
    first=$(arrivals --seed 6)
    [ "$(arrivals --seed 6)" -eq "$first" ]
    [ "$(arrivals --seed 6 --threads 2)" -eq "$first" ]
    [ "$(arrivals --seed 7)" -ne "$first" ]
}

@test "load: what --max-open keeps from starting is counted" {
    start_odd silent
    run_load --rate 100 --duration 495ms --max-open 10
    ended_with 1
    [ "${#lines[@]}" -eq 1 ]
    nothing_is_lost
    holds '$s.intended == 50 and $s.censored == 10 and $s.not_started == 40 and $s.max_open == 10'
    stop_server
    start_odd delay 300
    run_load --rate 100 --duration 495ms --max-open 5
    ended_with 3
    nothing_is_lost
    holds '$s.intended == 50 and $s.requests == 5 and $s.censored == 5 and $s.verdict == "short-of-rate"'
    [ "$(grep -c '^load: ' <<<"$output")" -eq 1 ]
}

@test "load: threads share the requests and the arrivals" {
    start_odd ok
    for options in "" "--rate 500"; do
        run_load --threads 2 --count 101 $options
        ended_with 0
        holds '$s.requests == 101 and ([.threads[].requests] | add) == 101'
        holds '[.threads[].thread] == [0, 1] and ([.threads[].conns] | add) == $s.conns'
    done
    run_load --threads 3 --rate 100 --duration 295ms
    nothing_is_lost
    holds '$s.intended == 30 and ([.threads[].requests] | add) == $s.requests'
}

@test "load: thread i runs on CPU i of --cpus" {
    cpus=$(taskset -cp $$ | sed 's/.*: //')
    first=${cpus%%[,-]*} last=${cpus##*[,-]}
    [ "$first" != "$last" ] || skip "one CPU"
    start_odd ok
    "$build/bin/load" --threads 2 --cpus "$first,$last" --duration 10s "$url" >/dev/null 2>&1 3>&- &
    load_pid=$!
    wait_until eval '[ "$(cat /proc/$load_pid/task/*/status 2>/dev/null | sed -n "s/^Cpus_allowed_list:.//p" | xargs)" = "$first $last" ]'
}

# ---- connections ----

@test "load: K requests have one connection" {
    start_odd ok
    for k in 1 5 10; do
        run_load --connections 1 --count 20 --requests-per-connection $k
        ended_with 0
        holds "\$s.requests == 20 and \$s.conns * $k == 20"
    done
    run_load --connections 3 --count 30 --requests-per-connection 0
    holds '$s.requests == 30 and $s.conns == 3'
    run_load --rate 100 --count 30 --requests-per-connection 0
    holds '$s.requests == 30 and $s.conns < 30'
}

@test "load: a mix has its classes' requests on its classes' connections" {
    start_odd ok
    run_load --mix few:3:1,many:1:5:10ms --count 300
    ended_with 0
    holds '[.classes[].class] == ["few", "many"]'
    holds '([.classes[].requests] | add) == $s.requests and ([.classes[].conns] | add) == $s.conns'
    holds '.classes | .[0].requests == .[0].conns and .[1].requests <= .[1].conns * 5'
    holds '.classes | .[0].conns > .[1].conns and .[1].requests > .[1].conns * 2'
    run_load --mix few:3:1,many:1:5:10ms --rate 500 --duration 500ms
    ended_with 0
    nothing_is_lost
    holds '([.classes[].requests] | add) == $s.requests'
}

@test "load: a connection that the server closed while it was idle is no error" {
    start_odd close-idle 20
    run_load --connections 1 --count 5 --think 60ms --requests-per-connection 0
    ended_with 0
    holds '$s.requests == 5 and $s.conns == 5'
    run_load --connections 2 --count 10 --mix held:1:1:60ms
    ended_with 0
    holds '$s.requests == 10'
}

# in_own_network SCRIPT ARGUMENTS...: sh with a loopback where nobody else has ports or TIME_WAITs
in_own_network() {
    command -v ip >/dev/null && unshare -n true 2>/dev/null || skip "needs ip(8) and a network of its own"
    run timeout 10 unshare -n sh -c "ip link set lo up; $1" sh "${@:2}" 3>&-
}

@test "load: RST leaves no TIME_WAIT, FIN does" {
    # once the server has closed its ends
    in_own_network '
        build=$1 dir=$2
        for server in stay ok; do
            "$build/tests/odd" $server >"$dir/$server" &
            until [ -s "$dir/$server" ]; do sleep 0.02; done
            port=$(sed "s/.*port=\([0-9]*\).*/\1/" "$dir/$server")
            for how in rst fin; do
                "$build/bin/load" --close $how --count 20 --json "$dir/load.json" "http://127.0.0.1:$port/" >/dev/null
                until [ -z "$(ss -Htan state connected exclude time-wait "sport = :$port")" ]; do sleep 0.02; done
                echo "$server $how $? $(ss -Htan state time-wait "dport = :$port or sport = :$port" | wc -l)"
            done
            kill $!
        done' "$build" "$BATS_TEST_TMPDIR"
    echo "$output"
    [ "${lines[0]}" = "stay rst 0 0" ] && [ "${lines[1]}" = "stay fin 0 20" ]
    [ "${lines[2]}" = "ok rst 0 0" ]
    # who closes first has it; both do, where the FINs cross
    [[ "${lines[3]}" == "ok fin 0 "* ]] && [ "${lines[3]##* }" -ge 20 ] && [ "${lines[3]##* }" -le 40 ]
    # load looks when it ends, when the last of them may still be on their way
    holds '$s.time_wait_after - $s.time_wait_before | . > 0 and . <= 40'
}

@test "load: connections come from each of --sources in turn" {
    start_odd peer
    run_load --count 10 --sources 127.0.0.7 --expect 127.0.0.7
    ended_with 0
    # .9 to .14
    run_load --connections 1 --count 60 --sources 127.0.0.8/29 --expect 127.0.0.12
    ended_with 3
    holds '$s.requests == 10'
    only_errors body 50
}

# few_ports BEHAVIOUR...: like run_load, where there are 16 ports, one of them the server's
few_ports() {
    in_own_network '
        echo 40000 40015 >/proc/sys/net/ipv4/ip_local_port_range
        build=$1 dir=$2
        shift 2
        "$build/tests/odd" "$@" >"$dir/ready" &
        until [ -s "$dir/ready" ]; do sleep 0.02; done
        "$build/bin/load" --connections 40 --count 200 --close rst --json "$dir/load.json" \
            "http://127.0.0.1:$(sed "s/.*port=\([0-9]*\).*/\1/" "$dir/ready")/"
        status=$?
        kill $!
        exit $status' "$build" "$BATS_TEST_TMPDIR" "$@"
}

@test "load: where ports run out it says so, and the server is not blamed" {
    few_ports delay 5
    ended_with 3
    holds '$s.requests > 0 and $s.verdict == "ports" and .errors.ports.count + $s.requests == 200'
}

@test "load: where ports run out before the first answer has come, the others go on" {
    few_ports delay 100
    ended_with 3
    holds '$s.requests > 0 and $s.verdict == "ports" and .errors.ports.count + $s.requests == 200'
}

@test "load: a UNIX socket" {
    start_odd --unix "$BATS_TEST_TMPDIR/socket" echo
    url=http://name/path
    run_load --unix-socket "$BATS_TEST_TMPDIR/socket" --count 10 \
        --expect $'GET /path HTTP/1.1\r\nHost: name\r\n'
    ended_with 0
    holds '$s.requests == 10'
}

@test "load: IPv6" {
    start_odd --ipv6 peer || skip "no ::1"
    url="http://[::1]:$port/"
    run_load --count 10 --expect ::1
    ended_with 0
    holds '$s.requests == 10'
    run_load --count 10 --sources ::1
    ended_with 0
}

# ---- requests and answers ----

@test "load: the request is what the options say" {
    start_odd echo
    echo -n "from a file" >"$BATS_TEST_TMPDIR/body"
    # expects TEXT OPTIONS...: it is in the request, which the server sends back
    expects() {
        run_load --count 5 --expect "$@"
        ended_with 0
    }
    expects $'GET / HTTP/1.1\r\n'
    expects $'\r\nHost: 127.0.0.1:'"$port"$'\r\n'
    expects $'\r\nConnection: close\r\n'
    expects $'\r\nConnection: keep-alive\r\n' --requests-per-connection 0
    expects $'DELETE / HTTP/1.1\r\n' --method DELETE
    expects $'\r\nX-One: 1\r\n' --header "X-One: 1" --header "X-Two: 2"
    expects $'\r\nX-Two: 2\r\n' --header "X-One: 1" --header "X-Two: 2"
    expects $'\r\nHost: other\r\n' --header "Host: other"
    expects $'POST / HTTP/1.1\r\n' --body hello
    expects $'\r\nContent-Length: 5\r\n' --body hello
    expects $'\r\n\r\nhello' --body hello --method PUT
    expects $'\r\n\r\nfrom a file' --body "@$BATS_TEST_TMPDIR/body" --requests-per-connection 5
    url="http://127.0.0.1:$port/a/b?c=d"
    expects $'GET /a/b?c=d HTTP/1.1\r\n'
}

@test "load: a body that is longer than the socket's buffer" {
    start_odd ok
    head -c 3000000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/body"
    run_load --count 5 --connections 2 --body "@$BATS_TEST_TMPDIR/body" --requests-per-connection 0
    ended_with 0
    holds '$s.requests == 5'
}

@test "load: what is expected is found across two pieces" {
    start_odd split
    run_load --count 10 --expect "Hello, world" --expect-length 13
    ended_with 0
    holds '$s.requests == 10'
}

@test "load: an answer to HEAD, and one with 204, has no body, whatever its length says" {
    start_odd ok
    run_load --method HEAD --count 20 --requests-per-connection 10
    ended_with 0
    holds '$s.requests == 20 and $errors == 0'
    stop_server
    start_odd status 204
    run_load --count 20 --requests-per-connection 10
    ended_with 0
    holds '$s.requests == 20 and $errors == 0'
}

# ---- errors ----

@test "load: each kind of error is counted as what it is" {
    while read -r kind options behaviour; do
        start_odd $behaviour
        run_load --connections 2 --count 4 --timeout 150ms ${options//_/ }
        echo "$behaviour $options"
        ended_with 1
        only_errors $kind 4
        holds ".errors.$kind.first != null and \$s.requests == 0 and \$s.verdict == \"errors\""
        [[ "$output" == "load: $url: $kind errors: 4, the first: "* ]] && [ "${#lines[@]}" -eq 1 ]
        stop_server
    done <<'END'
connect_timeout _ full
read_reset _ reset
read_timeout _ silent
read_timeout _ trickle
read_timeout _ endless-body
read_short _ close
read_short _ short
status _ status 404
status _ status 304
malformed _ garbage
malformed _ long
malformed _ endless-headers
body --expect_nosuch ok
body --expect-length_14 ok
body --expect-length_12 split
END
}

@test "load: errors that are connect's" {
    run_load --connections 2 --count 4
    ended_with 1
    only_errors connect_refused 4
    [[ "$output" == *"connect_refused errors: 4, the first: Connection refused"* ]]
    run_load --connections 2 --count 4 --unix-socket "$BATS_TEST_TMPDIR/nosuch"
    ended_with 1
    only_errors connect_other 4
}

@test "load: the sums of the errors are those of their kinds" {
    start_odd by-turns
    run_load --count 30
    ended_with 3
    holds '$s.requests == 10 and .errors.status.count == 10 and .errors.read_short.count == 10'
    holds '$s.errors_status == 10 and $s.errors_read == 10 and $s.errors_connect == 0'
    holds '$s.errors_timeout == 0 and $s.verdict == "errors"'
    [ "$(grep '^load: ' <<<"$output" | cut -d, -f1)" = \
        "load: $url: read_short errors: 10"$'\n'"load: $url: status errors: 10" ]
    run_load --rate 300 --duration 300ms
    ended_with 3
    nothing_is_lost
    run_load --rate 300 --duration 300ms --requests-per-connection 0 --threads 2
    ended_with 3
    nothing_is_lost
}

@test "load: nothing of what never ends is lost" {
    start_odd silent
    run_load --rate 100 --duration 500ms --timeout 100ms
    ended_with 1
    nothing_is_lost
    holds '.errors.read_timeout.count > 0 and $s.requests == 0'
    run_load --connections 4 --duration 200ms
    ended_with 1
    [ "${#lines[@]}" -eq 1 ]
    holds '$s.censored == 4 and $errors == 0'
}

@test "load: a target that refuses is one line, status 1, at once" {
    for options in "" "--rate 100" "--threads 2"; do
        run timeout 5 "$build/bin/load" --duration 60s $options http://127.0.0.1:1/
        failed_in_one_line 1
        [[ "$output" == *"connect_refused errors: "*"Connection refused"* ]]
    done
}

# ---- the end ----

@test "load: it ends when it is told to, and says what there was" {
    start_odd ok
    for signal in INT TERM; do
        "$build/bin/load" --duration 60s --json "$json" --rate 100 "$url" >/dev/null 2>&1 3>&- &
        load_pid=$!
        sleep 0.5
        kill -$signal $load_pid
        timeout 2 tail -s 0.1 --pid=$load_pid -f /dev/null
        status=0
        wait $load_pid || status=$?
        [ "$status" -eq 3 ] || [ "$status" -eq 1 ]
        holds '$s.requests > 0 and $s.window_s < 10'
        nothing_is_lost
    done
}

@test "load: a server that dies does not hold it up" {
    start_odd ok
    (sleep 0.2; kill -KILL "$server_pid") 3>&- &
    run_load --duration 500ms --requests-per-connection 0
    ended_with 3
    holds '$s.requests > 0 and $errors > 0'
}

# ---- wrong words, and what is not there ----

@test "load: it loads this machine only, unless told" {
    for host in 192.0.2.1 '[2001:db8::1]'; do
        run "$build/bin/load" "http://$host/"
        failed_in_one_line 2
        [[ "$output" == *"--allow-remote"* ]]
    done
}

@test "load: a host that is not known is one line" {
    RES_OPTIONS="timeout:1 attempts:1" run timeout 10 "$build/bin/load" http://nosuch.invalid/
    failed_in_one_line 2
    [[ "$output" == *"nosuch.invalid"* ]]
}

@test "load: wrong words are one line and status 2" {
    at=http://127.0.0.1:1/
    while IFS= read -r words; do
        eval "run timeout 5 \"$build/bin/load\" $words"
        echo "words: $words"
        failed_in_one_line 2
    done <<'END'

one two
--nosuch $at
ftp://127.0.0.1/
http:///x
'http://[::1'
http://127.0.0.1:0/
http://127.0.0.1:65536/
http://127.0.0.1:x/
"http://127.0.0.1:1/a b"
$'http://127.0.0.1:1/a\r\nX: y'
--connections 0 $at
--connections many $at
--duration 5 $at
--duration -1s $at
--duration nans $at
--duration 1s --count 5 $at
--count 0 $at
--timeout 0s $at
--rate 0 $at
--rate -5 $at
--rate 10 --burst 5 --every 1s $at
--rate 10 --connections 5 $at
--rate 10 --think 1ms $at
--burst 5 --every 1s --connections 5 $at
--burst 5 $at
--every 1s $at
--arrivals poisson $at
--arrivals nosuch --rate 5 $at
--max-open 5 $at
--max-open 0 --rate 5 $at
--think 5 $at
--mix short:1 --requests-per-connection 2 $at
--mix short $at
--mix short:0 $at
--mix short:1:x $at
--mix short:1:1:1 $at
--mix short:1:1:1s:1 $at
--mix nosuch:1 $at
--mix short:1,short:2 $at
--mix short:1, $at
--mix :1:1 $at
--mix a:1:1,b:1:1,c:1:1,d:1:1,e:1:1,f:1:1,g:1:1,h:1:1,i:1:1 $at
--threads 0 $at
--threads 257 $at
--threads 2 --connections 1 $at
--cpus 9999 $at
--cpus x $at
--sources nosuch $at
--sources 127.0.0.0/33 $at
--sources 127.0.0.0/x $at
--sources ::1 $at
--sources 192.0.2.1 $at
--sources 127.0.0.1 --unix-socket /nosuch $at
--close nosuch $at
--seed x $at
--method "G T" $at
--method $'GET\r\nX:' $at
--method "" $at
--header NoColon $at
--header ": value" $at
--header "Connection: close" $at
--header "content-length: 5" $at
--header "Transfer-Encoding: chunked" $at
--header $'A: b\r\nC: d' $at
--expect "" $at
--expect "$(printf %0300d 0)" $at
--expect-length -1 $at
--unix-socket "$(printf /%0200d 0)" $at
--percentiles 101 $at
--percentiles 0,x $at
--percentiles -1 $at
--percentiles "" $at
--percentiles 50, $at
--count 50 --percentiles 99 $at
END
}

@test "load: more connections than descriptors is one line before anything is sent" {
    run bash -c "ulimit -n 100; '$build/bin/load' --connections 1000 http://127.0.0.1:1/"
    failed_in_one_line 1
    [[ "$output" == *"ulimit -"* ]]
    run bash -c "ulimit -n 100; '$build/bin/load' --rate 10 --max-open 1000 http://127.0.0.1:1/"
    failed_in_one_line 1
}

@test "load: a file that cannot be written, or read, is known before the time is spent" {
    for option in json histogram histograms timeline; do
        run timeout 5 "$build/bin/load" --duration 60s --$option /proc/nosuch/x http://127.0.0.1:1/
        failed_in_one_line 1
        [[ "$output" == *"/proc/nosuch/x"* ]]
    done
    run timeout 5 "$build/bin/load" --body @/proc/nosuch/x http://127.0.0.1:1/
    failed_in_one_line 1
}

@test "load: a full disk is one line and status 1" {
    start_odd ok
    for option in json histogram timeline; do
        run timeout 10 "$build/bin/load" --count 10 --$option /dev/full "$url"
        [ "$status" -eq 1 ]
        [[ "$(grep '^load: ' <<<"$output")" == *"/dev/full: No space left"* ]]
    done
    mkdir "$BATS_TEST_TMPDIR/full"
    ln -s /dev/full "$BATS_TEST_TMPDIR/full/connect.hgrm"
    run timeout 10 "$build/bin/load" --count 10 --histograms "$BATS_TEST_TMPDIR/full" "$url"
    [ "$status" -eq 1 ]
    [[ "$output" == *"No space left"* ]]
    run bash -c "timeout 10 '$build/bin/load' --count 10 '$url' >/dev/full"
    failed_in_one_line 1
}
