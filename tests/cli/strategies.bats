#!/usr/bin/env bats
# A strategy is one new file: the diff in docs/strategies.md, applied to a copy of this tree.
# Measures nothing.

load support

@test "the diff in docs/strategies.md adds a strategy to build, selftest, bench and figures" {
    copy=$BATS_TEST_TMPDIR/copy
    mkdir "$copy"
    git ls-files -c -o --exclude-standard | grep -v '^results/' | tar -cf - -T - | tar -xf - -C "$copy"
    sed -n '/^```diff$/,/^```$/p' docs/strategies.md | sed '1d;$d' >"$BATS_TEST_TMPDIR/diff"
    (cd "$copy" && git init -q . && git apply "$BATS_TEST_TMPDIR/diff" && make -s all)
    [ "$(git -C "$copy" apply --numstat "$BATS_TEST_TMPDIR/diff" | wc -l)" -eq 1 ]
    run "$copy/run.sh" selftest --strategies first --workers 1,8
    [ "$status" -eq 0 ]
    [ "$(grep -c '^first .* ok$' <<<"$output")" -eq 2 ]
    run "$copy/run.sh" bench --strategies racing,first --workers 2 --rounds 1 --window 20ms --warmup 10ms \
        --out "$BATS_TEST_TMPDIR/run"
    [ "$status" -eq 0 ]
    grep -q '>first<' "$BATS_TEST_TMPDIR/run/figures/wakeups.svg"
}
