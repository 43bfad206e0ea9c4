#!/bin/sh
# nowhere.sh RAN...: the tests that ran in none of the tiers whose outcomes are given (build/ran/test, root, slow; also of
# other builds and machines), with the reason, one a line. Exit status 1 if there are any.

# SPDX-License-Identifier: BSD-2-Clause

set -u
[ $# -gt 0 ] || { echo "tests/nowhere.sh: takes the files that tests/run.sh left: build/ran/*" >&2 && exit 2; }
awk -F '\t' '
    { test = $1 ": " $2 }
    $3 !~ /^skipped: / { ran[test] = 1 }
    $3 ~ /^skipped: / && !(test in why) { why[test] = $3; order[++n] = test }
    END {
        for (i = 1; i <= n; i++) if (!(order[i] in ran)) { print "ran nowhere: " order[i] ": " why[order[i]]; left = 1 }
        exit left
    }' "$@"
