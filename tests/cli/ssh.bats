#!/usr/bin/env bats
# load-mpi and everywhere by ssh: sshd in network namespaces, with keys and configurations of this test only.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
load hosts
bats_require_minimum_version 1.5.0

setup() {
    sshd=$(PATH=$PATH:/usr/sbin command -v sshd) || skip "needs sshd: ./run.sh setup root"
    command -v ssh >/dev/null || skip "needs ssh: ./run.sh setup root"
}

teardown() {
    end_hosts
}

# needs_ssh: needs_hosts, a key of the hosts and one of the user, and what sshd and ssh are to know
needs_ssh() {
    needs_hosts
    for key in host user; do
        ssh-keygen -q -t ed25519 -N '' -C test -f "$BATS_TEST_TMPDIR/$key"
    done
    cat >"$BATS_TEST_TMPDIR/sshd_config" <<-END
	HostKey $BATS_TEST_TMPDIR/host
	AuthorizedKeysFile $BATS_TEST_TMPDIR/user.pub
	StrictModes no
	PermitRootLogin prohibit-password
	PasswordAuthentication no
	UsePAM no
	PidFile none
	SetEnv BUILT=1
	END
    cat >"$BATS_TEST_TMPDIR/ssh_config" <<-END
	Host *
	    User root
	    IdentityFile $BATS_TEST_TMPDIR/user
	    IdentitiesOnly yes
	    IdentityAgent none
	    UserKnownHostsFile $BATS_TEST_TMPDIR/known_hosts
	    GlobalKnownHostsFile /dev/null
	    LogLevel ERROR
	END
    ssh="ssh -o BatchMode=yes -F $BATS_TEST_TMPDIR/ssh_config"
}

# answers HOST: by ssh, with its own name
answers() {
    [ "$(ip netns exec "${prefix}s" $ssh "$1" uname -n 2>&1)" = "$1" ]
}

# add_ssh_host LETTER ADDRESS: a host with sshd. The directory of its runs, and /run, where sshd wants a directory, are its own.
add_ssh_host() {
    local host=$prefix$1
    add_host "$1" "$2"
    echo "$2 $(cat "$BATS_TEST_TMPDIR/host.pub")" >>"$BATS_TEST_TMPDIR/known_hosts"
    printf 'Host %s\n    HostName %s\n' "$host" "$2" >>"$BATS_TEST_TMPDIR/ssh_config"
    mkdir "$BATS_TEST_TMPDIR/results-$1"
    ip netns exec "$host" unshare --uts sh -e -c '
        hostname "$1"
        mount -t tmpfs tmpfs /run
        mkdir /run/sshd
        mount --bind "$2" "$3"
        exec "$4" -D -e -f "$5"' - "$host" "$BATS_TEST_TMPDIR/results-$1" "$top/results" "$sshd" \
        "$BATS_TEST_TMPDIR/sshd_config" 2>"$BATS_TEST_TMPDIR/sshd-$1.log" 3>&- &
    disown # its end in remove_hosts is no message of the shell
    wait_until answers "$host" || { cat "$BATS_TEST_TMPDIR/sshd-$1.log"; return 1; }
}

# bats test_tags=root
@test "load-mpi: mpirun starts it on two hosts by ssh" {
    command -v mpirun >/dev/null || skip "needs mpirun: ./run.sh setup mpi"
    [ -x "$build/bin/load-mpi" ] || skip "was not built: make mpi"
    needs_ssh
    add_ssh_host a 10.99.0.11
    add_ssh_host b 10.99.0.12
    serve_hosts
    agent="$ssh" on_hosts "${prefix}a:2,${prefix}b:2" --count 1001 --connections 8 --json >"$BATS_TEST_TMPDIR/json"
    jq -e '.summary.requests == 1001 and .statuses["2xx"] == 1001 and (.threads | length) == 4' "$BATS_TEST_TMPDIR/json"
    grep -q 'Accepted publickey for root from 10.99.0.1 ' "$BATS_TEST_TMPDIR/sshd-a.log"
    grep -q 'Accepted publickey for root from 10.99.0.1 ' "$BATS_TEST_TMPDIR/sshd-b.log"
}

# bats test_tags=root
@test "everywhere: a bench on two hosts by ssh, and their runs are collected and compared" {
    needs_ssh
    add_ssh_host a 10.99.0.11
    add_ssh_host b 10.99.0.12
    printf '%s %s\n' "${prefix}a" "$top" "${prefix}b" "$top" >"$BATS_TEST_TMPDIR/hosts"
    out=$BATS_TEST_TMPDIR/ssh-run
    status=0
    WAKEONE_RESULTS=$BATS_TEST_TMPDIR ip netns exec "${prefix}s" ./run.sh everywhere --ssh "$ssh" --out "$out" "$BATS_TEST_TMPDIR/hosts" -- \
        bench --strategies racing,wakeone --workers 2 --rounds 2 \
        >"$BATS_TEST_TMPDIR/table" 2>"$BATS_TEST_TMPDIR/err" || status=$?
    cat "$BATS_TEST_TMPDIR/err" "$out"/*.log
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
    grep -q 'runs of 2 of 2 hosts' "$BATS_TEST_TMPDIR/err"
    for letter in a b; do
        [ "$(jq -r .host "$out/$prefix$letter/env.json")" = "$prefix$letter" ]
        # the header, a trial of warm-up, and two rounds of two strategies and the A/A control
        [ "$(wc -l <"$out/$prefix$letter/trials.csv")" -eq 8 ]
        [ -f "$BATS_TEST_TMPDIR/results-$letter/ssh-run/trials.csv" ]
        cmp "$BATS_TEST_TMPDIR/results-$letter/ssh-run/trials.csv" "$out/$prefix$letter/trials.csv"
    done
    grep -q "$prefix" "$BATS_TEST_TMPDIR/table"
    [ ! -e "results/ssh-run" ]
}
