#!/usr/bin/env bats
# wire: compared with tshark, live and offline, all formats of files, and missing or invalid input.
# Tests that capture are root tests. Measures nothing.
# tests/data/capture/ has 10 connections with 18 requests in every format: two of them have five requests each.

# SPDX-License-Identifier: BSD-2-Clause

load support
bats_require_minimum_version 1.5.0

setup() {
    captures=$top/tests/data/capture
    json=$BATS_TEST_TMPDIR/wire.json
    csv=$BATS_TEST_TMPDIR/wire.csv
    pcap=$BATS_TEST_TMPDIR/wire.pcap
    table=$BATS_TEST_TMPDIR/table
    namespaces=
}

teardown() {
    local namespace
    [ -z "${wire_pid:-}" ] || kill -KILL "$wire_pid" 2>/dev/null || true
    [ -z "${load_pid:-}" ] || kill "$load_pid" 2>/dev/null || true
    stop_server || true
    for namespace in $namespaces; do
        ip netns del "$namespace"
    done
}

# ---- live ----

needs_capture() {
    run "$build/bin/wire" -i lo --port 1 --duration 1ms
    [[ "$output" != *"cannot capture"* ]] || skip "not permitted to capture here: $output"
}

needs() {
    local tool
    for tool; do
        command -v "$tool" >/dev/null || skip "there is no $tool"
    done
}

# wakeone with keep-alive and two workers; also sets url
start_wakeone() {
    start_server wakeone --workers 2 --keepalive "$@"
    url=http://127.0.0.1:$port/
}

# packet_sockets: those of the process
packet_sockets() {
    local inodes
    inodes=$(ls -l "/proc/$wire_pid/fd" 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\]$/\1/p' | xargs)
    awk -v inodes="$inodes" 'BEGIN { n = split(inodes, a, " "); for (i = 1; i <= n; i++) ours[a[i]] = 1 }
        ($9 in ours) && $6 == 1' "/proc/$wire_pid/net/packet" 2>/dev/null
}

captures_now() {
    [ -n "$(packet_sockets)" ]
}

# start_wire OPTIONS...: in the background, returns once it captures; $in is a prefix of the command
start_wire() {
    ${in:-} "$build/bin/wire" "$@" --port "$port" >"$table" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    wire_pid=$!
    wait_until captures_now
    sleep 0.1 # time from the socket to its filter
}

wait_wire() {
    wire_status=0
    wait "$wire_pid" || wire_status=$?
    wire_pid=
}

# Packets are delivered in blocks, after at most a tenth of a second.
end_wire() {
    kill -INT "$wire_pid"
    wait_wire
}

# run_load OPTIONS...: at $url; $in as above
run_load() {
    ${in:-} timeout 20 "$build/bin/load" --json="$BATS_TEST_TMPDIR/load.json" "$@" "$url" >/dev/null
}

# holds FILTER: of wire's JSON, with $s its summary and $c the connections by completeness
holds() {
    jq -e ".summary as \$s | .connections as \$c | $1" "$json" >/dev/null ||
        { echo "not so: $1"; cat "$json" "$BATS_TEST_TMPDIR/err" 2>/dev/null; return 1; }
}

nothing_is_lost() {
    holds '$s.verdict == "ok" and $s.dropped == 0 and $s.interface_dropped == 0'
}

# of_load FILTER: of the JSON of the last run_load
of_load() {
    jq -r "$1" "$BATS_TEST_TMPDIR/load.json"
}

# ---- offline ----

# read_file FILE PORT OPTIONS...: its JSON, CSV and table
read_file() {
    local file=$1 of=$2
    shift 2
    run --separate-stderr timeout 30 "$build/bin/wire" -r "$file" --port "$of" --json="$json" --connections "$csv" "$@"
    printf '%s\n' "$output" >"$table"
}

# has_the_ten FILE [PORT]: expected results for each format of those ten connections
has_the_ten() {
    read_file "$1" "${2:-18080}"
    [ "$status" -eq 0 ] || { echo "$1: status $status: $output $stderr"; return 1; }
    holds '$c.whole == 10 and ($c | add) == 10 and $s.exchanges == 18 and .packets.tcp == 100'
    holds '[.intervals[].count] == [10, 10, 18, 10, 18, 10] and $s.verdict == "ok" and .counts.retransmitted == 0'
}

# intervals FILE: begin, client, exchanges and intervals of each connection, as tshark.awk has them
intervals() {
    sed 1d "$1" | cut -d, -f 1-3,7-13 | sort
}

# tshark_says FILE PORT: the same, by tshark, with its default settings
tshark_says() {
    XDG_CONFIG_HOME=$BATS_TEST_TMPDIR HOME=$BATS_TEST_TMPDIR tshark -r "$1" -T fields \
        -e tcp.stream -e frame.time_epoch -e ip.src -e ipv6.src -e tcp.srcport -e tcp.flags -e tcp.len \
        -e tcp.analysis.initial_rtt -e tcp.analysis.retransmission 2>"$BATS_TEST_TMPDIR/tshark" \
        >"$BATS_TEST_TMPDIR/fields" || { cat "$BATS_TEST_TMPDIR/tshark"; return 1; }
    awk -v port="$2" -f tests/cli/tshark.awk "$BATS_TEST_TMPDIR/fields" >"$BATS_TEST_TMPDIR/unsorted" || return 1
    sort "$BATS_TEST_TMPDIR/unsorted"
}

# agrees_with_tshark FILE PORT: each interval of each connection, to the nanosecond
agrees_with_tshark() {
    read_file "$1" "$2"
    tshark_says "$1" "$2" >"$BATS_TEST_TMPDIR/tshark.csv"
    intervals "$csv" >"$BATS_TEST_TMPDIR/intervals"
    [ -s "$BATS_TEST_TMPDIR/intervals" ]
    diff "$BATS_TEST_TMPDIR/intervals" "$BATS_TEST_TMPDIR/tshark.csv" >"$BATS_TEST_TMPDIR/diff" ||
        { echo "wire < > tshark"; head -n 20 "$BATS_TEST_TMPDIR/diff"; return 1; }
}

# fails STATUS PATTERN ARGUMENTS...: with one line on stderr, whatever is on stdout
fails() {
    local with=$1 pattern=$2
    shift 2
    run --separate-stderr timeout 30 "$build/bin/wire" "$@"
    [ "$status" -eq "$with" ] && [ "${#stderr_lines[@]}" -eq 1 ] && [[ "$stderr" == "wire: "*$pattern* ]] ||
        { echo "wire $*: status $status, not $with, or not '$pattern': $stderr"; return 1; }
}

# ---- tshark ----

# bats test_tags=root
@test "wire and tshark: each interval of more than 10000 connections, to the nanosecond" {
    needs tshark
    needs_capture
    start_wakeone
    start_wire -i lo -w "$pcap" --json="$json"
    run_load --rate 6000 --mix one:9:1,many:1:5:0s --count 15000
    end_wire
    [ "$wire_status" -eq 0 ]
    nothing_is_lost
    holds "\$s.exchanges == 15000 and \$c.whole == $(of_load .summary.conns) and \$c.whole > 10000"
    agrees_with_tshark "$pcap" "$port"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/tshark.csv")" -eq "$(of_load .summary.conns)" ]
}

# bats test_tags=root
@test "wire and tshark: responses in two segments, in one exchange and in many" {
    needs tshark
    needs_capture
    start_odd split
    start_wire -i lo -w "$pcap" --json="$json"
    run_load --connections 4 --mix one:1:1,many:1:3:0s --count 60
    stop_server # ends the connections that load left open
    end_wire
    nothing_is_lost
    agrees_with_tshark "$pcap" "$port"
    # the server waits for 5 ms in between
    holds '.intervals.response.count == 60 and .intervals.response.p50_us >= 4900'
    awk -F, 'NR > 1 && $12 < 4900000 { exit 1 }' "$csv"
}

@test "wire and tshark: a file" {
    needs tshark
    agrees_with_tshark "$captures/lo.pcap" 18080
}

@test "wire and tshark: the table of captures: all equal" {
    needs tshark
    local captures=$BATS_TEST_TMPDIR/captures
    built "$build/bin/wire" "$build/validate/wire_captures"
    mkdir -p "$captures/whole"
    cp tests/data/capture/{lo,vlan,cooked1,ipv6}.pcap "$captures/whole/"
    BUILD=$build run harness/validate/wire_captures.sh "$captures" 18080
    [ "$status" -eq 0 ]
    grep -qE '^\| whole \| 4 \| [34] \| ([0-9]+) \| \1 \| [1-9][0-9]* \| 0 \| 0 \|$' <<<"$output"
    [ "${lines[-1]}" = "|---|---|---|" ]
}

# tshark_packet STREAM TIME FROM TO FLAGS LENGTH [RETRANSMISSION [LOST]]: a line of fields; ports are 9 (client) and 80
tshark_packet() {
    printf '%s\t%s\t%s\t\t%s\t\t%s\t%s\t%s\t%s\t%s\t%s\t\t\t0\teth:ip:tcp\n' "$1" "$2" "10.0.0.$3" "10.0.0.$4" \
        "$([ "$3" = 1 ] && echo 9 || echo 80)" "$([ "$3" = 1 ] && echo 80 || echo 9)" "$5" "$6" "${7:-}" "${8:-}"
}

# by_tshark STREAM SERVER RETRANSMISSION: a connection whose first byte comes after 3 ms
by_tshark() {
    tshark_packet "$1" 1.000000000 1 "$2" 0x0002 0
    tshark_packet "$1" 1.001000000 "$2" 1 0x0012 0
    tshark_packet "$1" 1.002000000 1 "$2" 0x0018 20 ""
    tshark_packet "$1" 1.003000000 "$2" 1 0x0018 90
    tshark_packet "$1" 1.004000000 "$2" 1 0x0018 90 "$3"
    tshark_packet "$1" 1.005000000 1 "$2" 0x0004 0
    tshark_packet "$1" 6.000000000 1 "$2" 0x0004 0
}

@test "wire_captures: why connections differ, by connection and in one table" {
    local dir=$BATS_TEST_TMPDIR
    built "$build/validate/wire_captures"
    { by_tshark 0 2 ""; by_tshark 1 3 1; by_tshark 2 4 ""; } >"$dir/tshark"
    printf '1,10.0.0.1,9,10.0.0.%s,80,,,,,,%s\n' 2 3000000 3 2000000 2 "" 5 1 >"$dir/wire"
    "$build/validate/wire_captures" compare a.pcap "8080 80" "" "$dir/tshark" "$dir/wire" >"$dir/lines"
    [ "$(cut -f 3- "$dir/lines")" = $'10.0.0.1,9,10.0.0.2,80\tequal byte
10.0.0.1,9,10.0.0.3,80\tdiffers: retransmissions (tshark 3000000, wire 2000000)
10.0.0.1,9,10.0.0.4,80\tonly tshark: other
10.0.0.1,9,10.0.0.2,80\tonly wire: packets 4 s and more after the end
10.0.0.1,9,10.0.0.5,80\tonly wire' ]
    printf 'crash\tb.pcap\t80\t139\n' >>"$dir/lines"
    printf '%s\n' $'ours\ta.pcap' $'others\tb.pcap' >"$dir/list"
    "$build/validate/wire_captures" table "$dir/list" "$dir/lines" >"$dir/table"
    [ "$(sed -n '3,5p' "$dir/table")" = "| ours | 1 | 1 | 5 | 1 | 1 | 4 | 0 |
| others | 1 | 0 | 0 | 0 | 0 | 0 | 1 |
| all | 2 | 1 | 5 | 1 | 1 | 4 | 1 |" ]
    grep -qx '| differs: retransmissions | 1 | ours |' "$dir/table"
    run "$build/validate/wire_captures" compare a.pcap
    failed_in_one_line 2
}

# bats test_tags=slow
@test "wire and tshark: every format of a file" {
    needs tshark
    for name in lo.pcapng microseconds.pcap cooked1.pcap cooked2.pcap vlan.pcap; do
        agrees_with_tshark "$captures/$name" 18080
    done
    agrees_with_tshark "$captures/ipv6.pcap" 18081
}

# ---- arithmetic ----

# bats test_tags=root
@test "wire: a live capture and its file give the same results" {
    needs_capture
    start_wakeone
    start_wire -i lo -w "$pcap" --json="$json" --connections "$csv" --histograms "$BATS_TEST_TMPDIR/live"
    run_load --connections 8 --mix one:2:1,many:1:4:0s --count 600
    end_wire
    nothing_is_lost
    mv "$table" "$BATS_TEST_TMPDIR/live.table"
    mv "$csv" "$BATS_TEST_TMPDIR/live.csv"
    mv "$json" "$BATS_TEST_TMPDIR/live.json"
    read_file "$pcap" "$port" --histograms "$BATS_TEST_TMPDIR/offline"
    [ "$status" -eq 0 ]
    diff "$BATS_TEST_TMPDIR/live.table" "$table"
    cmp "$BATS_TEST_TMPDIR/live.csv" "$csv"
    cmp "$BATS_TEST_TMPDIR/live.json" "$json"
    diff -r "$BATS_TEST_TMPDIR/live" "$BATS_TEST_TMPDIR/offline"
}

@test "wire: a filtered file equals the original" {
    read_file "$captures/lo.pcap" 18080 -w "$pcap"
    [ "$status" -eq 0 ]
    cmp "$captures/lo.pcap" "$pcap"
}

# bats test_tags=root
@test "wire: JSON, CSV and histograms add up to the requests of load" {
    needs_capture
    start_wakeone
    start_wire -i lo --json="$json" --connections "$csv" --histograms "$BATS_TEST_TMPDIR"
    run_load --connections 4 --mix one:2:1,many:1:4:0s --count 400
    end_wire
    nothing_is_lost
    holds "\$s.exchanges == 400 and \$c.whole == $(of_load .summary.conns) and \$s.open == 0 and \$s.given_up == 0"
    for sight in whole unfinished half_open partial; do
        holds "\$c.$sight == $(awk -F, -v sight=$sight '$6 == sight { n++ } END { print n + 0 }' "$csv")"
    done
    holds "\$s.exchanges == $(awk -F, '{ n += $7 } END { print n }' "$csv")"
    # fields 14 to 17 are the counts
    holds "[.counts[]] == [$(awk -F, -v OFS=, 'NR > 1 { for (i = 14; i < 18; i++) n[i] += $i }
        END { print n[14], n[15], n[16], n[17] }' "$csv")]"
    holds '$s.frames == (.packets | add) and .packets.tcp == $s.frames and $s.other_ports == 0'
    for interval in synack handshake wait first_byte response close; do
        grep -q "Total count *= *$(jq ".intervals.$interval.count" "$json")\]" "$BATS_TEST_TMPDIR/$interval.hgrm"
    done
    holds '.intervals | .synack.count == $c.whole and .handshake.count == $c.whole and .first_byte.count == $c.whole'
    holds '.intervals | .wait.count == $s.exchanges and .response.count == $s.exchanges'
    # a connection's first byte is its handshake, its wait, and the client's time in between
    awk -F, 'NR > 1 && $8 + $9 + $10 > $11 { exit 1 }' "$csv"
}

@test "wire: JSON on standard output, and nothing else" {
    run --separate-stderr "$build/bin/wire" -r "$captures/lo.pcap" --port 18080 --json
    [ "$status" -eq 0 ]
    jq -e '.summary.exchanges == 18' <<<"$output"
}

# ---- live on lo ----

# bats test_tags=root
@test "wire: SIGINT and SIGTERM end it if no packets arrive, and no process is left" {
    needs_capture
    local flags number
    flags=$(cat /sys/class/net/lo/flags)
    start_odd refuse # no client connects to its port
    for number in INT TERM; do
        start_wire -i lo --json="$json"
        [ "$(cat /sys/class/net/lo/flags)" = "$flags" ]
        local pid=$wire_pid
        kill -$number "$wire_pid"
        wait_wire
        [ "$wire_status" -eq 1 ]
        holds '$s.frames == 0'
        grep -q "lo: no packets of port $port" "$BATS_TEST_TMPDIR/err"
        [ ! -e "/proc/$pid" ]
    done
    [ "$(cat /sys/class/net/lo/flags)" = "$flags" ]
}

# bats test_tags=root
@test "wire: --duration ends it with and without packets" {
    needs_capture
    start_odd refuse
    fails 1 "no packets of port $port" -i lo --port "$port" --duration 500ms
    stop_server
    start_wakeone
    "$build/bin/load" --rate 500 --duration 60s "$url" >/dev/null 2>&1 3>&- &
    load_pid=$!
    run timeout 30 "$build/bin/wire" -i lo --port "$port" --duration 500ms --json="$json"
    [ "$status" -eq 0 ]
    holds '$s.exchanges > 0 and $s.seconds >= 0.3'
}

# bats test_tags=root
@test "wire: after kill -9 no socket is left" {
    needs_capture
    port=1
    local inode
    start_wire -i lo
    inode=$(packet_sockets | awk '{ print $9 }')
    grep -q " $inode *$" /proc/net/packet
    kill -KILL "$wire_pid"
    wait_wire
    refute grep -q " $inode *$" /proc/net/packet
}

# bats test_tags=root
@test "wire: other ports are ignored" {
    needs_capture
    start_wakeone
    local seen=$port
    start_wire -i lo --json="$json"
    stop_server
    start_wakeone
    [ "$port" -ne "$seen" ]
    run_load --count 100
    end_wire
    [ "$wire_status" -eq 1 ]
    holds '$s.frames == 0 and $s.other_ports == 0'
}

# bats test_tags=root
@test "wire: lost packets are reported" {
    needs_capture
    start_wakeone
    start_wire -i lo --json="$json" --ring 1
    kill -STOP "$wire_pid"
    run_load --count 4000
    kill -CONT "$wire_pid"
    end_wire
    [ "$wire_status" -eq 3 ]
    holds '$s.verdict == "drops" and $s.dropped > 0'
    [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
    grep -q 'PACKETS WERE LOST' "$BATS_TEST_TMPDIR/err"
}

# bats test_tags=root
@test "wire: on any, and over IPv6" {
    needs_capture
    [ -e /proc/net/if_inet6 ] || skip "IPv6 is unavailable"
    start_wakeone --address ::1
    url="http://[::1]:$port/"
    start_wire -i any --json="$json" --connections "$csv"
    run_load --count 100
    end_wire
    nothing_is_lost
    holds '$c.whole == 100 and $s.exchanges == 100'
    [ "$(sed 1d "$csv" | cut -d, -f 2,4 | sort -u)" = "::1,::1" ]
}

# ---- outcomes of connections ----

# bats test_tags=root
@test "wire: a connection from before the capture is partial, and has no handshake" {
    needs_capture
    start_wakeone
    "$build/bin/load" --connections 2 --requests-per-connection 0 --think 40ms --duration 10s "$url" \
        >/dev/null 2>&1 3>&- &
    load_pid=$!
    sleep 0.3
    start_wire -i lo -w "$pcap" --json="$json" --connections "$csv"
    sleep 0.3
    end_wire
    holds '$c.partial == 2 and ($c | add) == 2 and $s.exchanges > 4 and $s.given_up == 0'
    holds '.intervals | .synack.count == 0 and .handshake.count == 0 and .first_byte.count == 0 and .close.count == 0'
    [ "$(sed 1d "$csv" | cut -d, -f 6,8,9,11,13 | sort -u)" = "partial,,,," ]
    # idle for longer than --idle: closed, and a new one if it continues
    read_file "$pcap" "$port" --idle 20ms
    holds '$s.given_up > 2 and $c.partial > $s.given_up'
    read_file "$pcap" "$port" --max-connections 1
    holds '$s.given_up > 2 and $c.partial == $s.given_up + 1'
}

# bats test_tags=root
@test "wire: a full backlog: retransmitted SYNs, and half open connections" {
    needs_capture
    start_odd full
    start_wire -i lo --json="$json" --connections "$csv"
    run_load --connections 3 --count 3 --timeout 1300ms || true
    end_wire
    [ "$wire_status" -eq 0 ]
    holds '$c.half_open == 3 and ($c | add) == 3 and .counts.syn_retransmitted >= 3 and $s.exchanges == 0'
    [ "$(sed 1d "$csv" | cut -d, -f 6-13 | sort -u)" = "half_open,0,,,,,," ]
}

# bats test_tags=root
@test "wire: connections that the client resets are complete, and counted" {
    needs_capture
    start_wakeone
    start_wire -i lo --json="$json" --connections "$csv"
    run_load --connections 4 --mix many:1:2:0s --count 100 --close rst
    end_wire
    nothing_is_lost
    holds '$c.whole >= 50 and ($c | add) == $c.whole and $s.exchanges == 100 and .counts.resets >= $c.whole'
    awk -F, 'NR > 1 && $17 < 1 { exit 1 }' "$csv"
}

# bats test_tags=root
@test "wire: connections to a closed port are complete, with a reset and no exchange" {
    needs_capture
    start_odd refuse
    start_wire -i lo --json="$json"
    run_load --count 5 || true
    end_wire
    holds '$c.whole == 5 and .counts.resets == 5 and $s.exchanges == 0 and .intervals.synack.count == 0'
}

# ---- files ----

@test "wire: pcap and pcapng, nanoseconds and microseconds" {
    has_the_ten "$captures/lo.pcap"
    intervals "$csv" >"$BATS_TEST_TMPDIR/nanoseconds"
    has_the_ten "$captures/lo.pcapng"
    intervals "$csv" | diff "$BATS_TEST_TMPDIR/nanoseconds" -
    has_the_ten "$captures/microseconds.pcap"
    awk -F, 'NR > 1 { for (i = 8; i < 14; i++) if ($i % 1000) exit 1 }' "$csv"
}

@test "wire: Linux cooked, both versions" {
    has_the_ten "$captures/cooked1.pcap"
    has_the_ten "$captures/cooked2.pcap"
}

@test "wire: IPv6, and with a VLAN tag" {
    has_the_ten "$captures/ipv6.pcap" 18081
    [ "$(sed 1d "$csv" | cut -d, -f 2,4 | sort -u)" = "::1,::1" ]
    has_the_ten "$captures/vlan.pcap"
}

@test "wire: with two VLAN tags, and IPv6 with extension headers" {
    has_the_ten "$captures/qinq.pcap"
    has_the_ten "$captures/ipv6-extensions.pcap" 18081
}

# tests/data/capture/tunnels.pcap: each connection in another one: PPPoE, MPLS, SNAP, VXLAN, GRE, IP in IP, Geneve,
# GTP-U, PPPoE with two tags, ERSPAN. Others: tests/unit/test_packet.c
@test "wire: connections in tunnels" {
    has_the_ten "$captures/tunnels.pcap"
}

# tests/data/capture/esp.pcap: two of the connections in ESP
@test "wire: packets that are not decoded are counted by kind" {
    read_file "$captures/esp.pcap" 18080
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"esp.pcap: 16 packets in ESP were not decoded" ]]
    holds '$c.whole == 2 and .packets.not_looked_into == 16 and .not_looked_into == {ESP: 16} and $s.verdict == "ok"'
    holds '$s.frames == (.packets | add)'
    fails 1 'no packets of port 81; 16 packets in ESP were not decoded' -r "$captures/esp.pcap" --port 81
}

# tests/data/capture/tso.pcap: a request of 3,000 bytes in a frame whose IPv4 total length is 0, as written by segmentation
# offload; the response 1 ms later.
@test "wire: an IP length of 0 extends to the end of the frame" {
    read_file "$captures/tso.pcap" 80
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    holds '$s.exchanges == 1 and .intervals.wait.max_us == 1000 and .packets.bad == 0 and .counts.out_of_order == 0'
}

@test "wire: a file from standard input, also while it is written" {
    has_the_ten - <"$captures/lo.pcap"
    has_the_ten - <"$captures/lo.pcapng"
    has_the_ten - < <(head -c 5000 "$captures/lo.pcap"; sleep 0.1; tail -c +5001 "$captures/lo.pcap")
}

# waits_to_read PID: it handles SIGINT, and sleeps at each check
waits_to_read() {
    local look state caught
    caught=$(sed -n 's/^SigCgt:.*\(.\)$/\1/p' "/proc/$1/status")
    [ $((0x$caught & 2)) -ne 0 ] || return 1
    for look in 1 2 3; do
        read -r _ _ state _ <"/proc/$1/stat"
        [ "$state" = S ] || return 1
        sleep 0.02
    done
}

@test "wire: an endless file: a signal ends it with a report" {
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    (cat "$captures/lo.pcap"; exec sleep 60) >"$BATS_TEST_TMPDIR/fifo" 3>&- &
    load_pid=$!
    "$build/bin/wire" -r - --port 18080 --json="$json" <"$BATS_TEST_TMPDIR/fifo" >"$table" 2>/dev/null 3>&- &
    wire_pid=$!
    wait_until waits_to_read "$wire_pid"
    kill -INT "$wire_pid"
    wait_wire
    kill -0 "$load_pid" # the other end is open
    holds '$s.frames > 0'
}

@test "wire: intervals with decreasing time stamps are missing" {
    read_file "$captures/backwards.pcap" 18080 # every other packet is one second too early
    [ "$status" -eq 0 ]
    holds '$c.whole == 10 and $s.exchanges == 18'
    awk -F, 'NR > 1 { for (i = 8; i < 14; i++) if ($i > 2000000000) { print; exit 1 } }' "$csv"
    awk -F, 'NR > 1 && ($1 < -2 || $1 > 2) { print; exit 1 }' "$csv"
}

# tests/data/capture/fin.pcap: request at 3 ms, its ACK, no response, a FIN 500 bytes further at 10 s.
@test "wire: a FIN after a response that was not captured is not its first byte" {
    read_file "$captures/fin.pcap" 80
    [ "$status" -eq 0 ]
    holds '$s.exchanges == 0 and .intervals.first_byte.count == 0 and .intervals.wait.count == 0'
    holds '.intervals.close.count == 1 and $c.whole == 1 and .counts.out_of_order == 1'
}

# ---- packets captured twice ----

@test "wire: a packet that is captured twice counts once" {
    needs mergecap
    mergecap -F nsecpcap -w "$pcap" "$captures/lo.pcap" "$captures/lo.pcap"
    read_file "$pcap" 18080
    [ "$status" -eq 0 ]
    holds '$c.whole == 10 and ($c | add) == 10 and $s.exchanges == 18 and $s.seen_twice == 100'
    holds '.counts | add == 0'
    intervals "$csv" >"$BATS_TEST_TMPDIR/twice"
    read_file "$captures/lo.pcap" 18080
    intervals "$csv" | diff "$BATS_TEST_TMPDIR/twice" -
}

# Two namespaces with a cable in between; in the client's it ends at a bridge, where `any` captures packets
# on the bridge and on its port.
# bats test_tags=root
@test "wire: on any, a packet that passes two interfaces counts once" {
    needs_capture
    needs ip
    local client=wirec$$ server=wires$$
    ip netns add "$client" 2>/dev/null || skip "not permitted to make network namespaces"
    namespaces=$client
    ip netns add "$server"
    namespaces="$client $server"
    ip link add wirec netns "$client" type veth peer name wires netns "$server" || skip "the kernel does not support veth"
    ip -n "$client" link add wireb type bridge || skip "the kernel does not support bridges"
    ip -n "$client" link set wirec master wireb
    for link in wirec wireb; do
        ip -n "$client" link set $link up
    done
    ip -n "$server" link set wires up
    ip -n "$client" address add 10.79.83.1/24 dev wireb
    ip -n "$server" address add 10.79.83.2/24 dev wires
    port=18080
    ip netns exec "$server" "$build/epoll/wakeone" --port $port --address 10.79.83.2 >"$BATS_TEST_TMPDIR/ready" 3>&- &
    server_pid=$!
    wait_until test -s "$BATS_TEST_TMPDIR/ready"
    wait_until ip netns exec "$client" bash -c "exec 4<>/dev/tcp/10.79.83.2/$port" 2>/dev/null
    in="ip netns exec $client"
    url=http://10.79.83.2:$port/
    start_wire -i any --json="$json" -w "$pcap"
    run_load --allow-remote --connections 2 --count 200
    end_wire
    nothing_is_lost
    holds '$c.whole == 200 and ($c | add) == 200 and $s.exchanges == 200'
    holds '$s.seen_twice * 2 == .packets.tcp and .counts.retransmitted == 0'
}

# ---- errors ----

# All usage errors: tests/unit/test_arguments_wire.c
@test "wire: a usage error is one line" {
    run "$build/bin/wire" -i lo
    failed_in_one_line 2
    run "$build/bin/wire" -r "$captures/lo.pcap" --port 18080 --duration 1s
    failed_in_one_line 2
}

@test "wire: nothing to capture on: one line" {
    fails 2 "no such interface 'no-such'" -i no-such --port 80
}

@test "wire: not permitted to capture: one line" {
    local as=()
    if [ "$(id -u)" -eq 0 ]; then
        needs setpriv
        as=(setpriv --bounding-set -net_raw --inh-caps -net_raw --ambient-caps -net_raw)
    fi
    run --separate-stderr "${as[@]}" "$build/bin/wire" -i lo --port 80 --duration 100ms
    if [ "$(id -u)" -ne 0 ] && [[ "$stderr" != *"cannot capture"* ]]; then
        skip "an ordinary user may capture here"
    fi
    [ "$status" -eq 1 ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [ -z "$output" ]
    [[ "$stderr" == "wire: cannot capture on lo: "*"root, or CAP_NET_RAW" ]]
}

@test "wire: no file, or not a capture: one line" {
    fails 1 'No such file' -r "$BATS_TEST_TMPDIR/no-such" --port 80
    fails 1 'Is a directory' -r "$BATS_TEST_TMPDIR" --port 80
    fails 1 'cannot read' -r /dev/null --port 80
    fails 1 'cannot read' -r "$top/Makefile" --port 80
    fails 1 'cannot read -:' -r - --port 80 </dev/null
    head -c 10 "$captures/lo.pcap" >"$pcap"
    fails 1 'cannot read' -r "$pcap" --port 18080
    fails 1 'no packets of port 80' -r "$captures/lo.pcap" --port 80
    head -c 24 "$captures/lo.pcap" >"$pcap"
    fails 1 'no packets of port 18080' -r "$pcap" --port 18080
}

@test "wire: an unknown link type: one line" {
    { head -c 20 "$captures/lo.pcap"; printf '\334\0\0\0'; tail -c +25 "$captures/lo.pcap"; } >"$pcap"
    fails 1 'USB_LINUX_MMAPPED (220), which are unsupported' -r "$pcap" --port 18080
}

# with_byte OFFSET OCTAL: lo.pcap with one byte changed
with_byte() {
    { head -c "$1" "$captures/lo.pcap"; printf "%b" "\\0$2"; tail -c +$(($1 + 2)) "$captures/lo.pcap"; } >"$pcap"
}

@test "wire: a damaged packet is reported in verdict and exit status" {
    with_byte 54 101 # the first packet's IP header, of 4 bytes
    read_file "$pcap" 18080
    [ "$status" -eq 3 ]
    [[ "$stderr" == *"1 packets are malformed"* ]]
    [ "${#stderr_lines[@]}" -eq 1 ]
    holds '$s.verdict == "bad" and .packets.bad == 1 and .packets.tcp == 99'
    with_byte 86 20 # its TCP header, of 4 bytes
    read_file "$pcap" 18080
    [ "$status" -eq 3 ]
    holds '$s.verdict == "bad" and .packets.bad == 1'
    fails 1 'no packets of port 80' -r "$pcap" --port 80 # malformed, but of another port
    [[ "$stderr" != *malformed* ]]
}

@test "wire: a packet with truncated headers is reported in verdict and exit status" {
    # the first of them, of 74 bytes, is cut to 40
    { head -c 32 "$captures/lo.pcap"; printf '\50\0\0\0'; tail -c +37 "$captures/lo.pcap" | head -c 44
        tail -c +$((24 + 16 + 74 + 1)) "$captures/lo.pcap"; } >"$pcap"
    read_file "$pcap" 18080
    [ "$status" -eq 3 ]
    [[ "$stderr" == *"the headers of 1 packets were truncated"* ]]
    [ "${#stderr_lines[@]}" -eq 1 ]
    holds '$s.verdict == "truncated" and .packets.truncated == 1 and $c.partial == 1 and $c.whole == 9'
}

# FILE has which one, its first byte and its name
@test "wire: a compressed file: one line with what to do" {
    gzip -c "$captures/lo.pcap" >"$pcap"
    fails 1 'compressed with gzip: try `gzip -dc FILE | wire -r - --port PORT`' -r "$pcap" --port 18080
    fails 1 'compressed with gzip' -r - --port 18080 <"$pcap"
    local first
    for first in '\0375:xz' 'B:bzip2' '(:zstd' '\04:lz4'; do
        printf "%babcdefghijklmnopqrstuvwxyz" "${first%:*}" >"$pcap"
        fails 1 "compressed with ${first#*:}" -r "$pcap" --port 18080
    done
    gzip -dc <(gzip -c "$captures/lo.pcap") | has_the_ten -
}

@test "wire: pcapng with different interfaces: what to do, and that it works" {
    needs mergecap tshark editcap
    mergecap -w "$pcap" "$captures/lo.pcap" "$captures/cooked1.pcap"
    fails 1 "tshark -r FILE -Y 'frame.interface_id == 0' -w - | editcap -T ether -F nsecpcap - 0.pcap" -r "$pcap" --port 18080
    tshark -r "$pcap" -Y 'frame.interface_id == 0' -w - 2>/dev/null | editcap -T ether -F nsecpcap - "$BATS_TEST_TMPDIR/0.pcap"
    has_the_ten "$BATS_TEST_TMPDIR/0.pcap"
}

@test "wire: a truncated file: the report up to there, and status 1" {
    local name
    for name in lo.pcap lo.pcapng; do
        head -c 6000 "$captures/$name" >"$pcap"
        fails 1 'read error' -r "$pcap" --port 18080 --json="$json" --connections "$csv"
        [ "${#lines[@]}" -eq 10 ] || { echo "$output"; return 1; }
        holds '$c.whole >= 3 and $c.whole < 10 and $s.exchanges >= 3'
        # all except the header
        [ "$(wc -l <"$csv")" -eq $(($(jq '.connections | add' "$json") + 1)) ]
    done
}

@test "wire: a file that is truncated in its first packet: one line" {
    head -c 100 "$captures/lo.pcap" >"$pcap"
    fails 1 'read error' -r "$pcap" --port 18080
}

@test "wire: packets with a short snap length are counted, and are not an error" {
    needs editcap
    editcap -F nsecpcap -s 40 "$captures/lo.pcap" "$pcap" # in the middle of TCP's header
    read_file "$pcap" 18080
    [ "${#stderr_lines[@]}" -le 1 ]
    holds '.packets.truncated + .packets.tcp == $s.frames'
    editcap -F nsecpcap -s 54 "$captures/lo.pcap" "$pcap" # in front of TCP's options
    has_the_ten "$pcap"
}

@test "wire: an output does not overwrite the capture" {
    cp "$captures/lo.pcap" "$pcap"
    fails 2 '--read and --write are the same file' -r "$pcap" --port 18080 -w "$BATS_TEST_TMPDIR/./wire.pcap"
    # shellcheck disable=SC2094 # that is what is tested
    fails 2 '--read and --write are the same file' -r - --port 18080 -w "$pcap" <"$pcap"
    cmp "$captures/lo.pcap" "$pcap"
}

@test "wire: standard output that is full or closed is an error, for any output" {
    local document
    for document in --json '--connections=-' '--write=-'; do
        run --separate-stderr bash -c '"$@" >/dev/full' - "$build/bin/wire" -r "$captures/lo.pcap" --port 18080 $document
        [ "$status" -eq 1 ]
        [ "${#stderr_lines[@]}" -eq 1 ]
        [ "$stderr" = "wire: cannot write standard output: No space left on device" ]
        run --separate-stderr bash -c '"$@" >&-' - "$build/bin/wire" -r "$captures/lo.pcap" --port 18080 $document
        [ "$status" -eq 1 ]
        [ "$stderr" = "wire: cannot write standard output: Bad file descriptor" ]
    done
}

@test "wire: nowhere to write: one line" {
    local option
    for option in --write= --json= --connections=; do
        fails 1 'cannot write /dev/full: No space left on device' -r "$captures/lo.pcap" --port 18080 "$option/dev/full"
        fails 1 'cannot write /nonexistent/file' -r "$captures/lo.pcap" --port 18080 "$option/nonexistent/file"
    done
    fails 1 'cannot make the directory' -r "$captures/lo.pcap" --port 18080 --histograms /nonexistent/directory
    fails 1 'not a writable directory' -r "$captures/lo.pcap" --port 18080 --histograms "$captures/lo.pcap"
    run --separate-stderr bash -c '"$1" -r "$2" --port 18080 >/dev/full' - "$build/bin/wire" "$captures/lo.pcap"
    [ "$status" -eq 1 ]
    [ "${#stderr_lines[@]}" -eq 1 ]
}

# bats test_tags=root
@test "wire: a disk that becomes full during a capture: reported at the end, with the report" {
    needs_capture
    start_wakeone
    start_wire -i lo --json="$json" -w /dev/full
    run_load --count 200
    end_wire
    [ "$wire_status" -eq 1 ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
    grep -q 'cannot write /dev/full: No space left on device' "$BATS_TEST_TMPDIR/err"
    holds '$c.whole == 200 and $s.exchanges == 200'
}

# bats test_tags=root
@test "wire: no capture of these tests is left" {
    local pid
    for pid in $(pgrep -x wire || true); do
        refute grep -qszxF "BATS_RUN_TMPDIR=$BATS_RUN_TMPDIR" "/proc/$pid/environ"
    done
}

@test "wire: packets that were truncated within their headers are not ignored" {
    needs editcap
    editcap -s 40 "$captures/lo.pcap" "$BATS_TEST_TMPDIR/cut.pcap"
    fails 1 'headers of ' -r "$BATS_TEST_TMPDIR/cut.pcap" --port 18080
}
