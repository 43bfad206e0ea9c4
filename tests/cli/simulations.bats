#!/usr/bin/env bats
# Unit tests that simulate, with as many samples as make them sharp; the quick tier has a tenth of these.
# Measures nothing.

load support

# bats test_tags=slow
@test "unpaired comparisons: 1,000 of the same against itself, 200 of each symmetry, 20 against plain resampling" {
    built "$build/tests/test_unpaired"
    run "$build/tests/test_unpaired" long
    echo "$output"
    [ "$status" -eq 0 ]
}
