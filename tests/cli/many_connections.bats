#!/usr/bin/env bats
# Four hosts that load one server: 100,000 connections open at a time, and a constant rate. Takes all CPUs and much memory: it runs
# alone.

# SPDX-License-Identifier: BSD-2-Clause

load support
load hosts
bats_require_minimum_version 1.5.0

setup() {
    needs_mpi
}

teardown() {
    end_hosts
}

# four_hosts PROCESSES: on each; sets hosts, as mpirun takes them
four_hosts() {
    local host
    needs_hosts
    for host in a b c d; do
        add_host "$host" "10.99.0.1$((0x$host - 9))"
    done
    hosts=${prefix}a:$1,${prefix}b:$1,${prefix}c:$1,${prefix}d:$1
}

# established: connections of the server's port, in its namespace
established() {
    ip netns exec "${prefix}s" ss -Htn state established sport = :8080 | wc -l
}

# seen_open CONNECTIONS: or more, at a time; ten minutes at most
seen_open() {
    local end=$((SECONDS + 600))
    until [ "$(established)" -ge "$1" ]; do
        [ $SECONDS -lt $end ] || { echo "$(established) connections"; return 1; }
        kill -0 "$mpi_pid" || { cat "$BATS_TEST_TMPDIR/err"; return 1; }
        sleep 1
    done
}

# Takes two minutes. Two processes on each host, and eight workers with a listener each: none needs more than 16,384 files. Beyond
# 56,464 connections each further one takes much longer: the kernel tries all even ports first, and they are taken.
# bats test_tags=slow
@test "100,000 connections are open at a time, of four hosts with 28,232 ports each" {
    command -v ss >/dev/null || skip "needs ss(8)"
    ulimit -n 16384 2>/dev/null || skip "a process may not open 16384 files"
    four_hosts 2
    for host in a b c d; do
        [ "$(ip netns exec "$prefix$host" cat /proc/sys/net/ipv4/ip_local_port_range)" = $'32768\t60999' ]
    done
    serve_hosts reuseport --workers 8 --keepalive
    on_hosts "$hosts" --connections 100000 --requests-per-connection 0 --think 3600s --timeout 300s --duration 600s \
        >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    mpi_pid=$!
    seen_open 100000
    [ "$(established)" -eq 100000 ]
}

# bats test_tags=root
@test "a constant rate of four hosts: what is begun, answered or open, and accepted is within 0.1 % of what was due" {
    four_hosts 1
    serve_hosts
    on_hosts "$hosts" --rate 2000 --arrivals constant --duration 5s --json >"$BATS_TEST_TMPDIR/json" || [ $? -eq 3 ]
    accepts=0
    for slot in 0 1 2 3; do
        accepts=$((accepts + $(counter $slot accepts)))
    done
    jq -c --argjson accepts "$accepts" '.summary + {$accepts}' "$BATS_TEST_TMPDIR/json"
    jq -e '.summary.intended | . >= 9990 and . <= 10010' "$BATS_TEST_TMPDIR/json"
    jq -e '.summary | .requests + .censored + .not_started == .intended' "$BATS_TEST_TMPDIR/json"
    jq -e '.summary | .not_started <= 10' "$BATS_TEST_TMPDIR/json"
    [ "$accepts" -ge 9990 ]
    [ "$accepts" -le 10010 ]
}
