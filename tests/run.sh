#!/bin/sh
# run.sh TIER [UNIT_TESTS...]: runs the unit tests given and the tests of tests/cli that belong to a tier, lists what
# failed and what was skipped, with the reason, and ends with one line "N passed, N failed, N skipped". BUILD is the directory of the
# build. Exit status 1 if anything failed, or if nothing was run.
# Temporary files that a test leaves are a failure of it.
#
# A test of tests/cli belongs to one tier, by its bats tags (`# bats test_tags=root`):
#   test   no tag: what passes on any machine, as an ordinary user
#   root   root: BPF, packet capture, namespaces, mounts
#   slow   slow, and not root: a browser, faults, kill -9, all reference runs
#
# Files with "Measures nothing." in their opening comment run side by side, the largest first; what measures runs
# alone. $BUILD/ran/TIER is left for tests/nowhere.sh: a line "FILE<TAB>TEST<TAB>outcome" per test.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
case ${1:-} in
test) filter='!root,!slow' ;;
root) filter=root ;;
slow) filter='slow,!root' ;;
*) echo "tests/run.sh: takes a tier (test, root, slow), not '${1:-}'" >&2 && exit 2 ;;
esac
tier=$1
shift
[ "$tier" != root ] || [ "$(id -u)" -eq 0 ] || { echo "tests/run.sh: this tier takes root: sudo make test-root" >&2 && exit 2; }
export filter
export BUILD="${BUILD:-build}"
export BUILT=1 # and whole: the commands need not look
outputs=$(mktemp -d) || exit 1
# Temporary files of the tests are below a directory of their own, so that what a test leaves is seen. Its name is short: the
# path of a UNIX socket has 107 characters at most. It is as open as /tmp: some tests run as another user.
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/XXXXXX") && chmod 1777 "$TMPDIR" || { rm -rf "$outputs" && exit 1; }
export TMPDIR
trap 'rm -rf "$outputs" "$TMPDIR"' EXIT
trap 'exit 1' INT TERM HUP
passed=0
failed=0
skipped=0
side_by_side=$(nproc)
[ "$side_by_side" -le 8 ] || side_by_side=8

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

# outcomes_of NAME: "NAME<TAB>TEST<TAB>ok|failed|skipped: why" for each line of its TAP. cmocka prints "not ok" for tests that it
# skips, bats "ok".
outcomes_of() {
    awk -v name="$1" '/^(not )?ok / {
        outcome = /^not/ ? "failed" : "ok"
        sub(/^(not )?ok [0-9]+( -)? */, "")
        if (match($0, / # ([Ss][Kk][Ii][Pp]).*/)) {
            outcome = "skipped: " substr($0, RSTART + 8)
            sub(/skipped:  +/, "skipped: ", outcome)
            $0 = substr($0, 1, RSTART - 1)
        }
        print name "\t" $0 "\t" outcome }' "$outputs/$1"
}

# beginning_of_failures NAME: what is not ok, where, and the beginning of what it printed
beginning_of_failures() {
    awk '!/^#/ { lines = /^not ok / && !/# SKIP/ ? 8 : 0 } lines-- > 0' "$outputs/$1"
}

# tally NAME: counts what a TAP producer printed. One that ends badly without a line for the failed test (a crash, a
# sanitizer's report at exit) is one failure more.
tally() {
    status=1
    seconds=0
    read -r status seconds <"$outputs/$1.end"
    outcomes_of "$1" >"$outputs/outcomes"
    cat "$outputs/outcomes" >>"$outputs/ran"
    ok=$(grep -c '	ok$' "$outputs/outcomes")
    not_run=$(grep -c '	skipped: [^	]*$' "$outputs/outcomes")
    not_ok=$(grep -c '	failed$' "$outputs/outcomes")
    if [ "$not_ok" -gt 0 ] || [ "$status" -ne 0 ]; then
        sed "s|^|$1: |" "$outputs/$1"
        {
            beginning_of_failures "$1"
            [ "$not_ok" -gt 0 ] || echo "ended with status $status after $seconds s"
        } | sed "s|^|$1: |" >>"$outputs/failures"
        [ "$not_ok" -gt 0 ] || not_ok=1
    elif [ -s "$outputs/outcomes" ]; then
        echo "$1: $ok passed$([ "$not_run" -eq 0 ] || echo ", $not_run skipped"), $seconds s"
    fi
    passed=$((passed + ok))
    failed=$((failed + not_ok))
    skipped=$((skipped + not_run))
}

# tally_left: of each test that left temporary files, other than bats's own, one failure more
tally_left() {
    for place in "$outputs"/*.place; do
        [ -e "$place" ] || continue
        name=$(basename "$place" .place)
        left=$(cd "$(cat "$place")" && find . -mindepth 1 -maxdepth 1 ! -name 'bats-run-*' | sed 's|^\./||' | sort | paste -sd ' ')
        [ -n "$left" ] || continue
        printf '%s\tno temporary file is left\tfailed\n' "$name" >>"$outputs/ran"
        echo "$name: left in TMPDIR: $left" | tee -a "$outputs/failures"
        failed=$((failed + 1))
    done
}

# files_of_tier: those of tests/cli that may have a test of the tier, the largest first
files_of_tier() {
    # shellcheck disable=SC2011,SC2012 # names of tests have no blanks
    case $tier in
    test) ls -S tests/cli/*.bats ;;
    *) ls -S tests/cli/*.bats | xargs grep -lE "^# bats (file|test)_tags=([a-z,]*,)?$tier(,|\$)" ;;
    esac
}

# Hundredths of a second since the machine was started (proc(5))
uptime() {
    read -r now _ </proc/uptime
    echo "${now%.*}${now#*.}"
}

# How long it takes to start a process, which is what most of the tests' time goes to: "0.4 ms"
process_start() {
    begin=$(uptime)
    i=0
    while [ $((i += 1)) -le 200 ]; do
        env >/dev/null
    done
    tenths=$((($(uptime) - begin) / 2))
    echo "$((tenths / 10)).$((tenths % 10)) ms"
}

begun=$(uptime)
: >"$outputs/ran"
run_tests "$side_by_side" "$@"
files_of_tier >"$outputs/files"
# shellcheck disable=SC2046 # names of tests have no blanks
run_tests "$side_by_side" $(xargs -r grep -l '^#.*Measures nothing\.' <"$outputs/files")
# shellcheck disable=SC2046
run_tests 1 $(xargs -r grep -L '^#.*Measures nothing\.' <"$outputs/files")
tally_left

mkdir -p "$BUILD/ran" && cp "$outputs/ran" "$BUILD/ran/$tier"
sed -n 's/^\([^	]*\)	\(.*\)	skipped: \(.*\)/skipped: \1: \2: \3/p' "$outputs/ran"
[ "$failed" -eq 0 ] || cat "$outputs/failures"
echo "tier $tier took $((($(uptime) - begun) / 100)) s; a process takes $(process_start) to start here"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
