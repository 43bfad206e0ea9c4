#!/usr/bin/env bats
# everywhere: one benchmark on several hosts. ssh is a mock script, a host is a directory in which run.sh is a script that
# copies a simulated run.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
load runs
bats_require_minimum_version 1.5.0

setup() {
    export WAKEONE_RESULTS=$BATS_TEST_TMPDIR/results # where compare writes
    built "$build"/bin/runs
    hosts=$BATS_TEST_TMPDIR/hosts
    out=$BATS_TEST_TMPDIR/out/monday
    mkdir -p "$hosts" "$BATS_TEST_TMPDIR/out"
    cat >"$BATS_TEST_TMPDIR/ssh" <<-'END'
	#!/bin/sh
	# HOST WORDS: as ssh gives them to the shell there, in the home directory
	host=$1
	shift
	cd "$(dirname "$0")/hosts/$host" || exit 255
	exec sh -c "$*"
	END
    chmod +x "$BATS_TEST_TMPDIR/ssh"
    small_copy "$BATS_TEST_TMPDIR/run"
    for host in a b c; do
        add_host "$host"
        echo "$host # a comment"
    done >"$BATS_TEST_TMPDIR/file"
}

# add_host NAME: its run.sh records its arguments, and makes a run
add_host() {
    mkdir -p "$hosts/$1/wakeone/results"
    cat >"$hosts/$1/wakeone/run.sh" <<-END
	#!/bin/sh
	printf '%s\n' "\$@" >>words
	for word in "\$@"; do
	    case \$word in
	    results/*)
		mkdir -p "\$word"
		cp -R "$BATS_TEST_TMPDIR/run/." "\$word"
		;;
	    esac
	done
	END
    chmod +x "$hosts/$1/wakeone/run.sh"
}

everywhere() {
    ./run.sh everywhere --ssh "$BATS_TEST_TMPDIR/ssh" --out "$out" "$@"
}

@test "the same command is run on each host, and the runs are collected and compared" {
    everywhere "$BATS_TEST_TMPDIR/file" -- bench --also "slow=wakeone --service-us 20" --rounds 2 >"$BATS_TEST_TMPDIR/said" 2>"$BATS_TEST_TMPDIR/err" || [ $? -eq 3 ]
    cat "$BATS_TEST_TMPDIR/err"
    for host in a b c; do
        diff -r "$out/$host" "$BATS_TEST_TMPDIR/run"
        diff "$hosts/$host/wakeone/words" - <<-'END'
	bench
	--out
	results/monday
	--also
	slow=wakeone --service-us 20
	--rounds
	2
	END
        grep -q "^everywhere: $host: done$" "$BATS_TEST_TMPDIR/err"
    done
    grep -q "runs of 3 of 3 hosts are in $out" "$BATS_TEST_TMPDIR/err"
    grep -q "out/monday/b" "$BATS_TEST_TMPDIR/said"
    [ -z "$(ls -d "$out"/*.new 2>/dev/null)" ]
}

@test "a host that fails is reported, the others continue, and the same command measures the missing hosts" {
    printf '#!/bin/sh\necho "no space here" >&2\nexit 1\n' >"$hosts/b/wakeone/run.sh"
    run --separate-stderr everywhere --at-once 3 "$BATS_TEST_TMPDIR/file" -- bench
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"everywhere: b: bench failed with status 1: no space here"* ]]
    [[ "$stderr" == *"runs of 2 of 3 hosts"* ]]
    [ -d "$out/a" ]
    [ ! -e "$out/b" ]
    add_host b
    mkdir "$hosts/b/wakeone/results/monday" # it had begun
    run --separate-stderr everywhere "$BATS_TEST_TMPDIR/file" -- bench
    [[ "$stderr" == *"runs of 3 of 3 hosts"* ]]
    [ "$(grep -c . "$hosts/a/wakeone/words")" -eq 3 ]
    [ "$(tr '\n' ' ' <"$hosts/b/wakeone/words")" = "bench --resume results/monday " ]
}

@test "a host that cannot be reached, or has no checkout, is reported" {
    echo "d" >>"$BATS_TEST_TMPDIR/file"
    rm -r "$hosts/c/wakeone"
    run --separate-stderr everywhere "$BATS_TEST_TMPDIR/file" -- bench
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"everywhere: c: bench failed with status 1"* ]]
    [[ "$stderr" == *"everywhere: d: bench failed with status 255"* ]]
    [[ "$stderr" == *"runs of 2 of 4 hosts"* ]]
}

@test "a host stops measuring when the connection is lost" {
    printf '#!/bin/sh\necho $$ >pid\nexec sleep 1000\n' >"$hosts/a/wakeone/run.sh"
    echo a >"$BATS_TEST_TMPDIR/file"
    TMPDIR=$BATS_TEST_TMPDIR setsid ./run.sh everywhere --ssh "$BATS_TEST_TMPDIR/ssh" --out "$out" "$BATS_TEST_TMPDIR/file" -- bench >/dev/null 2>&1 3>&- &
    local all=$!
    wait_until test -s "$hosts/a/wakeone/pid"
    pid=$(cat "$hosts/a/wakeone/pid")
    kill -KILL -- "-$all"
    wait "$all" || true
    wait_until refute kill -0 "$pid"
    [ ! -e "$out/a" ]
}

@test "invalid arguments are usage errors, and no host is contacted" {
    echo "a b c" >"$BATS_TEST_TMPDIR/three"
    printf 'a\na\n' >"$BATS_TEST_TMPDIR/twice"
    echo "-oProxyCommand=x" >"$BATS_TEST_TMPDIR/option"
    echo "a /srv/\"x" >"$BATS_TEST_TMPDIR/quote"
    echo "# nobody" >"$BATS_TEST_TMPDIR/none"
    for words in "three -- bench" "twice -- bench" "option -- bench" "quote -- bench" "none -- bench" "nosuch -- bench" \
        "file bench" "file -- report" "file -- bench --out x" "file -- bench --resume x" "file --"; do
        read -ra list <<<"$words"
        run ./run.sh everywhere --ssh "$BATS_TEST_TMPDIR/ssh" "$BATS_TEST_TMPDIR/${list[0]}" "${list[@]:1}"
        failed_in_one_line 2
    done
    run everywhere --out "$BATS_TEST_TMPDIR/a b" "$BATS_TEST_TMPDIR/file" -- bench
    failed_in_one_line 2
    [ ! -e "$hosts/a/wakeone/words" ]
}
