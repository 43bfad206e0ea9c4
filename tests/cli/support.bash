# Shared by the command line tests. Each test gets its own $BATS_TEST_TMPDIR.

# SPDX-License-Identifier: BSD-2-Clause

top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
build=$top/${BUILD:-build}
cd "$top" || exit 1

# Tests read numbers with tools of the machine. Other locales are tested in engine.bats.
export LC_ALL=C

# built TARGETS: builds what a test needs, if a file is run by itself; `make test` has built all.
built() {
    [ "${BUILT:-}" ] || make -s -C "$top" "${@#"$top/"}" >/dev/null
}

# All names, strategies and variants, one a line.
all_strategies() {
    awk -f harness/lib/variants.awk servers/*.c | cut -d/ -f2
}

# workers_for NAME N: N, or the maximum of the strategy
workers_for() {
    case $1 in
    iterative) echo 1 ;;
    *) echo "$2" ;;
    esac
}

# counter SLOT NAME: of a server that was started with --stats "$BATS_TEST_TMPDIR/stats" (see
# harness/lib/stats_page.h)
counter() {
    local names=(pid role waits useful spurious timeouts accepts eagain shed closed requests) i
    for i in "${!names[@]}"; do
        [ "${names[$i]}" != "$2" ] ||
            od -An -t u8 -j $((128 + 128 * $1 + 8 * i)) -N 8 "$BATS_TEST_TMPDIR/stats" | tr -d ' '
    done
}

# begin_server NAME OPTIONS...: sets server_pid; it need not be ready. Ended by stop_server in teardown
begin_server() {
    local name=$1
    shift
    rm -f "$BATS_TEST_TMPDIR/ready"
    setsid "$build/epoll/$name" "$@" >"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    server_pid=$!
}

# start_server NAME OPTIONS...: sets server_pid and port; ended by stop_server in teardown
start_server() {
    begin_server "$@"
    wait_until test -s "$BATS_TEST_TMPDIR/ready"
    port=$(sed -n 's/.*port=\([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/ready")
}

# start_odd [--unix PATH | --ipv6] BEHAVIOUR [ARGUMENT]: odd.c; sets server_pid, port and url
start_odd() {
    rm -f "$BATS_TEST_TMPDIR/ready"
    setsid "$build/tests/odd" "$@" >"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    server_pid=$!
    wait_until test -s "$BATS_TEST_TMPDIR/ready"
    port=$(sed -n 's/.*port=\([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/ready")
    url=http://127.0.0.1:$port/
}

stop_server() {
    [ -n "${server_pid:-}" ] || return 0
    kill -TERM "$server_pid" 2>/dev/null
    wait "$server_pid"
    local status=$?
    server_pid=
    return $status
}

# wait_until COMMAND...: until it succeeds, 20 seconds at most
wait_until() {
    local end=$((SECONDS + 20))
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.02
    done
}

# run_quiet COMMAND...: `run`, repeated while a row reports a noisy machine or a quota, at most five times, since that is
# not what is tested
run_quiet() {
    local try
    for try in 1 2 3 4 5; do
        run "$@"
        [[ "$output" =~ noisy|(,|\")throttled($|\"|[[:space:]]) ]] || return 0
    done
}

# ok_or_noisy: of a trial's --json: if the row shows that CPU time was missing (limits: docs/metrics.md), its verdict is not ok,
# and the status 3; otherwise ok, and 0
ok_or_noisy() {
    local expected=0 verdicts='"ok"'
    if jq -e '.steal_pct > 5 or .hiccup_pct > 5 or .nr_throttled > 0' <<<"$output" >/dev/null; then
        expected=3 verdicts='"noisy", "throttled", "short-of-rate", "client-bound"'
    fi
    [ "$status" -eq "$expected" ] && jq -e ".verdict | IN($verdicts)" <<<"$output" >/dev/null
}

# done_or_noisy: a run that was completed, whether or not the machine was noisy or had a quota
done_or_noisy() {
    [ "$status" -eq 0 ] || { [ "$status" -eq 3 ] && [[ "$output" == *@(noisy|throttled)* ]]; } || { echo "status $status: $output"; return 1; }
}

# anew DIR COMMAND...: the command, which makes the run in DIR, and its rows, for run_quiet
anew() {
    local dir=$1 status=0
    shift
    rm -rf "$dir"
    "$@" || status=$?
    cat "$dir/trials.csv"
    return $status
}

# Exactly one line on stderr, and status $1.
failed_in_one_line() {
    [ "$status" -eq "$1" ] || { echo "status $status, not $1: $output"; return 1; }
    [ "${#lines[@]}" -eq 1 ] || { echo "not one line: $output"; return 1; }
}

# nobody_lives_in SESSION: all its processes have ended. Zombies, which wait to be reaped, have no resources any more.
nobody_lives_in() {
    [ -z "$(pgrep -r D,R,S,T -s "$1")" ]
}

# The running processes of this build.
left_over() {
    pgrep -f "^($build|build.*)/(epoll|bin)/" || true
}

# Fails if the command succeeds: bats ignores the status of `! command`.
refute() {
    if "$@"; then return 1; fi
}

# unavailable: "NAME: reason", a line for each strategy that this kernel, or one of its limits, does not support
unavailable() {
    local name reason
    for name in $(all_strategies); do
        reason=$("$build/epoll/$name" --describe | sed -n 's/^not available on this kernel: //p')
        [ -z "$reason" ] || echo "$name: $reason"
    done
}

# available: the names of the others
available() {
    all_strategies | grep -vxF -f <(unavailable | cut -d: -f1) || true
}

# allowed_cpus: one a line, of this process
allowed_cpus() {
    sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status | tr ',' '\n' |
        awk -F- '{ for (cpu = $1; cpu <= $NF; cpu++) print cpu }'
}

# left_of_test: the running processes that this test has started, by its directory in their environment
left_of_test() {
    local directory=$BATS_TEST_TMPDIR
    (unset BATS_TEST_TMPDIR && grep -lszxF "BATS_TEST_TMPDIR=$directory" /proc/[0-9]*/environ | cut -d/ -f3)
}

# needs_terminal: script(1), and a pseudo-terminal for it, which a root without /dev/pts does not have
needs_terminal() {
    command -v script >/dev/null || skip "needs script(1)"
    SHELL=/bin/sh script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip "no pseudo-terminal can be had here"
}

# needs_plain_build WHY: for tests that do not work with AddressSanitizer, or are too slow
needs_plain_build() {
    ! grep -q __asan_init "$build/bin/wakeups" || skip "built with AddressSanitizer, $1"
}

# on_terminal COLUMNS COMMAND: with standard output and stderr on a terminal of that width; its output is in $screen
on_terminal() {
    needs_terminal
    screen=$BATS_TEST_TMPDIR/screen
    status=0
    SHELL=/bin/sh script -qec "stty cols $1 rows 12; $2" /dev/null </dev/null >"$screen" 2>&1 3>&- || status=$?
}
