#!/usr/bin/env bats
# trial and stats on the command line.

load support

teardown() {
    stop_server || true
}

# ---- trial ----

@test "trial: CSV and JSON have the same columns and the counts agree with each other" {
    run_quiet "$build/bin/trial" --strategy racing --workers 4 --window 200ms --threads 2 --json
    [ "$status" -eq 0 ]
    json=$output
    run_quiet "$build/bin/trial" --strategy racing --workers 4 --window 200ms --threads 2
    [ "${#lines[@]}" -eq 2 ]
    [ "$(tr ',' '\n' <<<"${lines[0]}")" = "$(jq -r 'keys_unsorted[]' <<<"$json")" ]
    [ "$(tr -cd , <<<"${lines[0]}")" = "$(tr -cd , <<<"${lines[1]}")" ]
    jq -e '.workers == 4 and .requests > 0 and .verdict == "ok"' <<<"$json"
    jq -e '.rate_offered == null and (.absorbed == null) == (.instrument == "ctxsw")' <<<"$json"
    jq -e '.wakeups_per_conn > 0.5 and .ctx_switches + .workers >= .wakeups' <<<"$json"
}

# A run of two trials, and its rows
two_trials() {
    rm -rf "$BATS_TEST_TMPDIR/run"
    mkdir -p "$BATS_TEST_TMPDIR/run/hist"
    local n worst=0
    for n in 1 2; do
        "$build/bin/trial" --strategy fdpass --workers 3 --window 100ms --threads 2 --out "$BATS_TEST_TMPDIR/run" --trial $n || worst=$?
    done
    cat "$BATS_TEST_TMPDIR/run/trials.csv"
    return $worst
}

@test "trial: a run's files fit together" {
    run_quiet two_trials
    [ "$status" -eq 0 ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/run/trials.csv")" -eq 3 ]
    # three workers and the acceptor, twice, and the header
    [ "$(wc -l <"$BATS_TEST_TMPDIR/run/workers.csv")" -eq 9 ]
    [ "$(grep -c ',acceptor,' "$BATS_TEST_TMPDIR/run/workers.csv")" -eq 2 ]
    [ -s "$BATS_TEST_TMPDIR/run/hist/2.hgrm" ]
    for n in 1 2; do
        wakeups=$(awk -F, -v n=$n 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $1 == n { print $(at["wakeups"]) }' "$BATS_TEST_TMPDIR/run/trials.csv")
        sum=$(awk -F, -v n=$n 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $1 == n { s += $(at["wakeups"]) } END { print s }' "$BATS_TEST_TMPDIR/run/workers.csv")
        [ "$wakeups" -eq "$sum" ]
    done
}

@test "trial: K requests per connection keep the connection" {
    run_quiet "$build/bin/trial" --strategy wakeone --workers 2 --window 200ms --requests-per-connection 10 --json
    jq -e '.requests > 5 * .conns' <<<"$output"
}

@test "trial: an open load says so in its columns, and all that was due is accounted for" {
    run_quiet "$build/bin/trial" --strategy wakeone --workers 2 --window 300ms --warmup 0s --rate 500 --json
    [ "$status" -eq 0 ]
    jq -e '.load == "open-constant" and .rate_offered == 500 and .connections == null' <<<"$output"
    jq -e '.requests + .censored == 150 and .send_lag_p99_us > 0' <<<"$output"
    run_quiet "$build/bin/trial" --strategy wakeone --workers 2 --window 300ms --rate 100 --arrivals poisson \
        --mix short:1,long:1:5:0s --json
    [ "$status" -eq 0 ]
    jq -e '.load == "open-poisson" and .requests_per_connection == null' <<<"$output"
}

@test "trial: a rate that cannot be met is a row with that verdict, status 3" {
    run "$build/bin/trial" --strategy wakeone --workers 1 --window 200ms --rate 1000 --json -- --service-us 5000
    [ "$status" -eq 3 ]
    [ "$(jq -r .verdict <<<"$(grep -v '^trial' <<<"$output")")" = short-of-rate ]
}

@test "trial: threads share the load" {
    run_quiet "$build/bin/trial" --strategy wakeone --workers 2 --window 200ms --threads 2 --json
    [ "$status" -eq 0 ]
    jq -e '.requests > 0 and .verdict == "ok"' <<<"$output"
}

trials_with_and_without_wire() {
    rm -rf "$BATS_TEST_TMPDIR/run"
    mkdir -p "$BATS_TEST_TMPDIR/run/hist"
    local look worst=0
    for look in --wire "" --wire; do
        "$build/bin/trial" --strategy wakeone --window 100ms --threads 2 --out "$BATS_TEST_TMPDIR/run" $look || worst=$?
    done
    cat "$BATS_TEST_TMPDIR"/run/{trials,wire}.csv
    return $worst
}

@test "trial: the wire has seen what the load has made" {
    run_quiet "$build/bin/trial" --strategy wakeone --workers 2 --window 300ms --rate 500 --wire --json
    [ "$status" -eq 0 ]
    jq -e '.wire_exchanges - .requests | fabs <= 5' <<<"$output"
    jq -e '.wire_dropped == 0 and .wire_packets > 6 * .requests' <<<"$output"
    jq -e '.wire_wait_p50_us < .wire_first_byte_p50_us and .wire_first_byte_p50_us < .first_byte_p50_us' <<<"$output"
    run_quiet trials_with_and_without_wire
    [ "$status" -eq 0 ]
    # rows with a look at the wire are not among the others
    [ "$(wc -l <"$BATS_TEST_TMPDIR/run/wire.csv")" -eq 3 ] && [ "$(wc -l <"$BATS_TEST_TMPDIR/run/trials.csv")" -eq 2 ]
    [ -s "$BATS_TEST_TMPDIR/run/hist/0-wire_wait.hgrm" ]
}

@test "trial: without the right to capture, --wire is one line and status 1, and no server is left" {
    command -v setpriv >/dev/null || skip "needs setpriv(1)"
    run setpriv --bounding-set -net_raw --inh-caps -net_raw --ambient-caps -net_raw \
        "$build/bin/trial" --strategy wakeone --window 100ms --wire
    failed_in_one_line 1
    [[ "$output" == *"CAP_NET_RAW"* ]]
    [ -z "$(left_over)" ]
}

@test "trial: a server that dies in mid-window is a row with that verdict, status 3" {
    "$build/bin/trial" --strategy wakeone --workers 3 --window 2s --json >"$BATS_TEST_TMPDIR/row" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    trial=$!
    wait_until eval 'supervisor=$(pgrep -P $trial)'
    wait_until eval 'worker=$(pgrep -P "$supervisor" | head -n 1)'
    sleep 0.5
    kill -KILL "$worker"
    status=0
    wait $trial || status=$?
    [ "$status" -eq 3 ]
    [ "$(jq -r .verdict "$BATS_TEST_TMPDIR/row")" = server-died ]
}

@test "trial: SIGTERM and kill -9 leave no server behind" {
    for signal in TERM KILL; do
        "$build/bin/trial" --strategy mutex --workers 4 --window 30s >/dev/null 2>&1 3>&- &
        trial=$!
        wait_until eval 'supervisor=$(pgrep -P $trial)'
        wait_until eval '[ "$(pgrep -c -P "$supervisor")" -eq 4 ]'
        kill -$signal $trial
        wait $trial || true
        wait_until nobody_lives_in "$supervisor"
    done
}

@test "trial: wrong words are one line and status 2" {
    for words in "" "--strategy nosuch" "--strategy ../racing" "--strategy racing --workers 0" \
        "--strategy racing --window 1" "--strategy racing --backend kqueue9" "--strategy racing word"; do
        run "$build/bin/trial" $words
        failed_in_one_line 2
    done
}

@test "trial: options of the server come after --, and its own message is the only one" {
    run_quiet "$build/bin/trial" --strategy fdpass --workers 2 --threads 2 --window 50ms -- --policy least-loaded
    [ "$status" -eq 0 ]
    run "$build/bin/trial" --strategy fdpass --workers 2 --window 50ms -- --policy nosuch
    failed_in_one_line 2
    [[ "$output" == fdpass:* ]]
}
