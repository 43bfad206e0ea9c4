#!/usr/bin/env bats
# load on the command line, with `odd` (odd.c), a server that misbehaves on purpose, and with the suite's servers.
# Counts, order and arithmetic are checked, never speed.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

bats_require_minimum_version 1.5.0

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

# run_load OPTIONS...: at $url, with a timeout of 30 seconds; the result is in $json
run_load() {
    run timeout 30 "$build/bin/load" --json="$json" "$@" "$url"
}

# Output of the last run_load, for tests that fail.
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

# Errors of one kind only, and how many.
only_errors() {
    holds ".errors.$1.count == $2 and \$errors == $2"
}

nothing_is_lost() {
    holds '$s.intended == $s.requests + $errors + $s.censored + $s.not_started'
}

# stop_and_go SECONDS: stops the server for that time, 0.3 s from now
stop_and_go() {
    (
        sleep 0.3
        kill -STOP "$server_pid"
        sleep "$1"
        kill -CONT "$server_pid"
    ) 3>&- &
}

# ---- output ----

@test "load: the table and the JSON agree, and the histogram has every request" {
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

@test "load: rates use the measured window length, not the requested one" {
    start_odd ok
    local before after
    before=$(date +%s%N)
    run_load --duration 200ms
    after=$(date +%s%N)
    ended_with 0
    holds "\$s.window_s >= 0.2 and \$s.window_s * 1e9 <= $((after - before))"
    holds '$s.throughput_rps - $s.requests / $s.window_s | fabs < 1'
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

@test "load: each phase's histogram has as many samples as the JSON reports" {
    start_odd delay 5
    run_load --rate 400 --duration 250ms --histograms "$BATS_TEST_TMPDIR"
    ended_with 0
    for phase in latency from_send send_lag connect first_byte; do
        grep -q "Total count *= *$(field ".phases.$phase.count")\]" "$BATS_TEST_TMPDIR/$phase.hgrm"
    done
    holds '.phases.latency.count == $s.requests and .phases.from_send.count == $s.requests'
    holds '.phases.connect.count == $s.conns'
    run_load --count 10 --histograms "$BATS_TEST_TMPDIR/closed" # a directory that is not there yet
    [ -s "$BATS_TEST_TMPDIR/closed/latency.hgrm" ]
    [ ! -e "$BATS_TEST_TMPDIR/closed/send_lag.hgrm" ]
}

@test "load: the rows of the timeline add up" {
    start_odd by-turns
    run_load --rate 900 --duration 500ms --timeline "$BATS_TEST_TMPDIR/t.csv"
    ended_with 3
    [ "$(head -n 1 "$BATS_TEST_TMPDIR/t.csv")" = \
        t_s,throughput_rps,latency_p50_us,latency_p99_us,latency_max_us,errors,not_started,in_flight ]
    [ "$(sed -n '2,6s/,.*//p' "$BATS_TEST_TMPDIR/t.csv" | xargs)" = "0.0 0.1 0.2 0.3 0.4" ]
    errors=$(awk -F, 'NR > 1 { n += $6 } END { print n }' "$BATS_TEST_TMPDIR/t.csv")
    # each row covers a tenth of a second, the last one the rest of the window
    requests=$(awk -F, -v window="$(field .summary.window_s)" 'NR > 1 { left = window - $1
        n += $2 * (left < 0.1 ? left : 0.1) } END { print n }' "$BATS_TEST_TMPDIR/t.csv")
    holds "\$errors == $errors and (\$s.requests - $requests | fabs) <= 3"
    # a row of some microseconds would be meaningless
    rows=$(($(wc -l <"$BATS_TEST_TMPDIR/t.csv") - 1))
    holds "\$s.window_s * 10 - $rows | fabs <= 1"
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

@test "load: requests in flight at the end are censored" {
    start_odd first 4
    # much longer than four responses take, also on a busy machine
    run_load --connections 4 --duration 2s
    ended_with 0
    holds '$s.requests == 4 and $s.censored == 4 and $errors == 0'
}

@test "load: requests in flight at the end of the warm-up belong to the window" {
    # No response arrives in the warm-up, unless the client is half a second late at its end.
    start_odd delay 500
    run_load --rate 200 --warmup 500ms --duration 500ms
    holds '$s.intended == 100 and $s.requests + $s.censored + $s.not_started - $s.intended >= 5'
    run_load --warmup 200ms --count 30
    holds '$s.requests == 30'
}

@test "load: a percentile that depends on requests in flight at the end is a lower bound" {
    start_odd first 100
    # All are due at the same time, so those in flight at the end have waited longer than any response took.
    run_load --burst 200 --every 500ms --duration 999ms --percentiles 10,90,99
    nothing_is_lost
    holds '$s.requests == 100 and $s.censored + $s.not_started == 100'
    holds '[.phases.latency.percentiles[].is_lower_bound] == [false, true, true]'
}

# ---- closed and open loop ----

@test "load: a connection sends nothing during its think time" {
    start_odd ok
    for k in 1 0; do
        run_load --connections 1 --think 20ms --duration 250ms --requests-per-connection $k
        ended_with 0
        holds '$s.requests >= 2 and ($s.requests - 1) * 0.02 <= $s.window_s'
        [ $k -eq 1 ] || holds '$s.conns == 1'
    done
}

# stands_still_at_first RATE...: stops the server for at least 0.3 seconds from the start of a load, which takes a second
stands_still_at_first() {
    kill -STOP "$server_pid"
    "$build/bin/load" --json="$json" --duration 1s "$@" "$url" >/dev/null 2>&1 3>&- &
    load_pid=$!
    wait_until eval 'ls -l "/proc/$load_pid/fd" | grep -q socket'
    sleep 0.3
    kill -CONT "$server_pid"
    wait $load_pid || [ $? -eq 3 ]
    load_pid=
}

@test "load: in an open loop a server that was stopped adds to the latency of all requests that were due meanwhile" {
    start_odd ok
    stands_still_at_first --rate 200 --percentiles 80
    nothing_is_lost
    # in 250 of 1000 ms, arrivals take longer than 50 ms
    holds '.phases.latency.percentiles[0].us > 50000'
    holds '.phases.latency.max_us > 200000'
}

# bats test_tags=slow
@test "load: in an open loop a server that stops in between adds only to the latency of requests due meanwhile" {
    start_odd ok
    stop_and_go 0.3
    run_load --rate 200 --duration 1s --percentiles 60,90
    nothing_is_lost
    # in 250 of 1000 ms, arrivals take longer than 50 ms
    holds '.phases.latency.percentiles | .[0].us < 50000 and .[1].us > 50000'
    holds '.phases.latency.max_us > 200000 and .phases.send_lag.max_us < .phases.latency.max_us'
}

# bats test_tags=slow
@test "load: in a closed loop only the waiting connections are affected" {
    start_odd ok
    stop_and_go 0.3
    run_load --connections 4 --think 5ms --duration 1s --percentiles 98
    holds '$s.requests > 200 and .phases.latency.percentiles[0].us < 50000'
    holds '.phases.latency.max_us > 200000'
}

@test "load: an open loop makes as many requests as were due" {
    start_odd ok
    run_load --rate 200 --duration 248ms
    ended_with 0
    nothing_is_lost
    holds '$s.intended == 50 and $s.rate_offered == 200 and $s.load == "open-constant"'
    run_load --rate 1000 --arrivals poisson --count 150
    ended_with 0
    holds '$s.requests == 150 and $s.load == "open-poisson" and .phases.send_lag.count == 150'
    run_load --burst 20 --every 50ms --duration 225ms
    ended_with 0
    nothing_is_lost
    holds '$s.intended == 80 and $s.rate_offered == 400 and $s.load == "open-burst"'
}

@test "load: requests due at the end of the window do not belong to it" {
    start_odd ok
    run_load --rate 200 --duration 250ms
    nothing_is_lost
    holds '$s.intended == 50'
}

@test "load: the same seed gives the same schedule, for any number of threads" {
    start_odd ok
    # requests due by the end of the window are counted, however late the end was noticed
    arrivals() {
        run_load --rate 200 --arrivals poisson --duration 200ms "$@"
        nothing_is_lost
        field .summary.intended
    }
    first=$(arrivals --seed 6)
    [ "$(arrivals --seed 6)" -eq "$first" ]
    [ "$(arrivals --seed 6 --threads 2)" -eq "$first" ]
    [ "$(arrivals --seed 7)" -ne "$first" ]
}

# Two connections and 20 ms per response give at most 100 a second; the machine may be slower.
@test "load: a rising rate has its knee where the server no longer keeps up" {
    start_odd delay 20
    for threads in 1 2; do
        run_load --rate 40..400 --ramp 2s --warmup 100ms --max-open 2 --threads $threads
        [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || explain "status"
        # at most two requests of the warm-up are answered in the window
        holds '$s.requests + $errors + $s.censored + $s.not_started - $s.intended | . >= 0 and . <= 2'
        holds '$s.window_s >= 2 and $s.rate_offered == 220 and ($s.intended - 440 | fabs) <= 1'
        holds '(.slices | length) == 20 and ([.slices[].due] | add) == $s.intended'
        holds '([.slices[].requests] | add) == $s.requests and .knee.bends'
        holds '[.slices[] | select(.begin_s >= 1) | .reached_rps <= 130 and (.holds | not)] | all'
        holds '[.slices[].due] | . == sort'
        grep -q '^knee: ' <<<"$output"
        [ "$(grep -c '^[012]\.[0-9][0-9] ' <<<"$output")" -eq 20 ]
    done
}

@test "load: the arrivals of a rising rate follow from the seed" {
    start_odd ok
    for threads in 1 2; do
        run_load --rate 100..900 --ramp 500ms --arrivals poisson --seed 7 --threads $threads
        nothing_is_lost
        field '[.slices[].due]' >"$BATS_TEST_TMPDIR/due.$threads"
    done
    cmp "$BATS_TEST_TMPDIR/due.1" "$BATS_TEST_TMPDIR/due.2"
    run_load --rate 100 --duration 100ms
    holds '.slices == [] and .knee == {}'
    ! grep -q knee <<<"$output" || explain "a knee of a constant rate"
}

@test "load: arrivals that --max-open delays are counted" {
    # All connections are in use long before the window ends, even if client or server is a second late.
    start_odd silent
    run_load --rate 25 --duration 1990ms --max-open 10
    ended_with 1
    [ "${#lines[@]}" -eq 1 ]
    nothing_is_lost
    holds '$s.intended == 50 and $s.censored == 10 and $s.not_started == 40 and $s.max_open == 10'
    stop_server
    start_odd first 5
    run_load --rate 25 --duration 1990ms --max-open 5
    ended_with 3
    nothing_is_lost
    holds '$s.intended == 50 and $s.requests == 5 and $s.censored == 5 and $s.not_started == 40 and $s.verdict == "short-of-rate"'
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
    cpus=$(allowed_cpus)
    first=$(head -n 1 <<<"$cpus") last=$(tail -n 1 <<<"$cpus")
    [ "$first" != "$last" ] || skip "one CPU"
    start_odd ok
    "$build/bin/load" --threads 2 --cpus "$first,$last" --duration 60s "$url" >/dev/null 2>&1 3>&- &
    load_pid=$!
    wait_until eval '[ "$(cat /proc/$load_pid/task/*/status 2>/dev/null | sed -n "s/^Cpus_allowed_list:.//p" | xargs)" = "$first $last" ]'
}

# ---- connections ----

@test "load: K requests share one connection" {
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

@test "load: the requests of each class in a mix are on the connections of that class" {
    start_odd ok
    run_load --mix few:3:1,many:1:5:10ms --count 300
    ended_with 0
    holds '[.classes[].class] == ["few", "many"]'
    holds '([.classes[].requests] | add) == $s.requests and ([.classes[].conns] | add) == $s.conns'
    holds '.classes | .[0].requests == .[0].conns and .[1].requests <= .[1].conns * 5'
    holds '.classes | .[0].conns > .[1].conns and .[1].requests > .[1].conns * 2'
    run_load --mix few:3:1,many:1:5:10ms --rate 1000 --duration 250ms
    ended_with 0
    nothing_is_lost
    holds '([.classes[].requests] | add) == $s.requests'
}

@test "load: URLs of a file are requested by their weights, and counted" {
    start_odd echo
    printf '# a mix\n70 /a\n\n20 /b?x=1#f\r\n10 http://127.1:%s/c"\n' "$port" \
        >"$BATS_TEST_TMPDIR/urls"
    for threads in 1 3; do
        run_load --urls "$BATS_TEST_TMPDIR/urls" --rate 2000 --duration 300ms --threads $threads --seed 5
        nothing_is_lost
        holds '[.urls[].url] == ["/a", "/b?x=1", "http://127.1:'"$port"'/c\""]'
        holds '[.urls[].weight] == [70, 20, 10] and ([.urls[].requests] | add) == $s.requests'
        holds '[.urls[] | .latency_p50_us > 0] | all'
    done
    # A closed loop makes exactly the requested number: with the seed, counts are known.
    for i in 1 2; do
        run_load --urls "$BATS_TEST_TMPDIR/urls" --count 600 --connections 3 --requests-per-connection 0
        ended_with 0
        field '[.urls[].requests]' >"$BATS_TEST_TMPDIR/counts.$i"
    done
    cmp "$BATS_TEST_TMPDIR/counts.1" "$BATS_TEST_TMPDIR/counts.2"
    holds '([.urls[].requests] | add) == 600 and .urls[0].requests > .urls[1].requests'
    [ "$(grep -A3 '^URL  .* requests ' <<<"$output" | awk 'NR > 1 { n += $2 } END { print n }')" -eq 600 ]
}

@test "load: the request is that of the URL, and so is the error" {
    start_odd echo
    printf '1 /a\n1 http://127.1:%s/b\n' "$port" >"$BATS_TEST_TMPDIR/urls"
    run_load --urls "$BATS_TEST_TMPDIR/urls" --count 40 --expect "GET /a HTTP/1.1"$'\r\n'"Host: 127.0.0.1:$port"
    ended_with 3
    holds '.urls[0].errors == 0 and .urls[0].requests == $s.requests and .urls[1].requests == 0'
    holds '.urls[1].errors == $errors and .urls[1].errors == .errors.body.count'
    run_load --urls "$BATS_TEST_TMPDIR/urls" --count 40 --expect "GET /b HTTP/1.1"$'\r\n'"Host: 127.1:$port"
    ended_with 3
    holds '.urls[0].errors == $errors and .urls[1].requests == $s.requests'
    stop_server
    start_odd status 404
    printf '1 /a\n1 /b\n' >"$BATS_TEST_TMPDIR/urls"
    run_load --urls "$BATS_TEST_TMPDIR/urls" --count 40
    ended_with 1
    [[ "$output" == *"status 404 of "* ]]
}

# Other cases: tests/unit/test_urls.c
@test "load: an invalid file of URLs is one line with the line's number" {
    while read -r line words; do
        printf '1 /\n%s\n' "$line" | tr _ ' ' >"$BATS_TEST_TMPDIR/urls"
        run "$build/bin/load" --urls "$BATS_TEST_TMPDIR/urls" http://127.0.0.1:1/
        failed_in_one_line 2
        [[ "$output" == "load: $BATS_TEST_TMPDIR/urls:2: "*"$words"* ]]
    done <<'END'
/a weight
1_/a_/b unexpected text
1_http://127.0.0.1:2/ not on the server
1_http://me:secret@127.0.0.1:1/ URL '127.0.0.1:1/': the user
END
    run "$build/bin/load" --urls /dev/zero http://127.0.0.1:1/
    failed_in_one_line 2
    run "$build/bin/load" --urls "$BATS_TEST_TMPDIR/nosuch" http://127.0.0.1:1/
    failed_in_one_line 1
}

@test "load: a connection that the server closed while it was idle is no error" {
    start_odd close-idle 1
    run_load --connections 1 --count 4 --think 100ms --requests-per-connection 0
    ended_with 0
    holds '$s.requests == 4 and $s.conns == 4'
    run_load --connections 2 --count 10 --mix held:1:1:60ms
    ended_with 0
    holds '$s.requests == 10'
}

@test "load: a request on a kept connection that the server closed is retried, once, and counted" {
    local how
    for how in "once 0" once-reset; do
        start_odd $how
        run_load --connections 1 --count 6 --requests-per-connection 0
        ended_with 0
        holds '$s.requests == 6 and $s.conns == 6 and $s.retried == 5 and $errors == 0 and $s.verdict == "ok"'
        grep -q '; retried after a keep-alive connection was closed: 5$' <<<"$output"
        run_load --connections 1 --count 6 --requests-per-connection 0 --no-retry
        ended_with 3
        holds '$s.requests == 3 and $errors == 3 and $s.retried == 0'
        stop_server
    done
    start_odd once 0
    # not for every method: two POSTs may be two orders
    run_load --connections 1 --count 6 --requests-per-connection 0 --method POST
    ended_with 3
    holds '$s.retried == 0'
    only_errors read_short 3
    run_load --connections 1 --count 6 --requests-per-connection 0 --method PUT --body x
    ended_with 0
    holds '$s.requests == 6 and $s.retried == 5'
    # with a new connection per request nothing is retried
    run_load --count 6
    holds '$s.requests == 6 and $s.retried == 0'
    stop_server
    start_odd first-close 1
    run_load --connections 1 --count 4 --requests-per-connection 0
    ended_with 3
    holds '$s.requests == 1 and $s.retried == 1'
    only_errors read_short 3
}

@test "load: the latency of a retried request counts from when it was due" {
    start_odd once 50
    # all except the first are retried, after 50 ms; each has a connection of its own
    for k in "--connections 1 --count 5" "--rate 10 --count 5"; do
        run_load $k --requests-per-connection 0
        ended_with 0
        holds '$s.requests == 5 and $s.conns == 5 and $s.retried >= 1 and $s.retried <= 4'
        holds '.phases | .latency.mean_us - .connect.mean_us >= 49900 * $s.retried / 5'
        holds '.phases | .first_byte.mean_us - .connect.mean_us >= 49900 * $s.retried / 5'
    done
    nothing_is_lost
    # the timeout includes both attempts
    stop_server
    start_odd once 300
    run_load --connections 1 --count 2 --requests-per-connection 0 --timeout 200ms
    ended_with 3
    only_errors read_timeout 1
    holds '$s.retried == 0'
    # threads are added up
    stop_server
    start_odd once 0
    run_load --threads 2 --connections 2 --count 8 --requests-per-connection 0
    holds '$s.requests == 8 and $s.retried == 6'
}

# in_own_network SCRIPT ARGUMENTS...: sh with a loopback that has no other ports or TIME_WAITs
in_own_network() {
    command -v ip >/dev/null && unshare -n true 2>/dev/null || skip "needs ip(8) and a network of its own"
    run timeout 30 unshare -n sh -c "ip link set lo up; $1" sh "${@:2}" 3>&-
}

# bats test_tags=root
@test "load: RST leaves no TIME_WAIT, FIN does" {
    # after the server has closed its ends
    in_own_network '
        build=$1 dir=$2
        for server in stay ok; do
            "$build/tests/odd" $server >"$dir/$server" &
            until [ -s "$dir/$server" ]; do sleep 0.02; done
            port=$(sed "s/.*port=\([0-9]*\).*/\1/" "$dir/$server")
            for how in rst fin; do
                "$build/bin/load" --close $how --count 20 --json="$dir/load.json" "http://127.0.0.1:$port/" >/dev/null
                until [ -z "$(ss -Htan state connected exclude time-wait "sport = :$port")" ]; do sleep 0.02; done
                echo "$server $how $? $(ss -Htan state time-wait "dport = :$port or sport = :$port" | wc -l)"
            done
            kill $!
        done' "$build" "$BATS_TEST_TMPDIR"
    echo "$output"
    [ "${lines[0]}" = "stay rst 0 0" ]
    [ "${lines[1]}" = "stay fin 0 20" ]
    [ "${lines[2]}" = "ok rst 0 0" ]
    # the side that closes first has it; both do, if the FINs cross
    [[ "${lines[3]}" == "ok fin 0 "* ]]
    [ "${lines[3]##* }" -ge 20 ]
    [ "${lines[3]##* }" -le 40 ]
    # load checks at its end, when the last of them may still be in flight
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

# few_ports BEHAVIOUR...: like run_load, with 16 ports, one of them the server's
few_ports() {
    in_own_network '
        echo 40000 40015 >/proc/sys/net/ipv4/ip_local_port_range
        build=$1 dir=$2
        shift 2
        "$build/tests/odd" "$@" >"$dir/ready" &
        until [ -s "$dir/ready" ]; do sleep 0.02; done
        "$build/bin/load" --connections 40 --count 200 --close rst --json="$dir/load.json" \
            "http://127.0.0.1:$(sed "s/.*port=\([0-9]*\).*/\1/" "$dir/ready")/"
        status=$?
        kill $!
        exit $status' "$build" "$BATS_TEST_TMPDIR" "$@"
}

# bats test_tags=root
@test "load: exhausted ports are reported, and not as an error of the server" {
    few_ports delay 5
    ended_with 3
    holds '$s.requests > 0 and $s.verdict == "ports" and .errors.ports.count + $s.requests == 200'
}

# bats test_tags=root
@test "load: if ports are exhausted before the first response, the other connections continue" {
    few_ports delay 100
    ended_with 3
    holds '$s.requests > 0 and $s.verdict == "ports" and .errors.ports.count + $s.requests == 200'
}

@test "load: connections that the event queue rejects fail, and the others continue" {
    start_odd ok
    run timeout 30 "$build/tests/deny" epoll_ctl "$build/bin/load" --connections 40 --count 200 \
        --json="$BATS_TEST_TMPDIR/load.json" "$url" 3>&-
    ended_with 3
    holds '$s.requests > 0 and .errors.ports.count > 0 and .errors.ports.count + $s.requests == 200'
    [[ "$output" == *"ports errors: "*"the first: epoll_ctl: No space left on device"* ]]
}

# bats test_tags=root
@test "load: an unreachable address is not reported as exhausted ports" {
    in_own_network '
        echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 || exit 77
        "$1/bin/load" --duration 20s --json="$2/load.json" "http://[::1]:1/"' "$build" "$BATS_TEST_TMPDIR"
    [ "$status" -ne 77 ] || skip "no IPv6"
    failed_in_one_line 1
    holds '.errors.ports.count == 0 and .errors.connect_other.count == $errors'
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
    grep -q "^0\{31\}1 " /proc/net/if_inet6 2>/dev/null || skip "no ::1"
    start_odd --ipv6 peer
    url="http://[::1]:$port/"
    run_load --count 10 --expect ::1
    ended_with 0
    holds '$s.requests == 10'
    run_load --count 10 --sources ::1
    ended_with 0
}

# ---- targets ----

@test "load: addresses of this machine, in every notation" {
    start_odd echo
    local authority
    for authority in 0.0.0.0 127.1 '[::ffff:127.0.0.1]' '[::ffff:0.0.0.0]'; do
        url=http://$authority:$port/
        run_load --count 5 --expect "Host: $authority:$port"
        ended_with 0
        holds '$s.address | IN("127.0.0.1", "0.0.0.0")'
    done
    url=HTTP://127.0.0.1:$port/
    run_load --count 5
    ended_with 0
    # an address of another machine, to which nothing is sent
    url="http://[::ffff:192.0.2.1]:$port/"
    run_load --count 5
    ended_with 2
}

@test "load: a user in the URL is sent as by curl, and not printed" {
    start_odd echo
    url=http://me:secret@127.0.0.1:$port/path
    run_load --count 5 --expect $'\r\nAuthorization: Basic bWU6c2VjcmV0\r\n'
    ended_with 0
    run_load --count 5 --expect $'GET /path HTTP/1.1\r\nHost: 127.0.0.1:'"$port"$'\r\n'
    ended_with 0
    run_load --count 5 --expect $'\r\nauthorization: mine\r\n' --header "authorization: mine"
    ended_with 0
    run_load --count 5 --expect secret
    ended_with 1
    [[ "$output" == "load: http://127.0.0.1:$port/path: "* ]]
    [[ "$output" != *secret* ]]
}

@test "load: options may follow the URL" {
    start_odd ok
    run timeout 30 "$build/bin/load" "$url" --count 7 --json
    ended_with 0
    [ "$(jq .summary.requests <<<"$output")" -eq 7 ]
    run timeout 30 "$build/bin/load" --count 7 "$url" "$url"
    failed_in_one_line 2
}

@test "load: --json is standard output, or a file after =" {
    start_odd ok
    run timeout 30 "$build/bin/load" --json --count 5 "$url"
    [ "$(jq .summary.requests <<<"$output")" -eq 5 ]
    run timeout 30 "$build/bin/load" --json="$json" --count 5 "$url"
    [ "$status" -eq 0 ]
    [[ "$output" == "5 requests on "* ]]
    holds '$s.requests == 5'
    # the old form, for one release
    rm "$json"
    run --separate-stderr timeout 30 "$build/bin/load" --json "$json" --count 6 "$url"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"write --json=$json" ]]
    holds '$s.requests == 6'
}

# hosts ADDRESS...: the addresses of the name `several`, in a file that can be mounted over /etc/hosts
hosts() {
    printf '%s several\n' "$@" >"$BATS_TEST_TMPDIR/hosts"
}

# resolved COMMAND...: with that file
resolved() {
    unshare -m true 2>/dev/null || skip "needs a mount namespace of its own"
    run timeout 30 unshare -m sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$BATS_TEST_TMPDIR/hosts" "$@" 3>&-
}

# bats test_tags=root
@test "load: of a name's addresses the first that accepts connections is used" {
    grep -q "^0\{31\}1 " /proc/net/if_inet6 2>/dev/null || skip "no ::1"
    start_odd ok
    local url=http://several:$port/
    hosts 127.0.0.1 ::1 # in the order of RFC 6724, whatever their order is here
    resolved "$build/bin/load" --count 5 --json="$json" "$url"
    ended_with 0
    holds '$s.requests == 5 and $s.address == "127.0.0.1"'
    [ "$(grep ^load: <<<"$output")" = "load: $url: ::1: Connection refused; using 127.0.0.1" ]
    grep -qxF 'address: 127.0.0.1, of ::1, 127.0.0.1' <<<"$output"
    hosts 127.0.0.1 127.0.0.2
    resolved "$build/bin/load" --count 5 --json="$json" "$url"
    ended_with 0
    holds '$s.address == "127.0.0.1"'
    [[ "$output" != *load:* ]]
    hosts 127.0.0.2 127.0.0.3
    resolved "$build/bin/load" --count 5 --json="$json" "$url"
    failed_in_one_line 1
    [[ "$output" == *"Connection refused"*"127.0.0.2, 127.0.0.3"* ]]
    # --sources have one address family; other hosts are not tried
    hosts ::1 127.0.0.1
    resolved "$build/bin/load" --count 5 --json="$json" --sources 127.0.0.7 "$url"
    ended_with 0
    hosts 127.0.0.2 192.0.2.1
    resolved "$build/bin/load" --count 5 "$url"
    failed_in_one_line 2
}

# ---- requests and responses ----

@test "load: the request has what the options specify" {
    start_odd echo
    echo -n "from a file" >"$BATS_TEST_TMPDIR/body"
    # expects TEXT OPTIONS...: it is in the request, which the server echoes
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

@test "load: a response that arrives before the request is complete counts" {
    local how
    head -c 8000000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/body"
    for how in refuse-body refuse-body-1.0; do
        start_odd $how
        for k in 1 0; do
            run_load --connections 2 --count 20 --body "@$BATS_TEST_TMPDIR/body" --requests-per-connection $k --expect-status 413
            ended_with 0
            holds '$s.requests == 20 and $s.conns == 20 and .statuses["4xx"] == 20'
        done
        stop_server
    done
}

@test "load: the expected text is found across two segments" {
    start_odd split
    run_load --count 10 --expect "Hello, world" --expect-length 13
    ended_with 0
    holds '$s.requests == 10'
}

@test "load: a response to HEAD, and one with 204, has no body, whatever its Content-Length is" {
    start_odd body
    run_load --method HEAD --count 20 --requests-per-connection 10
    ended_with 0
    holds '$s.requests == 20 and $errors == 0'
    stop_server
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

@test "load: unusually formatted responses are accepted" {
    local how conns
    while read -r how conns; do
        start_odd $how
        for k in 1 0; do
            run_load --connections 1 --count 6 --requests-per-connection $k --expect odd --expect-length 3
            ended_with 0
            holds '$s.requests == 6 and $errors == 0'
        done
        holds "\$s.conns == $conns"
        stop_server
    done <<'END'
folded 1
hints 1
trailers 1
until-end 6
END
}

@test "load: another protocol is counted as a status of its own, and ends the connection" {
    start_odd switch
    run_load --connections 1 --count 12 --requests-per-connection 0
    ended_with 1
    [ "${#lines[@]}" -eq 1 ]
    holds '.errors.status.count >= 10 and .errors.status.count == $errors and $s.conns == $errors'
    holds '.errors.status.first == "status 101"'
}

# ---- errors ----

@test "load: each kind of error is counted as such" {
    while read -r kind options behaviour; do
        start_odd $behaviour
        run_load --connections 2 --count 4 ${options//_/ }
        echo "$behaviour $options"
        ended_with 1
        only_errors $kind 4
        holds ".errors.$kind.first != null and \$s.requests == 0 and \$s.verdict == \"errors\""
        [[ "$output" == "load: $url: $kind errors: 4, the first: "* ]]
        [ "${#lines[@]}" -eq 1 ]
        stop_server
    done <<'END'
connect_timeout --timeout_100ms full
read_reset _ reset
read_timeout --timeout_100ms silent
read_timeout --timeout_100ms trickle
read_timeout --timeout_100ms endless-body
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

@test "load: responses are counted by status, and by its class" {
    local status_of class
    start_odd by-turns
    run_load --count 30
    holds '.statuses == {"1xx": 0, "2xx": 10, "3xx": 0, "4xx": 0, "5xx": 10, "other": 0}'
    grep -qxF 'answers: 2xx 10, 5xx 10' <<<"$output"
    grep -qxF 'status codes: 200 10, 500 10' <<<"$output"
    holds '.status_codes == {"200": 10, "500": 10}'
    stop_server
    while read -r status_of class; do
        start_odd status "$status_of"
        run_load --count 20 --expect-length 4
        ended_with 1
        [[ "$output" == *", the first: status $status_of; the server responds ($class "*"--expect-status" ]]
        [ "${#lines[@]}" -eq 1 ]
        [[ "$status_of" != 3* || "$output" == *"redirects are not followed"* ]]
        holds ".statuses[\"$class\"] == .errors.status.count and ([.statuses[]] | add) == \$errors"
        holds ".status_codes == {\"$status_of\": .errors.status.count}"
        stop_server
    done <<'END'
301 3xx
404 4xx
429 4xx
503 5xx
999 other
END
}

@test "load: --expect-status sets which statuses are no error" {
    local list
    start_odd status 404
    for list in 404 4xx 2xx,404 301,4xx; do
        run_load --count 10 --expect-status $list --requests-per-connection 0 --connections 1
        ended_with 0
        holds '$s.requests == 10 and $s.conns == 1 and .statuses["4xx"] == 10 and $s.verdict == "ok"'
    done
    run_load --count 10 --expect-status 404 --expect-length 5
    ended_with 1
    only_errors body 10
    run_load --count 10 --expect-status 2xx,405
    ended_with 1
    only_errors status 10
    stop_server
    start_odd ok
    run_load --count 10 --expect-status 404
    ended_with 1
    only_errors status 10
    stop_server
    start_odd switch
    run_load --count 10 --expect-status 101 --requests-per-connection 0 --connections 1
    ended_with 0
    holds '$s.requests == 10 and $s.conns == 10'
}

@test "load: errors of connect" {
    start_odd refuse
    run_load --connections 2 --count 4
    ended_with 1
    only_errors connect_refused 4
    [[ "$output" == *"connect_refused errors: 4, the first: Connection refused"* ]]
    run_load --connections 2 --count 4 --unix-socket "$BATS_TEST_TMPDIR/nosuch"
    ended_with 1
    only_errors connect_other 4
}

@test "load: the sums of the errors equal those of their kinds" {
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

@test "load: requests without an end are not lost" {
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

# ---- TLS ----

# start_tls OPTIONS...: `openssl s_server`, one connection at a time; sets server_pid, port and url. Its certificate, for
# localhost and 127.0.0.1, is in $certificate.
start_tls() {
    certificate=$BATS_TEST_TMPDIR/cert.pem
    [ -s "$certificate" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -keyout "$BATS_TEST_TMPDIR/key.pem" -out "$certificate" -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null || return 1
    rm -f "$BATS_TEST_TMPDIR/ready"
    (cd "$BATS_TEST_TMPDIR" && exec setsid openssl s_server -accept 127.0.0.1:0 -cert cert.pem -key key.pem "$@") \
        >"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/log" </dev/null 3>&- &
    server_pid=$!
    wait_until grep -q '^ACCEPT ' "$BATS_TEST_TMPDIR/ready" || return 1
    port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$BATS_TEST_TMPDIR/ready")
    url=https://127.0.0.1:$port/
}

@test "load: requests over TLS begin with a handshake, which is an interval of its own" {
    start_tls -www -alpn http/1.1
    run_load --cacert "$certificate" --connections 1 --count 10 --histograms "$BATS_TEST_TMPDIR"
    ended_with 0
    holds '$s.requests == 10 and $s.conns == 10 and $errors == 0 and .status_codes == {"200": 10}'
    holds '.tls.handshakes == 10 and .tls.resumed == 0 and .tls.alpn == "http/1.1"'
    holds '(.tls.version | startswith("TLSv1.")) and (.tls.cipher | length > 0)'
    holds '.phases.handshake.count == 10 and .phases.connect.count == 10'
    holds '.phases.handshake.max_us <= .phases.latency.max_us'
    [ -s "$BATS_TEST_TMPDIR/handshake.hgrm" ]
    grep -q '^TLS: 10 handshakes, of which 0 resumed' <<<"$output"
    run_load --cacert "$certificate" --rate 50 --duration 200ms
    ended_with 0
    holds '.phases.handshake.count >= $s.requests'
    nothing_is_lost
}

@test "load: a certificate must match the name in the URL" {
    getent hosts localhost >/dev/null || skip "localhost has no address here"
    start_tls -www
    url=https://localhost:$port/ run_load --cacert "$certificate" --rate 50 --duration 200ms
    ended_with 0
    holds '.phases.handshake.count >= $s.requests'
    nothing_is_lost
}

# The server's page shows whether its connection was resumed.
@test "load: TLS sessions are resumed only on request" {
    for version in -tls1_3 -tls1_2; do
        start_tls -www $version
        for close in fin rst; do
            run_load --insecure --connections 1 --count 10 --tls-resume on --expect Reused --close $close
            ended_with 3
            holds '.tls.handshakes == 10 and .tls.resumed == 9 and $s.requests == 9'
            only_errors body 1
        done
        run_load --insecure --connections 1 --count 10 --expect New
        ended_with 0
        holds '.tls.handshakes == 10 and .tls.resumed == 0'
        stop_server || true
    done
}

@test "load: a certificate that is not trusted is one line and status 1" {
    start_tls -www
    run_load --connections 1 --count 10
    ended_with 1
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *"tls errors: 10, the first: certificate refused: "*"--cacert and --insecure"* ]]
    holds '$errors == .errors.tls.count and $s.requests == 0 and .tls == {} and $s.errors_connect == $errors'
    url=https://127.0.0.2:$port/ run_load --connections 1 --count 10 --cacert "$certificate"
    ended_with 1
    run_load --connections 1 --count 10 --insecure
    ended_with 0
    for file in "$BATS_TEST_TMPDIR/nosuch" "$BATS_TEST_TMPDIR/key.pem"; do
        run "$build/bin/load" --cacert "$file" "$url"
        failed_in_one_line 1
        [[ "$output" == "load: cannot read certificates from $file: "* ]]
    done
    openssl req -x509 -key "$BATS_TEST_TMPDIR/key.pem" -days 2 -out "$BATS_TEST_TMPDIR/other.pem" -subj /CN=other.test
    stop_server || true
    start_tls -www -cert "$BATS_TEST_TMPDIR/other.pem"
    run_load --connections 1 --count 10 --cacert "$BATS_TEST_TMPDIR/other.pem"
    ended_with 1
    [[ "$output" == *"certificate refused: IP address mismatch"* ]]
}

@test "load: a server without TLS is one line" {
    start_server wakeone --workers 2
    url=https://127.0.0.1:$port/ run_load --connections 1 --count 10 --insecure
    ended_with 1
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *"tls errors: 10, the first: no TLS handshake: "* ]]
    stop_server
    start_odd silent
    url=https://127.0.0.1:$port/ run_load --connections 1 --count 4 --insecure --timeout 50ms
    ended_with 1
    only_errors connect_timeout 4
    [[ "$output" == *"no TLS handshake within the timeout"* ]]
    stop_server
    start_odd refuse
    url=https://127.0.0.1:$port/ run_load --connections 1 --count 4 --insecure
    ended_with 1
    only_errors connect_refused 4
}

# Without a length the body ends with the connection: with TLS only by close_notify. The server is killed
# while it reads the rest of the file.
@test "load: a response on a TLS connection that ends without close_notify is truncated" {
    mkfifo "$BATS_TEST_TMPDIR/file"
    start_tls -WWW
    exec 7<>"$BATS_TEST_TMPDIR/file"
    "$build/bin/load" --json="$json" --connections 1 --count 1 --insecure "${url}file" >/dev/null 2>&1 3>&- 7>&- &
    load_pid=$!
    head -c 200000 /dev/zero >&7 # more than the pipe holds
    kill -KILL "$server_pid"
    wait "$server_pid" || true
    server_pid=
    wait "$load_pid" && status=0 || status=$?
    load_pid=
    exec 7>&-
    ended_with 1
    only_errors read_short 1
    holds '.errors.read_short.first == "closed without a TLS close_notify" and $s.requests == 0'
}

@test "load: a response that ends with close_notify is complete" {
    start_tls -WWW
    head -c 200000 /dev/zero >"$BATS_TEST_TMPDIR/file"
    url=${url}file run_load --connections 1 --count 3 --insecure --expect-length 200000
    ended_with 0
    holds '$s.requests == 3'
}

# bats test_tags=slow
@test "load: TLS connections are kept by nginx" {
    local nginx
    nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || skip "nginx is not installed"
    start_tls -www # for the certificate
    stop_server || true
    cat >"$BATS_TEST_TMPDIR/nginx.conf" <<END
daemon off; pid nginx.pid; error_log nginx.log;
events { worker_connections 256; }
http {
    access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {
        listen unix:$BATS_TEST_TMPDIR/socket ssl; keepalive_requests 10;
        ssl_certificate cert.pem; ssl_certificate_key key.pem;
        location / { return 200 "hello"; }
    }
}
END
    setsid "$nginx" -p "$BATS_TEST_TMPDIR" -c nginx.conf >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
    server_pid=$!
    wait_until test -S "$BATS_TEST_TMPDIR/socket"
    url=https://localhost/ run_load --unix-socket "$BATS_TEST_TMPDIR/socket" --cacert "$certificate" \
        --connections 4 --count 400 --requests-per-connection 0 --expect-length 5 --threads 2
    ended_with 0
    holds '$s.requests == 400 and $s.conns <= 44 and .tls.handshakes == $s.conns and .tls.alpn == "http/1.1"'
}

@test "load: a target that refuses connections is one line, status 1, immediately" {
    start_odd refuse
    for options in "" "--rate 100" "--threads 2"; do
        run timeout 30 "$build/bin/load" --duration 60s $options "$url"
        failed_in_one_line 1
        [[ "$output" == *"connect_refused errors: "*"Connection refused"* ]]
    done
}

# ---- the end ----

# serves: a server with one worker and --stats has answered
serves() {
    [ "$(counter 0 requests)" -gt 0 ]
}

@test "load: SIGINT and SIGTERM end it with a report" {
    for signal in INT TERM; do
        start_server wakeone --workers 1 --stats "$BATS_TEST_TMPDIR/stats"
        url=http://127.0.0.1:$port/
        "$build/bin/load" --duration 60s --json="$json" --rate 100 "$url" >/dev/null 2>&1 3>&- &
        load_pid=$!
        wait_until serves
        kill -$signal $load_pid
        status=0
        wait $load_pid || status=$?
        [ "$status" -eq 3 ]
        holds '$s.requests > 0 and $s.window_s < 59'
        nothing_is_lost
        stop_server
    done
}

@test "load: it does not hang if the server dies" {
    start_server wakeone --workers 1 --keepalive --stats "$BATS_TEST_TMPDIR/stats"
    "$build/bin/load" --duration 500ms --json="$json" --requests-per-connection 0 "http://127.0.0.1:$port/" >/dev/null 2>&1 3>&- &
    load_pid=$!
    wait_until serves
    kill -KILL "$server_pid"
    status=0
    wait $load_pid || status=$?
    server_pid='' load_pid=''
    [ "$status" -eq 3 ]
    holds '$s.requests > 0 and $errors > 0'
}

# ---- usage errors, and missing targets ----

# A name that is invalid in DNS: no resolver is asked.
@test "load: an unknown host is one line" {
    name=$(printf %070d 0)x.invalid
    run "$build/bin/load" "http://$name/"
    failed_in_one_line 2
    [[ "$output" == *"$name"* ]]
}

# All usage errors: tests/unit/test_arguments_load.c
@test "load: a usage error is one line and status 2" {
    run "$build/bin/load" --rate 10 --think 1ms http://127.0.0.1:1/
    failed_in_one_line 2
    [[ "$output" == "load: "*"--think"* ]]
}

@test "load: more connections than descriptors is one line before anything is sent" {
    run bash -c "ulimit -n 100; '$build/bin/load' --connections 1000 http://127.0.0.1:1/"
    failed_in_one_line 1
    [[ "$output" == *"ulimit -"* ]]
    run bash -c "ulimit -n 100; '$build/bin/load' --rate 10 --max-open 1000 http://127.0.0.1:1/"
    failed_in_one_line 1
}

@test "load: a file that cannot be written, or read, is reported before the load begins" {
    for option in json histogram histograms timeline; do
        run timeout 5 "$build/bin/load" --duration 60s --$option=/proc/nosuch/x http://127.0.0.1:1/
        failed_in_one_line 1
        [[ "$output" == *"/proc/nosuch/x"* ]]
    done
    run timeout 5 "$build/bin/load" --body @/proc/nosuch/x http://127.0.0.1:1/
    failed_in_one_line 1
}

@test "load: a full disk is one line and status 1" {
    start_odd ok
    for option in json histogram timeline; do
        run timeout 10 "$build/bin/load" --count 10 --$option=/dev/full "$url"
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

@test "load: standard output that cannot be written is one line and status 1" {
    start_odd ok
    for option in "" --json --json=- "--histogram -" "--timeline -"; do
        for where in ">/dev/full" ">&-"; do
            run bash -c "timeout 10 '$build/bin/load' --count 10 $option '$url' 3>&- $where"
            [ "$status" -eq 1 ] || { echo "$option $where: $output"; return 1; }
            [[ "$(grep '^load: ' <<<"$output")" == *"cannot write "* ]]
        done
    done
    # if all results go to files, standard output has only the table
    run bash -c "timeout 10 '$build/bin/load' --count 10 --json='$json' '$url' 3>&- >&-"
    failed_in_one_line 1
}

# ---- terminals ----

# load_on COLUMNS OPTIONS...: load, on a terminal of that width
load_on() {
    local columns=$1
    shift
    unset COLUMNS
    TERM=${term:-xterm} on_terminal "$columns" "timeout 30 '$build/bin/load' $* '$url'"
    [ "$status" -eq 0 ] || { cat "$screen"; return 1; }
}

# progress: the text of the progress line, one update a line
progress() {
    tr '\r' '\n' <"$screen" | sed -n 's/^\x1b\[K\( *[0-9]* %.*\)/\1/p'
}

@test "load: progress fits the terminal, tables have as many columns as fit" {
    start_odd ok
    local columns options="--rate 1000 --duration 600ms --mix short:9,long:1:10 --threads 2"
    for columns in 200 40 20; do
        load_on $columns $options
        progress | grep -q '^ *[0-9]* %, [0-9]* s to go'
        [ "$(progress | awk 'length($0) > n { n = length($0) } END { print n }')" -lt $columns ]
        case $columns in
        200)
            progress | grep -q ' requests, 0 failed$'
            grep -q 'first byte us' "$screen"
            grep -q 'connections' "$screen"
            ;;
        40)
            progress | grep -q ' requests$'
            grep -qE '^ +latency us   from send us.$' "$screen"
            ;;
        20)
            grep -qE '^ +latency us.$' "$screen"
            grep -qE '^class +requests.$' "$screen"
            ;;
        esac
    done
}

@test "load: without a terminal, or with one that cannot move the cursor, no progress is printed" {
    start_odd ok
    term=dumb load_on 80 --duration 400ms
    refute grep -q $'\x1b' "$screen"
    grep -q '^samples' "$screen"
    "$build/bin/load" --duration 400ms "$url" >"$BATS_TEST_TMPDIR/log" 2>&1
    refute grep -q $'\x1b\|\r' "$BATS_TEST_TMPDIR/log"
}
