#!/usr/bin/env bats
# peer: third-party servers. Those started here are servers of the suite, or a script that misbehaves.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

setup() {
    built "$build"/bin/{peer,trial} "$build"/epoll/{racing,wakeone}
    peers=$BATS_TEST_TMPDIR/build/peer
    mkdir -p "$peers" "$BATS_TEST_TMPDIR/build/bin"
    cp "$build/bin/trial" "$build/bin/peer" "$BATS_TEST_TMPDIR/build/bin/"
    place=$(mktemp -d) # user nobody has no access to the directory of bats
    chmod 755 "$place"
    cp "$build/epoll/racing" "$build/epoll/wakeone" "$place/"
    : >"$BATS_TEST_TMPDIR/directories"
}

teardown() {
    [ -z "${peer_pid:-}" ] || kill -KILL "$peer_pid" 2>/dev/null || true
    rm -rf "$place"
}

# Root runs third-party servers as nobody, who need not exist in a user namespace.
needs_nobody() {
    [ "$(id -u)" -ne 0 ] || chown 65534:65534 "$peers" 2>/dev/null || skip "root cannot become nobody here"
}

# make_peer NAME: the script is on standard input; the directory that peer passes to it is recorded
make_peer() {
    needs_nobody
    ln -s ../bin/peer "$peers/$1"
    { printf '%s\n' "printf '%s\\n' \"\$2\" >>'$BATS_TEST_TMPDIR/directories'" && cat; } >"$peers/$1.sh"
}

# make_ours NAME STRATEGY: peer's arguments are NAME DIRECTORY PORT WORKERS KEEPALIVE
make_ours() {
    make_peer "$1" <<END
echo \$((\$4 + 1))
printf '%s\n' "$place/$2" --workers "\$4" --port "\$3"
END
}

# start_peer NAME OPTIONS...: sets peer_pid, port and session
start_peer() {
    local name=$1
    shift
    rm -f "$BATS_TEST_TMPDIR/ready"
    "$peers/$name" "$@" >"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    peer_pid=$!
    wait_until test -s "$BATS_TEST_TMPDIR/ready"
    port=$(sed -n 's/^ready port=\([0-9]*\) pid=[0-9]*$/\1/p' "$BATS_TEST_TMPDIR/ready")
    session=$(pgrep -P "$peer_pid" | while read -r pid; do [ "$(ps -o comm= -p "$pid")" = watchdog ] || echo "$pid"; done)
}

no_directory_is_left() {
    local directory
    while read -r directory; do
        [ ! -e "$directory" ] || return 1
    done <"$BATS_TEST_TMPDIR/directories"
}

nothing_is_left() {
    wait_until nobody_lives_in "$session"
    [ -s "$BATS_TEST_TMPDIR/directories" ]
    wait_until no_directory_is_left
    run curl -sS "http://127.0.0.1:$port/"
    [ "$status" -eq 7 ]
}

@test "a third-party server is ready when it answers and all its threads sleep, and ends with SIGTERM, status 0; nothing is left" {
    make_ours ours racing
    start_peer ours --workers 3
    [ "$(curl -sS "http://127.0.0.1:$port/")" = "Hello, world" ]
    [ "$(pgrep -r S -c -s "$session")" -eq 4 ]
    [ "$(id -u)" -ne 0 ] || [ "$(ps -o user= -s "$session" | sort -u)" = nobody ]
    kill -TERM "$peer_pid"
    wait "$peer_pid"
    peer_pid=
    nothing_is_left
}

@test "kill -9 of peer ends the processes that it has started, and removes its directory" {
    make_ours ours wakeone
    for _ in 1 2 3; do
        start_peer ours --workers 3
        kill -KILL "$peer_pid"
        wait "$peer_pid" || true
        peer_pid=
        nothing_is_left
    done
}

@test "the server's directory is in TMPDIR, or in /tmp if the server has no access there" {
    make_ours ours racing
    mkdir "$place/open" "$place/closed"
    chmod 755 "$place" "$place/open"
    for TMPDIR in "$place/open" "$place/closed" relative; do
        export TMPDIR
        chmod 700 "$place/closed"
        start_peer ours
        kill -TERM "$peer_pid"
        wait "$peer_pid"
        peer_pid=
    done
    wait_until no_directory_is_left
    closed=$place/closed
    [ "$(id -u)" -ne 0 ] || closed=/tmp
    run sed 's|/wakeone-peer\..*||' "$BATS_TEST_TMPDIR/directories"
    [ "$output" = "$place/open
$closed
/tmp" ]
}

@test "a server that ends by itself is reported, with its last message; status 1" {
    make_ours ours racing
    start_peer ours --workers 2
    kill -KILL "$(pgrep -o -s "$session")"
    status=0
    wait "$peer_pid" || status=$?
    peer_pid=
    [ "$status" -eq 1 ]
    [[ "$(cat "$BATS_TEST_TMPDIR/log")" == "ours: ours ended by itself: "* ]]
    nothing_is_left
}

@test "an unavailable server is one line and status 2: not installed, failing, another reply, a port in use" {
    make_peer missing <<<'echo "peer: missing is skipped: missing is not installed: apt-get install missing" >&2; exit 2'
    make_peer failing <<<'printf "%s\n" 1 sh -c "echo a reason >&2; echo the last one >error.log; exit 3"'
    make_peer silent <<<'printf "%s\n" 1 sleep 100'
    make_ours ours racing
    run "$peers/missing"
    failed_in_one_line 2
    run "$peers/failing"
    failed_in_one_line 2
    [ "$output" = "failing: failing did not start: it ended: the last one" ]
    start_peer ours
    run "$peers/ours" --port "$port"
    failed_in_one_line 2
    [[ "$output" == *"did not start: it ended: "*"$port"* ]]
    for words in "--workers 0" "word" "--port 1"; do
        run "$peers/ours" $words
        failed_in_one_line 2
    done
    kill -TERM "$peer_pid"
    wait "$peer_pid"
    peer_pid=
    wait_until no_directory_is_left
}

@test "a trial of a third-party server: connections of the client, wakeups of the scheduler, and no counters of the suite's servers" {
    make_ours ours racing
    run "$BATS_TEST_TMPDIR/build/bin/trial" --backend peer --strategy ours --workers 4 --rate 200 --window 500ms --json
    [ "$status" -eq 0 ] || [[ "$output" == *'"verdict": "noisy"'* ]]
    jq -e '.backend == "peer" and .conns > 50 and .server_cpu_us_per_req > 0 and .jain == null and .max_share == null and
        .idle_workers == null and .eagain == null and .wakeups_per_conn > 1' <<<"$output"
    # compared with the same server as one of the suite, with its own counters
    mkdir "$BATS_TEST_TMPDIR/run" "$BATS_TEST_TMPDIR/run/hist"
    "$BATS_TEST_TMPDIR/build/bin/trial" --backend peer --strategy ours --workers 4 --window 100ms --out "$BATS_TEST_TMPDIR/run" || [ $? -eq 3 ]
    [ "$(tail -n +2 "$BATS_TEST_TMPDIR/run/workers.csv" | cut -d, -f5,6,7 | sort -u)" = "thread,," ]
    [ "$(tail -n +2 "$BATS_TEST_TMPDIR/run/workers.csv" | wc -l)" -eq 5 ]
}

@test "a third-party server that dies in the window gives a sample with that verdict" {
    make_ours ours racing
    "$BATS_TEST_TMPDIR/build/bin/trial" --backend peer --strategy ours --workers 2 --window 2s --json >"$BATS_TEST_TMPDIR/row" \
        2>"$BATS_TEST_TMPDIR/log" 3>&- &
    trial=$!
    wait_until eval 'peer=$(pgrep -P $trial)'
    wait_until eval 'server=$(pgrep -P "$peer" -x racing)'
    sleep 0.5
    kill -KILL "$server"
    status=0
    wait $trial || status=$?
    [ "$status" -eq 3 ]
    [ "$(jq -r '.verdict' "$BATS_TEST_TMPDIR/row")" = server-died ]
}

@test "bench --peers: names are checked, unavailable servers are skipped and the run records why" {
    run ./run.sh bench --peers nosuch
    failed_in_one_line 2
    [[ "$output" == *"known: nginx-off "* ]]
    run ./run.sh bench --dry-run --strategies wakeone --peers nginx-off,h2o --rounds 1
    [ "$status" -eq 0 ]
    [ "$(awk -F '\t' '{ print $4, $6 }' <<<"$output" | sort -u | grep -c 'nginx-off peer\|h2o peer\|wakeone epoll')" -eq 3 ]
}

# A checkout with mock third-party servers instead of nginx and the others: working, refusing, dying
checkout_of_peers() {
    checkout=$BATS_TEST_TMPDIR/checkout
    mkdir -p "$checkout" "$BATS_TEST_TMPDIR/tools"
    cp -r run.sh harness servers plots deps.txt "$checkout/"
    for tool in "$build"/bin/*; do
        [ -e "$BATS_TEST_TMPDIR/build/bin/${tool##*/}" ] || cp "$tool" "$BATS_TEST_TMPDIR/build/bin/"
    done
    ln -s "$build/epoll" "$BATS_TEST_TMPDIR/build/epoll"
    ln -s "$BATS_TEST_TMPDIR/build" "$checkout/build"
    printf '#!/bin/sh\n' >"$BATS_TEST_TMPDIR/tools/make" # all is built
    chmod +x "$BATS_TEST_TMPDIR/tools/make"
    for name in sound refusing dying; do
        printf '%s\t%s\tnone\tsh\tprocesses\tan epoll each\n' $name $name
    done >"$checkout/harness/peers/peers.tsv"
    make_ours sound racing
    make_peer refusing <<<'printf "%s\n" 1 sh -c "echo \"unknown directive accept_mutex in line 7\" >error.log; exit 1"'
    make_peer dying <<END
echo \$((\$4 + 2))
printf '%s\n' timeout -s KILL 0.7 "$place/racing" --workers "\$4" --port "\$3"
END
}

of_checkout() {
    BUILD=build PATH="$BATS_TEST_TMPDIR/tools:$PATH" "$checkout/run.sh" "$@"
}

# bats test_tags=slow
@test "in a bench a server that rejects its configuration is skipped with its own message, one that dies is an invalid sample" {
    checkout_of_peers
    run of_checkout bench --strategies wakeone --peers sound,refusing,dying --reference wakeone --workers 2 --rounds 1 \
        --window 700ms --no-figures --out "$BATS_TEST_TMPDIR/run"
    [ "$status" -eq 3 ]
    [[ "$output" == *"refusing did not start: it ended: unknown directive accept_mutex in line 7"* ]]
    grep -q "^refusing, 2 workers	.*unknown directive accept_mutex in line 7$" "$BATS_TEST_TMPDIR/run/skipped.tsv"
    verdicts=$(awk -F, 'NR > 1 && $2 > 0 { print $5, $NF }' "$BATS_TEST_TMPDIR/run/trials.csv" | sort)
    grep -q "^dying server-died$" <<<"$verdicts"
    [ "$(grep -c "^sound \(ok\|noisy\)$\|^wakeone \(ok\|noisy\)$\|^wakeone-again \(ok\|noisy\)$" <<<"$verdicts")" -eq 3 ]
    wait_until eval '! pgrep -f "$place/racing"'
}

# bats test_tags=slow
@test "with ab and wrk a server that does not start, or dies, is reported once, and the others continue; replies are compared" {
    checkout_of_peers
    run of_checkout peers --strategies wakeone --peers sound,refusing,dying --workers 2 --requests-per-connection 1 --rounds 1 \
        --window 50ms --client-rounds 2 --no-figures --out "$BATS_TEST_TMPDIR/run"
    [ "$status" -eq 3 ]
    [ "$(grep -c "peers: refusing did not start: .*unknown directive" <<<"$output")" -ge 2 ] # without keep-alive, and with
    [ "$(grep -c "peers: dying is skipped from here on: " <<<"$output")" -eq 2 ]
    [ "$(grep -c "^[12],\(ab\|wrk\),[01],\(wakeone\|sound\),2,[0-9.]*,0$" "$BATS_TEST_TMPDIR/run/clients.csv")" -eq 16 ]
    [[ "$output" == *"sound"*"the same headers"* ]]
    wait_until eval '! pgrep -f "$place/racing"'
}

# bats test_tags=slow
@test "kill -9 of the command while ab and wrk run leaves no server" {
    export TMPDIR=$BATS_TEST_TMPDIR # killed processes leave temporary files
    checkout_of_peers
    BUILD=build PATH="$BATS_TEST_TMPDIR/tools:$PATH" "$checkout/run.sh" peers --strategies wakeone --peers sound --workers 2 --requests-per-connection 1 --rounds 1 --window 10ms \
        --client-rounds 100 --no-figures --out "$BATS_TEST_TMPDIR/run" >/dev/null 2>&1 3>&- &
    command=$!
    wait_until eval '[ "$(wc -l <"$BATS_TEST_TMPDIR/run/clients.csv")" -gt 2 ]' 2>/dev/null
    ours=$(pgrep -f "$checkout/build/epoll/wakeone")
    kill -KILL $command
    wait $command || true
    wait_until eval '! pgrep -f "$place/racing|$checkout/build/epoll/wakeone"'
    [ -n "$ours" ]
}

@test "suite.reply is the reply of the suite's servers" {
    "$build/epoll/racing" --workers 1 >"$BATS_TEST_TMPDIR/ready" 3>&- &
    server=$!
    wait_until test -s "$BATS_TEST_TMPDIR/ready"
    port=$(sed -n 's/^ready port=\([0-9]*\) .*/\1/p' "$BATS_TEST_TMPDIR/ready")
    curl -sS -i -H 'Connection: close' "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/reply"
    kill $server
    cmp harness/peers/suite.reply "$BATS_TEST_TMPDIR/reply"
}
