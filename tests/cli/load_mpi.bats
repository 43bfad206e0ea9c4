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
    ranks 4 --count 1001 --connections 9 --json --clients-csv="$BATS_TEST_TMPDIR/clients.csv" "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/json"
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
        --clients-csv="$BATS_TEST_TMPDIR/clients.csv" "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/json" || [ $? -eq 3 ]
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
    grep -q '(process 2) did not come to the end of the window with the others' "$BATS_TEST_TMPDIR/err"
}

# bats test_tags=root
@test "started without mpirun it is one process" {
    start_server wakeone --workers 2
    run --separate-stderr "$build/bin/load-mpi" --count 10 --connections 2 --clients-csv "http://127.0.0.1:$port/"
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
        --clients-csv="$BATS_TEST_TMPDIR/clients.csv" >"$BATS_TEST_TMPDIR/json"
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

# ---- trial and bench: other hosts make the load of a server that is here ----

# of_json NAME: a column of the row in $BATS_TEST_TMPDIR/row
of_row() {
    jq -r ".$1" "$BATS_TEST_TMPDIR/row"
}

# bats test_tags=root
@test "trial --clients: the row has what all clients did, and the server's counts of the same window" {
    mkdir -p "$BATS_TEST_TMPDIR/run/hist"
    "$build/bin/trial" --strategy wakeone --workers 2 --clients localhost:3 --server-address 127.0.0.1 --rate 300 \
        --window 1s --trial 7 --out "$BATS_TEST_TMPDIR/run" || [ $? -eq 3 ] # noisy
    cp "$BATS_TEST_TMPDIR/run/clients.csv" "$BATS_TEST_TMPDIR"
    [ "$(cut -d, -f1,2 "$BATS_TEST_TMPDIR/clients.csv" | tr '\n' ' ')" = "trial,client 7,0 7,1 7,2 " ]
    requests=$(of_clients requests)
    [ "$requests" -gt 0 ]
    [ "$requests" -le 301 ]
    run awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } END { print $at["requests"], $at["client_cpus"] }' "$BATS_TEST_TMPDIR/run/trials.csv"
    [ "$output" = "$requests remote" ]
    # what the server took in its window: those, and what was in flight at the ends
    awk -F, -v n="$requests" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR > 1 { sum += $at["requests"] }
        END { exit sum < n || sum > n + 6 }' "$BATS_TEST_TMPDIR/run/workers.csv"
    grep -q "Total count    = *$requests\]" "$BATS_TEST_TMPDIR/run/hist/7.hgrm"
}

# bats test_tags=root
@test "trial --clients: usage errors, and what has no such option" {
    trial() {
        run --separate-stderr "$build/bin/trial" --strategy wakeone --workers 1 "$@"
        [ "$status" -eq "$expected" ] || return 1
        [ "${#stderr_lines[@]}" -eq 1 ] || return 1
        [[ "$stderr" == "trial: "$message ]]
    }
    expected=2
    message="--clients takes --server-address as well: where they reach the server"
    trial --clients localhost
    message="--clients takes hosts such as a,b:2, @FILE, or job, not '-x'"
    trial --clients -x --server-address 127.0.0.1
    message="--clients: cannot read /nowhere: No such file or directory"
    trial --clients @/nowhere --server-address 127.0.0.1
    message="--clients does not go with --wire: it looks at this host's loopback"
    trial --clients localhost --server-address 127.0.0.1 --wire
    message="--clients does not go with --client-cpus: these are other hosts"
    trial --clients localhost --server-address 127.0.0.1 --client-cpus 0
    expected=1
    message='load-mpi: *: cannot deal 1 connections out to 2 threads in 2 processes'
    trial --clients localhost:2 --server-address 127.0.0.1 --connections 1
    run --separate-stderr env PATH=/nowhere "$build/bin/trial" --strategy wakeone --clients localhost --server-address 127.0.0.1
    [ "$status" -eq 1 ]
    [ "$stderr" = "trial: --clients takes mpirun and load-mpi: see \`make mpi\`" ]
}

# is_lost ACTION...: of three clients on this host the last gets it in the middle of the window
is_lost() {
    "$build/bin/trial" --strategy wakeone --workers 2 --clients localhost:3 --server-address 127.0.0.1 --rate 300 \
        --window 3s --json >"$BATS_TEST_TMPDIR/row" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    trial_pid=$!
    wait_until eval '[ "$(clients_of "$trial_pid" | wc -l)" -eq 4 ]'
    sleep 1
    "$@" "$(clients_of "$trial_pid" | tail -n 1)"
    status=0
    wait "$trial_pid" || status=$?
    cat "$BATS_TEST_TMPDIR/err" "$BATS_TEST_TMPDIR/row"
    [ "$status" -eq 3 ]
    [ "$(of_row verdict)" = client-lost ]
    [ "$(of_row requests)" = null ]
    [ "$(of_row wakeups)" -gt 0 ]
    wait_until refute pgrep -f "load-mpi .*--observer wakeone-trial-$trial_pid "
}

# clients_of TRIAL: those that it waits for, the one that observes first
clients_of() {
    pgrep -f "^$build/bin/load-mpi .*--observer wakeone-trial-$1 "
}

# bats test_tags=root
@test "trial --clients: a client that is killed, and one that hangs: the row says so, and nothing is left" {
    is_lost kill -KILL
    is_lost kill -STOP
    grep -q "^trial: clients: load-mpi: .* (process 3) did not come to the end of the window" "$BATS_TEST_TMPDIR/err"
}

# bats test_tags=root
@test "trial --clients: killed itself, it leaves no process" {
    "$build/bin/trial" --strategy wakeone --workers 2 --clients localhost:2 --server-address 127.0.0.1 --window 60s \
        >"$BATS_TEST_TMPDIR/row" 2>&1 3>&- &
    trial_pid=$!
    wait_until eval '[ "$(clients_of "$trial_pid" | wc -l)" -eq 3 ]'
    kill -KILL "$trial_pid"
    wait_until refute pgrep -f "load-mpi .*--observer wakeone-trial-$trial_pid "
}

# bench_hosts OPTIONS...: in the server's namespace; mpirun's daemons enter those of the clients
bench_hosts() {
    ip netns exec "${prefix}s" env OMPI_MCA_plm_rsh_agent="$BATS_TEST_TMPDIR/agent" OMPI_MCA_btl=tcp,self \
        OMPI_MCA_oob_tcp_if_include=10.99.0.0/24 OMPI_MCA_btl_tcp_if_include=10.99.0.0/24 \
        BUILT=1 ./run.sh bench --strategies wakeone,racing --workers 2 --rate 400 --window 500ms --rounds 2 --no-figures \
        --server-address 10.99.0.1 --out "$BATS_TEST_TMPDIR/run" "$@" 3>&-
}

# verdicts: of the run's rows but the warm-up's, each once
verdicts() {
    awk -F, 'NR > 2 { print $NF }' "$BATS_TEST_TMPDIR/run/trials.csv" | sort -u
}

# bats test_tags=root
@test "bench --clients: four hosts, a row for each in each trial; the run can be resumed and copied" {
    needs_hosts
    for host in a b c d; do
        add_host "$host" "10.99.0.1$((0x$host - 9))"
    done
    printf '%s\n' "${prefix}a slots=1" "${prefix}b slots=1" "${prefix}c slots=1" "${prefix}d slots=1" >"$BATS_TEST_TMPDIR/hosts"
    bench_hosts --clients "@$BATS_TEST_TMPDIR/hosts" || [ $? -eq 3 ] # noisy
    grep -v '^trial' "$BATS_TEST_TMPDIR/run/clients.csv" | cut -d, -f1,3 >"$BATS_TEST_TMPDIR/rows"
    for trial in 1 2 3 4 5 6 7; do
        for host in a b c d; do
            echo "$trial,$prefix$host"
        done
    done | diff - "$BATS_TEST_TMPDIR/rows"
    # nothing was lost between the clients and the row
    diff <(awk -F, 'NR > 1 { n[$1] += $8 } END { for (t in n) print t, n[t] }' "$BATS_TEST_TMPDIR/run/clients.csv" | sort -n) \
        <(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR > 1 { print $1, $at["requests"] }' "$BATS_TEST_TMPDIR/run/trials.csv" | sort -n)
    run ./run.sh bench --resume "$BATS_TEST_TMPDIR/run" --no-figures
    [[ "$output" != *"takes"* ]]
    ./run.sh compact "$BATS_TEST_TMPDIR/run" "$BATS_TEST_TMPDIR/copy"
    cmp "$BATS_TEST_TMPDIR/run/clients.csv" "$BATS_TEST_TMPDIR/copy/clients.csv"
}

# bats test_tags=root
@test "bench --clients: a host that is cut off costs its samples, and the run goes on" {
    needs_hosts
    add_host a 10.99.0.11
    add_host b 10.99.0.12
    bench_hosts --clients "${prefix}a,${prefix}b" --window 2s >"$BATS_TEST_TMPDIR/out" 2>&1 &
    bench_pid=$!
    wait_until eval '[ "$(cat "$BATS_TEST_TMPDIR/run/clients.csv" 2>/dev/null | wc -l)" -ge 5 ]'
    sleep 1
    ip -n "${prefix}s" link set to-b down
    wait_until grep -q client-lost "$BATS_TEST_TMPDIR/run/trials.csv"
    ip -n "${prefix}s" link set to-b up
    status=0
    wait "$bench_pid" || status=$?
    cat "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 3 ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/run/trials.csv")" -eq 8 ]
    verdicts | grep -qx client-lost
    grep -q "clients: " "$BATS_TEST_TMPDIR/out"
    wait_until refute pgrep -f "load-mpi .*10.99.0.1"
}

# bats test_tags=root
@test "trial --clients job: a process on each host of a Slurm job; the first, which is this one, observes" {
    needs_hosts
    add_host a 10.99.0.11
    add_host b 10.99.0.12
    mkdir -p "$BATS_TEST_TMPDIR/run/hist"
    # the environment of a job, without its srun: mpirun starts its daemons by the agent
    ip netns exec "${prefix}s" unshare --uts env SLURM_JOBID=1 SLURM_NODELIST="${prefix}s,${prefix}a,${prefix}b" \
        SLURM_TASKS_PER_NODE="1(x3)" OMPI_MCA_plm=rsh OMPI_MCA_plm_rsh_agent="$BATS_TEST_TMPDIR/agent" OMPI_MCA_btl=tcp,self \
        OMPI_MCA_oob_tcp_if_include=10.99.0.0/24 OMPI_MCA_btl_tcp_if_include=10.99.0.0/24 \
        sh -c 'hostname "$1"; shift; exec "$@"' sh "${prefix}s" "$build/bin/trial" --strategy wakeone --workers 2 --clients job \
        --server-address 10.99.0.1 --rate 200 --window 1s --out "$BATS_TEST_TMPDIR/run" || [ $? -eq 3 ] # noisy
    [ "$(cut -d, -f3 "$BATS_TEST_TMPDIR/run/clients.csv" | tr '\n' ' ')" = "host ${prefix}a ${prefix}b " ]
    awk -F, 'NR > 1 { n += $8 } END { exit n < 1 || n > 201 }' "$BATS_TEST_TMPDIR/run/clients.csv"
}
