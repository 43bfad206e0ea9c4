#!/usr/bin/env bats
# Connect latencies of load over a network with delay and loss, against the packet capture on the client's interface. By
# sch_netem; by slow_link.c where the kernel has none.

# SPDX-License-Identifier: BSD-2-Clause

load support
load hosts
bats_require_minimum_version 1.5.0

setup() {
    json=$BATS_TEST_TMPDIR/load.json
    wire=$BATS_TEST_TMPDIR/wire.json
}

teardown() {
    end_link || true
    stop_server || true
    remove_hosts
}

# has_netem: whether the kernel has it
has_netem() {
    command -v tc >/dev/null || return 1
    ip netns exec "${prefix}c" tc qdisc add dev lo root netem delay 1ms 2>/dev/null || return 1
    ip netns exec "${prefix}c" tc qdisc del dev lo root
}

# link_by_netem DELAY_US LOSS: both directions are delayed in a namespace between the two, since a capture sees a frame only
# after the queueing discipline of its own interface
link_by_netem() {
    local host
    ip netns add "${prefix}m"
    ip -n "${prefix}m" link add bridge type bridge
    ip -n "${prefix}m" link set bridge up
    for host in c s; do
        ip -n "${prefix}m" link add "to-$host" type veth peer name slow netns "$prefix$host"
        ip -n "${prefix}m" link set "to-$host" master bridge up
        ip netns exec "${prefix}m" tc qdisc add dev "to-$host" root netem delay "$1us" loss "$2%" limit 4096
    done
}

link_by_slow_link() {
    "$build/tests/slow_link" "/run/netns/${prefix}c" "/run/netns/${prefix}s" "$1" "$2" >"$BATS_TEST_TMPDIR/link" 3>&- &
    link_pid=$!
    wait_until test -s "$BATS_TEST_TMPDIR/link"
}

# end_link: its counts are in $BATS_TEST_TMPDIR/link then
end_link() {
    [ -n "${link_pid:-}" ] || return 0
    kill "$link_pid"
    wait "$link_pid"
    link_pid=
}

# connect_hosts: addresses of both ends, and permanent neighbours: a lost ARP request would be part of a latency, and no packet of
# the connection
connect_hosts() {
    local host here there
    while read -r host here there; do
        ip -n "$prefix$host" link set slow address "02:00:00:00:00:0$here" up
        ip -n "$prefix$host" address add "10.98.0.$here/24" dev slow
        ip -n "$prefix$host" neighbour replace "10.98.0.$there" lladdr "02:00:00:00:00:0$there" dev slow nud permanent
    done <<<"c 1 2
s 2 1"
}

# link DELAY_US LOSS_PERCENT: between the namespaces c, the client's, and s, the server's
link() {
    if has_netem; then
        link_by_netem "$1" "$2"
    else
        link_by_slow_link "$1" "$2"
    fi
    connect_hosts
}

# needs_link: its namespaces
needs_link() {
    command -v ip >/dev/null || skip "needs ip(8)"
    prefix=wo$$
    ip netns add "${prefix}s" 2>/dev/null || skip "not permitted to make network namespaces"
    ip netns add "${prefix}c"
    [ -e /dev/net/tun ] || has_netem || skip "needs sch_netem or /dev/net/tun"
}

start_remote_server() {
    ip netns exec "${prefix}s" "$build/epoll/wakeone" --workers 1 --address 10.98.0.2 --port 8080 \
        >"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    server_pid=$!
    wait_until test -s "$BATS_TEST_TMPDIR/ready"
}

# run_load OPTIONS...: in the client's namespace; 3 is no failure: the machine may be too slow for the rate
run_load() {
    ip netns exec "${prefix}c" "$build/bin/load" --allow-remote "$@" --json="$json" http://10.98.0.2:8080/ >/dev/null ||
        [ $? -eq 3 ]
}

captures_now() {
    [ "$(wc -l <"/proc/$wire_pid/net/packet")" -gt 1 ]
}

# all_closed: both FINs of each of the client's connections have arrived, sent again if they were lost
all_closed() {
    ip netns exec "${prefix}c" awk 'FNR > 1 && $4 != "06" { open = 1 } END { exit open }' /proc/net/tcp
}

# measure OPTIONS...: of load: one load, seen by itself and by wire
measure() {
    local wire_pid
    start_remote_server
    ip netns exec "${prefix}c" "$build/bin/wire" -i slow --port 8080 --json="$wire" --connections "$BATS_TEST_TMPDIR/connections.csv" \
        >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    wire_pid=$!
    wait_until captures_now
    sleep 0.1 # from the socket to the filter
    run_load "$@"
    wait_until all_closed
    kill -INT "$wire_pid"
    wait "$wire_pid" || [ $? -eq 3 ]
}

# percent_apart PERCENTILE: by how much load's connect latency differs from wire's
percent_apart() {
    jq -rn --argjson p "$1" --slurpfile load "$json" --slurpfile wire "$wire" '
        ($load[0].phases.connect.percentiles[] | select(.percent == $p).us) as $load |
        $wire[0].intervals.synack["p\($p)_us"] as $wire |
        "p\($p): load \($load) us, wire \($wire) us: \(($load / $wire - 1) * 100)"'
}

# within PERCENT PERCENTILE
within() {
    percent_apart "$2"
    percent_apart "$2" | awk -v most="$1" '{ exit !($NF <= most && $NF >= -most) }'
}

# connects_beyond US: of load's histogram
connects_beyond() {
    awk -v us="$1" '/^ *[0-9]/ { if ($1 < us) below = $3; all = $3 } END { print all - below }' "$BATS_TEST_TMPDIR/connect.hgrm"
}

# see_the_same DELAY_US: 2000 connects with 1 % of all frames lost: both see as many, and as many of them with a SYN, or its
# answer, that was sent again, after a second; none is faster than the link. Two lost SYNs cost 3 s, and an answer lost
# afterwards again as much (the retransmission timeout is 3 s then: RFC 6298, 5.7): more than load's timeout of 5 s.
see_the_same() {
    needs_link
    link "$1" 1
    measure --rate 250 --count 2000 --timeout 60s --histograms "$BATS_TEST_TMPDIR"
    jq -e '.summary | .requests == 2000 and .conns == 2000' "$json"
    jq -e '.connections.whole == 2000 and .intervals.synack.count == 2000 and .summary.dropped == 0' "$wire"
    [ "$(awk -F, -v ns="$((2000 * $1))" 'NR > 1 && $8 < ns' "$BATS_TEST_TMPDIR/connections.csv" | wc -l)" -eq 0 ]
    again=$(awk -F, 'NR > 1 && $8 > 500000000' "$BATS_TEST_TMPDIR/connections.csv" | wc -l)
    [ "$again" -gt 0 ]
    [ "$(connects_beyond 500000)" -eq "$again" ]
}

# bats test_tags=root
@test "delay of 20 ms, loss of 1 %: connect latencies are those of the capture, to 5 %" {
    see_the_same 20000
    within 5 50
    within 5 99
}

# load's thread runs some time after the packet has arrived: less than 5 % of 40 ms, but not of 400 us (docs/cluster.md).
# bats test_tags=root
@test "delay of 200 us, loss of 1 %: the capture's connect latency is part of load's; retransmissions agree to 5 %" {
    see_the_same 200
    percent_apart 50
    percent_apart 50 | awk '{ exit !($NF > -1) }' # a bucket of the histogram is 0.8 %
    within 5 99
}

# bats test_tags=root
@test "slow_link: passes all frames without loss, drops all with 100 %, and counts them" {
    [ -e /dev/net/tun ] || skip "needs /dev/net/tun"
    needs_link
    link_by_slow_link 1000 0
    connect_hosts
    start_remote_server
    run_load --count 50
    jq -e '.summary.requests == 50' "$json"
    end_link
    cat "$BATS_TEST_TMPDIR/link"
    awk '/^passed/ { n++ } /^passed/ && ($2 < 100 || $4 || $6) { bad = 1 } END { exit n != 2 || bad }' "$BATS_TEST_TMPDIR/link"
    link_by_slow_link 1000 100
    connect_hosts
    refute run_load --count 1 --connections 1 --timeout 300ms
    end_link
    cat "$BATS_TEST_TMPDIR/link"
    awk '/^passed/ { passed += $2; dropped += $4 } END { exit passed || !dropped }' "$BATS_TEST_TMPDIR/link"
}
