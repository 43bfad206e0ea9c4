#!/usr/bin/env bats
# harness/lib/install.sh with a faked dpkg, apt-get, id and sudo: nothing is installed by a test.
# Measures nothing.

load support

# fake NAME BODY: a command of that name, found first
fake() {
    printf '#!/bin/sh\n%s\n' "$2" >"$BATS_TEST_TMPDIR/bin/$1"
    chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

setup() {
    mkdir "$BATS_TEST_TMPDIR/bin"
    log=$BATS_TEST_TMPDIR/log
    # everything is there but jq and wrk, until they are installed
    fake dpkg-query "for p in \"\$@\"; do
        case \$p in jq | wrk) [ ! -f '$BATS_TEST_TMPDIR/installed' ] || echo \"installed \$p\" ;; *) echo \"installed \$p\" ;; esac
    done"
    fake apt-get "echo \"apt-get \$*\" >>'$log'; case \$1 in install) touch '$BATS_TEST_TMPDIR/installed' ;; esac"
    fake id 'echo 0'
    # only what is faked, and what the script needs
    for tool in sh awk sed cat dirname mktemp rm tail touch tr printf env basename; do
        ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/$tool"
    done
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

isolated() {
    env PATH="$BATS_TEST_TMPDIR/bin" sh harness/lib/install.sh "$@"
}

@test "what is missing is installed, by one list, without recommendations" {
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

@test "--no-install only says what is missing, why, and how to get it" {
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

@test "no network: one reason, what apt said, status 1" {
    fake apt-get 'echo "E: Unable to fetch" >&2; exit 100'
    run isolated run
    [ "$status" -eq 1 ]
    [[ "$output" == *"E: Unable to fetch"* ]]
    [[ "${lines[-1]}" == *"is there a network?"* ]]
}

@test "another system than Debian: what would be needed is said, and the build is tried" {
    rm "$BATS_TEST_TMPDIR/bin/dpkg-query"
    run isolated run
    [ "$status" -eq 0 ]
    [[ "$output" == *"this is not Debian"*"libgsl-dev"* ]]
}

@test "every package of deps.txt has a stage and a reason, and stands once" {
    run awk '!/^#/ && (NF < 3 || $2 !~ /^((run|test|lint|fuzz|lab|peers)(,|$))+$/ || seen[$1]++)' deps.txt
    [ -z "$output" ]
}
