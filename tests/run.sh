#!/bin/sh
# run.sh UNIT_TESTS...: runs the unit tests given and all of tests/cli, and ends with what failed, and where, and
# one line "N passed, N failed". BUILD says which build is tested. Exit status 1 if anything failed, or if nothing
# was run.
#
# What measures is run alone. Files of tests/cli that say "Measures nothing." in their opening comment are run two
# at a time, the largest first: where starting processes is slow (a virtual machine), more at once slow one another.

set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
export BUILD="${BUILD:-build}"
export BUILT=1 # and whole: the commands need not look
outputs=$(mktemp -d) || exit 1
trap 'rm -rf "$outputs"' EXIT
passed=0
failed=0

# run_tests HOW_MANY_AT_A_TIME TESTS...
run_tests() {
    at_a_time=$1
    shift
    [ $# -gt 0 ] || return 0
    printf '%s\n' "$@" | xargs -P "$at_a_time" -n 1 tests/run_one.sh "$outputs"
    for test in "$@"; do
        tally "$(basename "$test")"
    done
}

# failures_of NAME: what is not ok, where, and the beginning of what it printed. cmocka says "not ok" of what it skips, too.
failures_of() {
    awk '!/^#/ { lines = /^not ok / && !/# SKIP/ ? 8 : 0 } lines-- > 0' "$outputs/$1"
}

# tally NAME: counts what a TAP producer printed. One that ends badly without having said
# which test failed (a crash, a sanitizer's report at exit) is one failure more.
tally() {
    status=1
    seconds=0
    read -r status seconds <"$outputs/$1.end"
    ok=$(grep -c '^ok ' "$outputs/$1")
    not_ok=$(failures_of "$1" | grep -c '^not ok ')
    if [ "$not_ok" -gt 0 ] || [ "$status" -ne 0 ]; then
        sed "s|^|$1: |" "$outputs/$1"
        {
            failures_of "$1"
            [ "$not_ok" -gt 0 ] || echo "ended with status $status after $seconds s"
        } | sed "s|^|$1: |" >>"$outputs/failures"
        [ "$not_ok" -gt 0 ] || not_ok=1
    else
        echo "$1: $ok passed, $seconds s"
    fi
    passed=$((passed + ok))
    failed=$((failed + not_ok))
}

run_tests 1 "$@"
# Names of tests have no blanks.
# shellcheck disable=SC2046
run_tests 2 $(grep -l '^#.*Measures nothing\.' $(ls -S tests/cli/*.bats))
# shellcheck disable=SC2046
run_tests 1 $(grep -L '^#.*Measures nothing\.' tests/cli/*.bats)

[ "$failed" -eq 0 ] || cat "$outputs/failures"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
