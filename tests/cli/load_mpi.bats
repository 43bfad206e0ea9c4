#!/usr/bin/env bats
# load-mpi: processes that make one load together. Counts of all are those of one, and who does not come to the end ends all.
# On this host; as root, since packages of MPI are of that tier.
# Measures nothing.

load support
bats_require_minimum_version 1.5.0

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export ASAN_OPTIONS=detect_leaks=0 # MPI keeps some memory

setup() {
    command -v mpirun >/dev/null || skip "needs mpirun: ./run.sh setup mpi"
    [ -x "$build/bin/load-mpi" ] || skip "was not built: make mpi"
}

teardown() {
    [ -z "${mpi_pid:-}" ] || kill -KILL "$mpi_pid" 2>/dev/null || true
    stop_server || true
    remove_hosts
}

# ranks N OPTIONS...: of load-mpi
ranks() {
    mpirun -q --oversubscribe -n "$1" "$build/bin/load-mpi" "${@:2}"
}

# accepted WORKERS: by all of them
accepted() {
    od -An -v -t u8 -w128 -j128 -N $((128 * $1)) "$BATS_TEST_TMPDIR/stats" | awk '{ n += $7 } END { print n }'
}

# of_clients COLUMN: the sum of the column of clients.csv
of_clients() {
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i } NR > 1 { sum += $column }
        END { print sum }' "$BATS_TEST_TMPDIR/clients.csv"
}

# bats test_tags=root
@test "four processes make the requests of one, and all their counts are in the result" {
    start_server wakeone --workers 4 --stats "$BATS_TEST_TMPDIR/stats"
    ranks 4 --count 1001 --connections 9 --json --clients="$BATS_TEST_TMPDIR/clients.csv" "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/json"
    jq -e '.summary | .requests == 1001' "$BATS_TEST_TMPDIR/json"
    jq -e '.statuses["2xx"] == 1001 and .status_codes == {"200": 1001}' "$BATS_TEST_TMPDIR/json"
    jq -e '[.threads[].requests] | add == 1001 and length == 4' "$BATS_TEST_TMPDIR/json"
    [ "$(accepted 4)" -ge 1001 ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/clients.csv")" -eq 5 ]
    [ "$(of_clients requests)" -eq 1001 ]
    [ "$(of_clients errors)" -eq 0 ]
    [ "$(cut -d, -f2 "$BATS_TEST_TMPDIR/clients.csv" | sort -u | wc -l)" -eq 2 ] # one host, and the header
}

# bats test_tags=root
@test "one schedule is dealt out to all threads of all processes" {
    start_server wakeone --workers 4
    ranks 3 --threads 2 --rate 600 --count 3001 --json --histograms "$BATS_TEST_TMPDIR" \
        --clients="$BATS_TEST_TMPDIR/clients.csv" "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/json" || [ $? -eq 3 ]
    jq -e '[.threads[].requests] == [501, 500, 500, 500, 500, 500]' "$BATS_TEST_TMPDIR/json"
    [ "$(of_clients requests)" -eq 3001 ]
    [ "$(of_clients threads)" -eq 6 ]
    grep -q 'Total count    = *3001\]' "$BATS_TEST_TMPDIR/latency.hgrm"
}

# bats test_tags=root
@test "URLs and a rising rate of several processes are those of one" {
    start_server wakeone --workers 2
    printf '3 /\n1 /other\n' >"$BATS_TEST_TMPDIR/urls"
    one() {
        "$@" --urls "$BATS_TEST_TMPDIR/urls" --seed 5 --count 400 --connections 4 --json "http://127.0.0.1:$port/" |
            jq -c '[.urls[].requests]'
    }
    alone=$(one "$build/bin/load" --threads 4)
    [ "$alone" = "$(one ranks 4)" ]
    ranks 2 --rate 200..400 --ramp 1s --json "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/json" || [ $? -eq 3 ]
    jq -e '([.slices[].due] | add) == .summary.intended and .summary.intended >= 290' "$BATS_TEST_TMPDIR/json" || {
        jq .slices "$BATS_TEST_TMPDIR/json"
        return 1
    }
}

# bats test_tags=root
@test "what is wrong with the words is said once, with status 2" {
    run --separate-stderr ranks 3 --nonsense "http://127.0.0.1:1/"
    [ "$status" -eq 2 ]
    [ "$stderr" = "load-mpi: there is no option '--nonsense': see --help" ]
    run --separate-stderr ranks 2 --timeline "$BATS_TEST_TMPDIR/timeline" "http://127.0.0.1:1/"
    [ "$status" -eq 2 ]
    [ "$stderr" = "load-mpi: --timeline is of one process, and here are 2" ]
    run --separate-stderr ranks 3 --connections 2 "http://127.0.0.1:1/"
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"cannot deal 2 connections out to 3 threads in 3 processes"* ]]
}

# bats test_tags=root
@test "no server: one line of the first process" {
    start_odd refuse
    run --separate-stderr ranks 2 --duration 100ms "http://127.0.0.1:$port/"
    [ "$status" -eq 1 ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ "$stderr" == "load-mpi: "*"connect_refused errors: "* ]]
}

# loads: processes of load-mpi that make this test's load
loads() {
    pgrep -f "bin/load-mpi .*:$port/"
}

# is_cut SIGNAL: three processes, of which the last one gets the signal in the middle of the window
is_cut() {
    start_server wakeone --workers 2
    mpirun --oversubscribe -n 3 "$build/bin/load-mpi" --rate 300 --duration 3s "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    mpi_pid=$!
    wait_until eval '[ "$(pgrep -P "$mpi_pid" | wc -l)" -eq 3 ]'
    sleep 1
    kill -"$1" "$(pgrep -P "$mpi_pid" | tail -n 1)"
    status=0
    wait "$mpi_pid" || status=$?
    mpi_pid=
    cat "$BATS_TEST_TMPDIR/err"
    wait_until refute loads
}

# bats test_tags=root
@test "a process that is killed ends all, and none is left" {
    is_cut KILL
    [ "$status" -ne 0 ]
    [ ! -s "$BATS_TEST_TMPDIR/out" ]
}

# bats test_tags=root
@test "a process that hangs is named, all end, and none is left" {
    is_cut STOP
    [ "$status" -eq 1 ]
    grep -q '(process 2) did not end with the others' "$BATS_TEST_TMPDIR/err"
}

# bats test_tags=root
@test "started without mpirun it is one process" {
    start_server wakeone --workers 2
    run --separate-stderr "$build/bin/load-mpi" --count 10 --connections 2 --clients "http://127.0.0.1:$port/"
    [ "$status" -eq 0 ]
    [[ "${lines[1]}" == 0,*,10,0,0,* ]]
}

# ---- hosts: network namespaces on a bridge that is in the server's ----

needs_hosts() {
    command -v ip >/dev/null || skip "needs ip(8)"
    prefix=wo$$
    ip netns add "${prefix}s" 2>/dev/null || skip "not permitted to make network namespaces"
    ip -n "${prefix}s" link add bridge type bridge || skip "this kernel has no bridges"
    ip -n "${prefix}s" address add 10.99.0.1/24 dev bridge
    ip -n "${prefix}s" link set bridge up
    ip -n "${prefix}s" link set lo up
    # what mpirun starts on a host: HOST COMMAND...
    cat >"$BATS_TEST_TMPDIR/agent" <<-'END'
	#!/bin/sh
	host=$1
	shift
	exec ip netns exec "$host" unshare --uts sh -c 'hostname "$0"; exec sh -c "$*"' "$host" "$@"
	END
    chmod +x "$BATS_TEST_TMPDIR/agent"
}

# add_host LETTER ADDRESS
add_host() {
    ip netns add "$prefix$1"
    ip -n "${prefix}s" link add "to-$1" type veth peer name eth0 netns "$prefix$1"
    ip -n "${prefix}s" link set "to-$1" master bridge up
    ip -n "$prefix$1" address add "$2/24" dev eth0
    ip -n "$prefix$1" link set eth0 up
    ip -n "$prefix$1" link set lo up
}

remove_hosts() {
    local host pid
    for host in $(ip netns list 2>/dev/null | awk -v prefix="${prefix:-none}" 'index($1, prefix) == 1 { print $1 }'); do
        for pid in $(ip netns pids "$host"); do
            kill -KILL "$pid" 2>/dev/null || true
        done
        ip netns delete "$host"
    done
}

# serve_hosts: in the server's namespace
serve_hosts() {
    ip netns exec "${prefix}s" "$build/epoll/wakeone" --workers 4 --address 10.99.0.1 --port 8080 \
        --stats "$BATS_TEST_TMPDIR/stats" >"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    server_pid=$!
    wait_until test -s "$BATS_TEST_TMPDIR/ready"
    port=8080
}

# on_hosts HOSTS OPTIONS...: of load-mpi; what tells of a host that is cut off, see docs/cluster.md
on_hosts() {
    ip netns exec "${prefix}s" mpirun --mca plm_rsh_agent "$BATS_TEST_TMPDIR/agent" \
        --mca oob_tcp_if_include 10.99.0.0/24 --mca btl_tcp_if_include 10.99.0.0/24 --mca btl tcp,self \
        --mca oob_tcp_keepalive_time 1 --mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 3 \
        -H "$1" "$build/bin/load-mpi" --allow-remote "${@:2}" http://10.99.0.1:8080/
}

# bats test_tags=root
@test "four hosts: a row for each, and the server has accepted what they have made together" {
    needs_hosts
    for host in a b c d; do
        add_host "$host" "10.99.0.1$((0x$host - 9))"
    done
    serve_hosts
    on_hosts "${prefix}a:1,${prefix}b:1,${prefix}c:1,${prefix}d:1" --rate 400 --duration 2s --json \
        --clients="$BATS_TEST_TMPDIR/clients.csv" >"$BATS_TEST_TMPDIR/json"
    cat "$BATS_TEST_TMPDIR/clients.csv"
    [ "$(cut -d, -f2 "$BATS_TEST_TMPDIR/clients.csv" | tail -n +2 | tr '\n' ' ')" = "${prefix}a ${prefix}b ${prefix}c ${prefix}d " ]
    [ "$(of_clients errors)" -eq 0 ]
    requests=$(of_clients requests)
    [ "$requests" -ge 799 ]
    jq -e --argjson requests "$requests" '.summary | .requests == $requests and .intended >= 800 and .intended <= 804' "$BATS_TEST_TMPDIR/json"
    [ "$(accepted 4)" -ge "$requests" ]
}

# bats test_tags=root
@test "a host that is cut off in the middle: the load ends, and no process is left on any host" {
    needs_hosts
    add_host a 10.99.0.11
    add_host b 10.99.0.12
    serve_hosts
    on_hosts "${prefix}a:1,${prefix}b:1" --rate 200 --duration 4s >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    mpi_pid=$!
    wait_until eval '[ "$(accepted 4)" -gt 100 ]'
    ip -n "${prefix}s" link set to-b down
    status=0
    wait "$mpi_pid" || status=$?
    mpi_pid=
    cat "$BATS_TEST_TMPDIR/err"
    [ "$status" -ne 0 ]
    [ ! -s "$BATS_TEST_TMPDIR/out" ]
    wait_until refute loads
}
