#!/bin/sh
# run.sh UNIT_TESTS...: runs the unit tests given and all of tests/cli, and ends with one line
# "N passed, N failed". BUILD says which build is tested. Exit status 1 if anything failed, or if
# nothing was run.

set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
export BUILD="${BUILD:-build}"
output=$(mktemp) || exit 1
trap 'rm -f "$output"' EXIT
passed=0
failed=0

# tally NAME STATUS: counts what a TAP producer printed. One that ends badly without having said
# which test failed (a crash, a sanitizer's report at exit) is one failure more.
tally() {
    ok=$(grep -c '^ok ' "$output")
    not_ok=$(grep -c '^not ok ' "$output")
    if [ "$not_ok" -gt 0 ] || [ "$2" -ne 0 ]; then
        sed "s|^|$1: |" "$output"
        [ "$not_ok" -gt 0 ] || not_ok=1
    else
        echo "$1: $ok passed"
    fi
    passed=$((passed + ok))
    failed=$((failed + not_ok))
}

for test in "$@"; do
    CMOCKA_MESSAGE_OUTPUT=TAP timeout 300 "$test" >"$output" 2>&1
    tally "$(basename "$test")" $?
done
for file in tests/cli/*.bats; do
    timeout 600 bats --tap "$file" >"$output" 2>&1
    tally "$(basename "$file")" $?
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
