#!/bin/sh
# run_one.sh OUTPUTS TEST: runs one unit test, or of one file of tests/cli the tests that $filter selects; leaves its TAP
# in OUTPUTS/NAME, its exit status and the seconds it took in OUTPUTS/NAME.end, and in OUTPUTS/NAME.place the directory that
# it had for temporary files, below $TMPDIR

# SPDX-License-Identifier: BSD-2-Clause

set -u
: "${filter:?is set by run.sh}" "${TMPDIR:?is set by run.sh}"
name=$(basename "$2")
TMPDIR=$(mktemp -d "$TMPDIR/XXX") && chmod 1777 "$TMPDIR" || exit 1
echo "$TMPDIR" >"$1/$name.place"
begin=$(date +%s)
case $2 in
*.bats) timeout 900 bats --tap --filter-tags "$filter" "$2" ;;
*) CMOCKA_MESSAGE_OUTPUT=TAP timeout 300 "$2" ;;
esac >"$1/$name" 2>&1
echo "$? $(($(date +%s) - begin))" >"$1/$name.end"
