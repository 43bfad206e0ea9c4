#!/usr/bin/env bats
# A strategy is one new file: the diff in docs/strategies.md, applied to a copy of this tree.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

# A copy of the sources with the diff applied. Not from git: a tarball has no .git.
setup() {
    copy=$BATS_TEST_TMPDIR/copy
    mkdir "$copy"
    tar --exclude='./build*' --exclude=./results --exclude=./.git -cf - . | tar --no-same-owner -xf - -C "$copy"
    sed -n '/^```diff$/,/^```$/p' docs/strategies.md | sed '1d;$d' >"$BATS_TEST_TMPDIR/diff"
    cd "$copy" || return
    # git must not find a repository above the copy, whose ignored files it would skip
    export GIT_CEILING_DIRECTORIES=$BATS_TEST_TMPDIR
    [ "$(git apply --numstat "$BATS_TEST_TMPDIR/diff" | wc -l)" -eq 1 ]
    git apply "$BATS_TEST_TMPDIR/diff"
}

@test "the diff in docs/strategies.md adds a strategy to the build, to the known names, and to plans" {
    make -s "${BUILD:-build}/epoll/first" "${BUILD:-build}/bin/runs"
    "${BUILD:-build}/epoll/first" --describe | grep -q '^name: *first$'
    run ./run.sh bench --dry-run --strategies racing,first --rounds 1 --workers 2
    [ "$status" -eq 0 ]
    [ "$(awk -F '\t' '$20 == "measured" { print $4 }' <<<"$output" | sort | tr '\n' ' ')" = "first racing racing-again " ]
    run ./run.sh bench --strategies nosuch
    [[ "$output" == *" first "* ]]
}

# bats test_tags=slow
@test "the diff in docs/strategies.md adds a strategy to selftest, bench and figures" {
    make -s all
    run ./run.sh selftest --strategies first --workers 1,8
    [ "$status" -eq 0 ]
    [ "$(grep -c '^first .* ok$' <<<"$output")" -eq 2 ]
    run_quiet anew "$BATS_TEST_TMPDIR/run" ./run.sh bench --strategies racing,first --workers 2 --rounds 1 --window 20ms --warmup 10ms \
        --out "$BATS_TEST_TMPDIR/run"
    done_or_noisy
    grep -q '>first<' "$BATS_TEST_TMPDIR/run/figures/wakeups.svg"
}
