#!/usr/bin/env bats
# golden.sh: the output for runs, and the plans of dry runs, match the record in tests/data/golden.tsv.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

setup_file() {
    built "$build"/bin/{runs,placement} "$build/tests/make_run"
}

# as_recorded WHAT...: fails with the first items that differ
as_recorded() {
    run tests/cli/golden.sh check "$@"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *" are as recorded" ]]
}

@test "plans, and a sample of mock runs, match the record" {
    as_recorded plans 3 10 17 19 40
}

@test "the fixture run matches the record, and a difference is reported" {
    as_recorded fixture
    mkdir -p "$BATS_TEST_TMPDIR/copy/tests/data" "$BATS_TEST_TMPDIR/copy/tests/cli"
    cp tests/cli/golden.sh "$BATS_TEST_TMPDIR/copy/tests/cli/"
    awk -F '\t' -v OFS='\t' '$1 == "fixture" && $2 == "summary" { $4 = "1 2" } { print }' tests/data/golden.tsv >"$BATS_TEST_TMPDIR/copy/tests/data/golden.tsv"
    for name in run.sh harness plots servers results "${build#"$top/"}"; do
        mkdir -p "$(dirname "$BATS_TEST_TMPDIR/copy/$name")" # build/sanitize has one above it
        ln -s "$top/$name" "$BATS_TEST_TMPDIR/copy/$name"
    done
    cp -r tests/data/run "$BATS_TEST_TMPDIR/copy/tests/data/"
    run "$BATS_TEST_TMPDIR/copy/tests/cli/golden.sh" check fixture
    [ "$status" -eq 1 ]
    [[ "${lines[0]}" == "fixture summary: recorded 0, 1 2; now 0, "* ]]
}

@test "the same seed gives the same run" {
    for copy in 1 2; do
        mkdir -p "$BATS_TEST_TMPDIR/$copy"
        "$build/tests/make_run" 7 "$BATS_TEST_TMPDIR/$copy"
    done
    diff -r "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/2"
    [ -s "$BATS_TEST_TMPDIR/1/trials.csv" ]
    run "$build/tests/make_run" 0 "$BATS_TEST_TMPDIR"
    failed_in_one_line 2
}

# bats test_tags=slow
@test "all committed runs match the record" {
    as_recorded committed
}

# bats test_tags=slow
@test "mock runs of seeds 1 to 100 match the record" {
    as_recorded 1-100
}

# bats test_tags=slow
@test "mock runs of seeds 101 to 200 match the record" {
    as_recorded 101-200
}
