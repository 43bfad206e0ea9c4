#!/usr/bin/env bats
# harness/lib/install.sh with mock dpkg, apt-get, id and sudo: tests install nothing.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

# fake NAME BODY: a command of that name, found first
fake() {
    printf '#!/bin/sh\n%s\n' "$2" >"$BATS_TEST_TMPDIR/bin/$1"
    chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

setup() {
    mkdir "$BATS_TEST_TMPDIR/bin"
    log=$BATS_TEST_TMPDIR/log
    # everything except jq and wrk is installed, until they are
    fake dpkg-query "for p in \"\$@\"; do
        case \$p in jq | wrk) [ ! -f '$BATS_TEST_TMPDIR/installed' ] || echo \"installed \$p\" ;; *) echo \"installed \$p\" ;; esac
    done"
    fake apt-get "echo \"apt-get \$*\" >>'$log'; case \$1 in install) touch '$BATS_TEST_TMPDIR/installed' ;; esac"
    fake id 'echo 0'
    # only mock commands, and those that the script needs
    for tool in sh awk sed cat dirname grep mktemp rm tail touch tr printf env basename; do
        ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/$tool"
    done
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

isolated() {
    env PATH="$BATS_TEST_TMPDIR/bin" sh harness/lib/install.sh "$@"
}

@test "missing packages are installed, in one call, without recommendations" {
    run isolated run test
    [ "$status" -eq 0 ]
    grep -qx 'apt-get install --yes --no-install-recommends jq wrk' "$log"
    [ "$(grep -c update "$log")" -eq 1 ]
}

@test "the second time nothing is done and no network is needed" {
    isolated run test
    rm "$log"
    run isolated run test
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ ! -e "$log" ]
}

@test "--no-install only reports what is missing, why, and how to install it" {
    run isolated --no-install run
    [ "$status" -eq 2 ]
    [[ "$output" == *"jq: writes and reads env.json"* ]]
    [[ "$output" == *"apt-get install --yes --no-install-recommends jq"* ]]
    [[ "$output" != *wrk* ]]
    [ ! -e "$log" ]
}

@test "not root and no sudo: the exact command, status 2, nothing done" {
    fake id 'echo 1000'
    run isolated run
    failed_in_one_line 2
    [[ "$output" == *"apt-get update && apt-get install --yes --no-install-recommends jq" ]]
    [ ! -e "$log" ]
}

@test "not root but sudo: through sudo" {
    fake id 'echo 1000'
    fake sudo "echo sudo >>'$log'; exec \"\$@\""
    run isolated run
    [ "$status" -eq 0 ]
    [ "$(grep -c sudo "$log")" -eq 2 ]
}

@test "errors of apt are one line: no network, an unknown package, a full disk; status 1" {
    for reason in "E: Failed to fetch http://deb.example/: Temporary failure resolving" "E: Unable to locate package jq" \
        "E: You don't have enough free space in /var/cache/apt/archives/."; do
        fake apt-get "echo \"\$1\" >>'$log'; [ \"\$1\" = update ] || { echo 'Reading package lists...'; echo \"$reason\" >&2; exit 100; }"
        run isolated run
        [ "$status" -eq 1 ]
        [ "${#lines[@]}" -eq 2 ]
        [ "${lines[1]}" = "install: cannot install: $reason; by hand, as root: apt-get update && apt-get install --yes --no-install-recommends jq" ]
    done
    # lists that could not be updated: packages in them are installed; otherwise the update is the reason
    fake apt-get "[ \"\$1\" = update ] && echo 'W: Failed to fetch http://deb.example/' && exit 100; touch '$BATS_TEST_TMPDIR/installed'"
    run isolated run
    [ "$status" -eq 0 ]
    rm "$BATS_TEST_TMPDIR/installed"
    fake apt-get "[ \"\$1\" = update ] && echo 'W: Failed to fetch http://deb.example/' && exit 100; echo 'E: Unable to locate package jq'; exit 100"
    run isolated run
    [ "$status" -eq 1 ]
    [[ "${lines[-1]}" == "install: cannot install: W: Failed to fetch http://deb.example/; "* ]]
}

@test "no space for a temporary file: one line, status 1" {
    TMPDIR=/nowhere run isolated run
    failed_in_one_line 1
    [[ "$output" == *"/nowhere"* ]]
}

@test "a distribution without apt: the requirements are printed in one line, and the build is tried" {
    for tool in dpkg-query apt-get; do
        mv "$BATS_TEST_TMPDIR/bin/$tool" "$BATS_TEST_TMPDIR/"
        run isolated run
        failed_in_one_line 0
        [[ "$output" == *"apt is not available"*"libgsl-dev"* ]]
        mv "$BATS_TEST_TMPDIR/$tool" "$BATS_TEST_TMPDIR/bin/"
    done
}

@test "a package with another name in another release, or without one, is supported" {
    mkdir -p "$BATS_TEST_TMPDIR/tree/harness/lib"
    cp harness/lib/*.sh "$BATS_TEST_TMPDIR/tree/harness/lib/"
    printf 'old-name|new-name run a library\ngone|- run a server\njq run a filter\n' >"$BATS_TEST_TMPDIR/tree/deps.txt"
    fake dpkg-query 'for p; do [ "$p" != "$THERE" ] || echo "installed $p"; done'
    fake apt-cache '[ "$2" = apt ] || [ "$2" = new-name ]'
    in_tree() { env PATH="$BATS_TEST_TMPDIR/bin" sh "$BATS_TEST_TMPDIR/tree/harness/lib/install.sh" "$@"; }
    THERE=none run in_tree --no-install run
    [ "$status" -eq 2 ]
    [ "${lines[-1]}" = "install: packages are missing; as root, run: apt-get install --yes --no-install-recommends new-name jq" ]
    refute grep -q 'server' <<<"$output"
    # either name is sufficient
    sed -i /jq/d "$BATS_TEST_TMPDIR/tree/deps.txt"
    for there in old-name new-name; do
        THERE=$there run in_tree --no-install run
        [ "$status" -eq 0 ]
        [ -z "$output" ]
    done
    # without lists no package is known, so all are requested
    fake apt-cache 'exit 100'
    THERE=none run in_tree --no-install run
    [[ "${lines[-1]}" == *" old-name gone" ]]
}

@test "setup installs and builds only what was requested" {
    run ./run.sh setup --nonsense
    failed_in_one_line 2
    run ./run.sh setup nosuch
    failed_in_one_line 2
    [[ "$output" == *"run"*"lab"* ]]
}

@test "commands that only read report what is missing and how to get it, and install nothing" {
    cp -r tests/data/run "$BATS_TEST_TMPDIR/run" # plot writes to its run
    for command in "report tests/data/run" "plot $BATS_TEST_TMPDIR/run" "compare tests/data/run results/reference/main"; do
        run env PATH="$BATS_TEST_TMPDIR/bin" BUILD=build/nowhere sh run.sh $command
        failed_in_one_line 1
        [[ "$output" == "${command%% *}: missing: gnuplot build/bin/runs; ./run.sh setup "* ]]
    done
    [ ! -e "$log" ]
}

@test "every package of deps.txt has a stage and a reason, and is listed once" {
    run awk '!/^#/ && (NF < 3 || $2 !~ /^((run|build|test|root|slow|lint|fuzz|mpi|lab|virtual|peers|ci)(,|$))+$/ || seen[$1]++)' deps.txt
    [ -z "$output" ]
}

@test "lint finds awk programs of more than 20 lines, in files and in shell scripts, and no shorter ones" {
    cd "$BATS_TEST_TMPDIR"
    lines() { yes '    { print }' | head -n "$1"; }
    { echo '# a comment'; echo; lines 20; } >short.awk
    lines 21 >long.awk
    { echo "# it's awk '"; printf '%s\n' "cut -f 1 | awk -F '\\t' \\" "    -v n=\"\$1\" '"; lines 19; echo "    END { print }' x"; } >short.sh
    { echo "echo 'a'; awk 'BEGIN { FS = OFS }"; lines 20; echo "    END { print '\"\$x\"' }' x"; } >long.sh
    run awk -f "$top/tests/cli/awk_length.awk" short.awk short.sh short.awk
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    run awk -f "$top/tests/cli/awk_length.awk" short.awk long.awk short.sh long.sh short.awk
    [ "$status" -eq 1 ]
    [ "$(cut -d: -f1,2 <<<"$output" | paste -sd ' ')" = "long.awk:1 long.sh:1" ]
}

@test "the Debian packages list the dependencies of deps.txt: for the build, and at run time" {
    packages_of() { awk -v all="$1" '!/^#/ && $2 ~ /(^|,)run(,|$)/ && ($2 ~ /(^|,)build(,|$)/) == all { print $1 }' deps.txt | sort; }
    # dependencies of build-essential and debhelper
    [ "$(packages_of 1 | grep -vxE 'gcc|libc6-dev|make|git')" = \
        "$(sed -n '/^Build-Depends:/,/^Standards/p' debian/control | grep -oE '[a-z][a-z0-9-]+(,|$)' | tr -d , | sort)" ]
    [ "$(packages_of 0)" = "$(sed -n '/^Package: wakeone$/,/^Suggests/p' debian/control | sed -n 's/^ *\(Depends: \)\{0,1\}\([a-z][a-z0-9-]*\),$/\2/p' | sort)" ]
    # shellcheck disable=SC2001
    [ "$(sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)" = "$(./run.sh --version | cut -d' ' -f2)" ]
}
