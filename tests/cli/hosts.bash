# Hosts of the tests: network namespaces on a bridge, which is in the server's. Each has its own host name; files are shared. A file
# that loads this calls end_hosts in teardown.

# SPDX-License-Identifier: BSD-2-Clause

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export ASAN_OPTIONS=detect_leaks=0 # MPI does not free all memory
export HWLOC_HIDE_ERRORS=2 # Open MPI's, in a root without /sys

needs_mpi() {
    export TMPDIR=$BATS_TEST_TMPDIR # session directories of an mpirun that was killed
    command -v mpirun >/dev/null || skip "needs mpirun: ./run.sh setup mpi"
    [ -x "$build/bin/load-mpi" ] || skip "was not built: make mpi"
}

needs_hosts() {
    export TMPDIR=$BATS_TEST_TMPDIR # session directories of an mpirun that was killed
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

# reaching_hosts COMMAND...: with the settings of Open MPI 4 and 5 by which an mpirun that it starts reaches the hosts
reaching_hosts() {
    OMPI_MCA_plm_rsh_agent=$BATS_TEST_TMPDIR/agent PRTE_MCA_plm_ssh_agent=$BATS_TEST_TMPDIR/agent \
        OMPI_MCA_oob_tcp_if_include=10.99.0.0/24 PRTE_MCA_oob_tcp_if_include=10.99.0.0/24 \
        OMPI_MCA_btl=tcp,self OMPI_MCA_btl_tcp_if_include=10.99.0.0/24 "$@"
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

# end_hosts: in teardown: the load that was left, the server, the hosts
end_hosts() {
    [ -z "${mpi_pid:-}" ] || kill -KILL "$mpi_pid" 2>/dev/null || true
    stop_server || true
    remove_hosts
}

# serve_hosts [STRATEGY OPTIONS...]: a server in its namespace (wakeone, 4 workers)
serve_hosts() {
    ip netns exec "${prefix}s" "$build/epoll/${1:-wakeone}" --workers 4 --address 10.99.0.1 --port 8080 \
        --stats "$BATS_TEST_TMPDIR/stats" "${@:2}" >"$BATS_TEST_TMPDIR/ready" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    server_pid=$!
    wait_until test -s "$BATS_TEST_TMPDIR/ready"
    port=8080
}

# on_hosts HOSTS OPTIONS...: of load-mpi. $agent: what mpirun starts processes by, instead of entering the namespace. Keepalive: docs/cluster.md
on_hosts() {
    ip netns exec "${prefix}s" mpirun --mca plm_rsh_agent "${agent:-$BATS_TEST_TMPDIR/agent}" \
        --mca oob_tcp_if_include 10.99.0.0/24 --mca btl_tcp_if_include 10.99.0.0/24 --mca btl tcp,self \
        --mca oob_tcp_keepalive_time 1 --mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 3 \
        ${ASAN_OPTIONS:+-x ASAN_OPTIONS} -H "$1" "$build/bin/load-mpi" --allow-remote "${@:2}" http://10.99.0.1:8080/
}
