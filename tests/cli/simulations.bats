#!/usr/bin/env bats
# Unit tests that simulate, with the full number of samples; the tier `test` uses a tenth of these.
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support

# bats test_tags=slow
@test "unpaired comparisons: 1,000 A/A, 200 of each symmetry, 20 compared with plain resampling" {
    built "$build/tests/test_unpaired"
    run "$build/tests/test_unpaired" long
    echo "$output"
    [ "$status" -eq 0 ]
}
