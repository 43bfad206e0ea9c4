#!/usr/bin/env bats
# trial on the command line. The tier `test` checks counts and columns, not values that a busy machine
# changes; tests that measure are slow.

# SPDX-License-Identifier: BSD-2-Clause

load support

bats_require_minimum_version 1.5.0

setup() {
    out=$BATS_TEST_TMPDIR/run
    mkdir -p "$out/hist"
    trial=("$build/bin/trial" --threads 2)
    closed='["ok", "noisy", "client-bound", "throttled"]' # verdicts of a closed loop without errors
    open='["ok", "noisy", "short-of-rate", "throttled"]'
}

teardown() {
    stop_server || true
}

# row OPTIONS...: of a trial; the row, as JSON, is in $json, its messages in $output
row() {
    json=$BATS_TEST_TMPDIR/row.json
    status=0
    output=$("${trial[@]}" --json "$@" 2>&1 >"$json") || status=$?
}

# has FILTER: of the row
has() {
    jq -e --argjson closed "$closed" --argjson open "$open" "$1" "$json" >/dev/null ||
        { echo "not so: $1: status $status: $output"; cat "$json"; return 1; }
}

# field NAME [TRIAL]: of the row of a trial, or of the first
field() {
    awk -F, -v name="$1" -v trial="${2:-}" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        NR > 1 && (trial == "" || $1 == trial) { print $(at[name]); exit }' "$out/trials.csv"
}

@test "trial: CSV and JSON have the same columns and the counts agree with each other" {
    row --strategy racing --workers 4 --window 200ms
    has '.verdict | IN($closed[])'
    [ "$status" -eq "$([ "$(jq -r .verdict "$json")" = ok ] && echo 0 || echo 3)" ]
    run "${trial[@]}" --strategy racing --workers 4 --window 50ms
    [ "${#lines[@]}" -eq 2 ]
    [ "$(tr ',' '\n' <<<"${lines[0]}")" = "$(jq -r 'keys_unsorted[]' "$json")" ]
    [ "$(tr -cd , <<<"${lines[0]}")" = "$(tr -cd , <<<"${lines[1]}")" ]
    has '.workers == 4 and .requests > 0 and .errors_connect + .errors_read + .errors_timeout + .errors_status == 0'
    has '.rate_offered == null and (.absorbed == null) == (.instrument == "ctxsw")'
    has '.wakeups_per_conn > 0 and .ctx_switches + .workers >= .wakeups'
}

@test "trial: the files of a run are consistent" {
    local n wakeups sum
    for n in 1 2; do
        run "${trial[@]}" --strategy fdpass --workers 3 --window 100ms --out "$out" --trial $n
        [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
    done
    [ "$(wc -l <"$out/trials.csv")" -eq 3 ]
    # three workers and the acceptor, twice, and the header
    [ "$(wc -l <"$out/workers.csv")" -eq 9 ]
    [ "$(grep -c ',acceptor,' "$out/workers.csv")" -eq 2 ]
    [ -s "$out/hist/2.hgrm" ]
    for n in 1 2; do
        wakeups=$(field wakeups $n)
        sum=$(awk -F, -v n=$n 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $1 == n { s += $(at["wakeups"]) } END { print s }' "$out/workers.csv")
        [ "$wakeups" -gt 0 ]
        [ "$wakeups" -eq "$sum" ]
    done
}

@test "trial: K requests per connection keep the connection" {
    row --strategy wakeone --workers 2 --window 200ms --requests-per-connection 10
    has '.verdict | IN($closed[])'
    has '.requests > 5 * .conns'
}

@test "trial: an open loop is recorded in its columns, and all due requests are accounted for" {
    row --strategy wakeone --workers 2 --window 300ms --warmup 0s --rate 500
    has '.verdict | IN($open[])'
    has '.load == "open-constant" and .rate_offered == 500 and .connections == null'
    has '.requests + .censored + .not_started == 150 and .send_lag_p99_us > 0'
    row --strategy wakeone --workers 2 --window 200ms --rate 100 --arrivals poisson --mix short:1,long:1:5:0s
    has '.verdict | IN($open[])'
    has '.load == "open-poisson" and .requests_per_connection == null'
}

# A request takes the only worker 2 ms: of a thousand a second half remain
@test "trial: a rate that cannot be reached gives that verdict, status 3" {
    row --strategy wakeone --workers 1 --window 200ms --rate 1000 -- --service-us 2000
    [ "$status" -eq 3 ]
    has '.verdict == "short-of-rate"'
}

@test "trial: a server that dies in mid-window gives that verdict, status 3" {
    "${trial[@]}" --strategy wakeone --workers 3 --warmup 0s --window 2s --json >"$BATS_TEST_TMPDIR/row" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    local pid=$! supervisor
    wait_until eval 'supervisor=$(pgrep -P $pid)'
    # the last worker runs, and has had connections
    wait_until eval '[ "$(pgrep -c -P "$supervisor")" -eq 3 ]'
    wait_until eval 'worker=$(pgrep -P "$supervisor" | head -n 1) && [ -n "$(ls -l "/proc/$pid/fd" | grep socket)" ]'
    sleep 0.3
    kill -KILL "$worker"
    status=0
    wait $pid || status=$?
    [ "$status" -eq 3 ]
    [ "$(jq -r .verdict "$BATS_TEST_TMPDIR/row")" = server-died ]
}

@test "trial: after SIGTERM and kill -9 no server is left" {
    for signal in TERM KILL; do
        "${trial[@]}" --strategy mutex --workers 4 --window 30s >/dev/null 2>&1 3>&- &
        local pid=$!
        wait_until eval 'supervisor=$(pgrep -P $pid)'
        wait_until eval '[ "$(pgrep -c -P "$supervisor")" -eq 4 ]'
        kill -$signal $pid
        wait $pid || true
        wait_until nobody_lives_in "$supervisor"
    done
}

# All usage errors: tests/unit/test_arguments_trial.c
@test "trial: usage errors are one line and status 2" {
    run "${trial[@]}"
    failed_in_one_line 2
    run "${trial[@]}" --strategy nosuch
    failed_in_one_line 2
}

@test "trial: options of the server follow --, and only its own message is printed" {
    row --strategy fdpass --workers 2 --window 500ms -- --policy least-loaded # long enough for a request on a busy machine
    has '.verdict | IN($closed[])'
    run "${trial[@]}" --strategy fdpass --workers 2 --window 50ms -- --policy nosuch
    failed_in_one_line 2
    [[ "$output" == fdpass:* ]]
}

# without_capture COMMAND...: without permission to capture, which only root has
without_capture() {
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
    else
        setpriv --bounding-set -net_raw --inh-caps -net_raw --ambient-caps -net_raw "$@"
    fi
}

@test "trial: without permission to capture, --wire is one line and status 1, and no server is left" {
    command -v setpriv >/dev/null || skip "needs setpriv(1)"
    run without_capture "${trial[@]}" --strategy wakeone --window 100ms --wire
    [ "$(id -u)" -eq 0 ] || [[ "$output" == *"CAP_NET_RAW"* ]] || skip "an ordinary user may capture here"
    failed_in_one_line 1
    [[ "$output" == *"CAP_NET_RAW"* ]]
    [ -z "$(left_of_test)" ]
}

trials_with_and_without_wire() {
    rm -rf "$out"
    mkdir -p "$out/hist"
    local look worst=0
    for look in --wire "" --wire; do
        "${trial[@]}" --strategy wakeone --window 100ms --out "$out" $look || worst=$?
    done
    cat "$out"/{trials,wire}.csv
    return $worst
}

# bats test_tags=root
@test "trial: the packet capture has the connections of the load" {
    run_quiet "${trial[@]}" --strategy wakeone --workers 2 --window 300ms --rate 500 --wire --json
    ok_or_noisy
    jq -e '.wire_exchanges - .requests | fabs <= 5' <<<"$output"
    jq -e '.wire_dropped == 0 and .wire_packets > 6 * .requests' <<<"$output"
    jq -e '.wire_wait_p50_us < .wire_first_byte_p50_us and .wire_first_byte_p50_us < .first_byte_p50_us' <<<"$output"
    run_quiet trials_with_and_without_wire
    done_or_noisy
    # rows with a packet capture are in a file of their own
    [ "$(wc -l <"$out/wire.csv")" -eq 3 ]
    [ "$(wc -l <"$out/trials.csv")" -eq 2 ]
    [ -s "$out/hist/0-wire_wait.hgrm" ]
}

# ---- tests that measure ----

# bats test_tags=slow
@test "trial: the verdict is ok, and the status 0, unless the machine was noisy: closed and open loop, one thread and two" {
    for load in "--threads 1" "--threads 2" "--threads 2 --rate 500" "--threads 2 --requests-per-connection 10" \
        "--rate 100 --arrivals poisson --mix short:1,long:1:5:0s"; do
        run_quiet "$build/bin/trial" --strategy wakeone --workers 2 --window 300ms --spin --json $load
        ok_or_noisy || { echo "$load: status $status: $output"; return 1; }
    done
}

# client_share: share of the window in which the client's one thread was on a CPU, in thousandths
client_share() {
    awk -v requests="$(field requests)" -v us="$(field client_cpu_us_per_req)" -v window="$(field window_s)" \
        'BEGIN { printf "%d", requests * us / window / 1e4 * 10 }'
}

# bats test_tags=slow
@test "a single thread that is never idle limits the rate: client-bound" {
    [ "$(allowed_cpus | wc -l)" -ge 2 ] || skip "needs two CPUs"
    one=("$build/bin/trial" --threads 1 --strategy wakeone --workers 2 --window 20ms --out "$out")
    share=0 tries=0
    until [ "$share" -gt 951 ]; do
        [ $((tries += 1)) -le 400 ] || skip "needs a machine where a thread can have a CPU for 20 ms"
        rm -f "$out/trials.csv"
        run "${one[@]}"
        share=$(client_share)
        [ "$share" -ge 949 ] || [ "$(field verdict)" != client-bound ]
    done
    [ "$status" -eq 3 ]
    [ "$(field verdict)" = client-bound ]
    rm "$out/trials.csv"
    run "${one[@]}" --spin
    [ "$(field verdict)" != client-bound ]
}

# ---- locales ----

# decimal_comma: from here on a locale with decimal commas
decimal_comma() {
    export LOCPATH=$BATS_TEST_TMPDIR/locales
    mkdir "$LOCPATH"
    localedef -i de_DE -f UTF-8 "$LOCPATH/de_DE.UTF-8" 2>/dev/null || skip "localedef has no source of de_DE: package locales"
    export LC_ALL=de_DE.UTF-8 LANGUAGE=de
    [ "$(env printf %.1f 1)" = 1,0 ]
}

@test "numbers are read and written with a decimal point in any locale: tools" {
    printf '1.5 2\n1.75 2\n2 3.5\n' >"$BATS_TEST_TMPDIR/pairs"
    for locale in C comma; do
        [ $locale = C ] || decimal_comma
        {
            "$build/bin/stats" --header <"$BATS_TEST_TMPDIR/pairs"
            "$build/bin/trial" --limits
            "$build/bin/wire" --read "$BATS_TEST_DIRNAME"/../data/capture/fin.pcap --port 80 || true
        } >"$BATS_TEST_TMPDIR/$locale.out" 2>&1
    done
    cmp "$BATS_TEST_TMPDIR/C.out" "$BATS_TEST_TMPDIR/comma.out"
    grep -q '[0-9]\.[0-9]' "$BATS_TEST_TMPDIR/C.out"
    run --separate-stderr "$build/bin/trial" --strategy wakeone --workers 2 --window 20.5ms --warmup 1.5ms --instrument ctxsw --json
    jq -e '.window_s > 0.02 and .throughput_rps > 0' <<<"$output"
    run "$build/bin/trial" --strategy wakeone --window 20,5ms
    failed_in_one_line 2
}

@test "numbers are read and written with a decimal point in any locale: commands" {
    decimal_comma
    run --separate-stderr ./run.sh doctor --json
    jq -e 'map(select(.value != null)) | map({(.name): .value}) | add |
        ((.load // "0.0 per CPU") | test("^[0-9]+[.][0-9]+ per CPU$")) and ([.steal, .busy] | map((. // "0.0 %") | test("^[0-9]+[.][0-9] %$")) | all)' <<<"$output"
    top=$top run --separate-stderr sh harness/lib/environment.sh
    jq -e '((.facts.load // "0.0 per CPU") | test("^[0-9]+[.][0-9]+ per CPU$")) and ((.facts.busy // "0.0 %") | test("^[0-9]+[.][0-9] %$"))' <<<"$output"
    BUILT=1 run ./run.sh selftest --strategies wakeone --workers 2 --connections 5
    grep -q '^wakeone  *2  *1\.00  *[0-9.]* ' <<<"$output"
}
