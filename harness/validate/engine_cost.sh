#!/bin/sh
# engine_cost.sh [--trials N] [--rows N]: overhead of the engine between trials, and of a summary
#
# 1. Time of a bench of N trials (1000) that need no time themselves (tests/cli/fake_trial.c), per trial, including
#    the start of such a trial.
# 2. Time to summarise N rows (100000) of 1,000 configurations.
#
# `make validate-engine` runs it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=engine_cost
. "$top/harness/lib/common.sh"

trials=1000
rows=100000
read_numbers "trials:100:100000 rows:1000:10000000" "$@"
build all build/tests/fake_trial
make_work ""
trap 'exit 1' INT TERM HUP

milliseconds_now() {
    echo $(($(date +%s%N) / 1000000))
}

export WAKEONE_EXECUTOR="$top/build/tests/fake_trial" FAKE_HISTOGRAM=0 FAKE_SD=0.1
bench() {
    "$top/run.sh" bench --strategies racing --workers 8 --rounds "$1" --no-figures --out "$work/$1" >/dev/null 2>&1
}
begin=$(milliseconds_now)
bench 1
middle=$(milliseconds_now)
bench $((trials / 2))
end=$(milliseconds_now)
awk -v all=$((end - middle)) -v fixed=$((middle - begin)) -v n="$trials" \
    'BEGIN { printf "%.1f ms between trials (%d trials); %.1f s before the first and after the last\n", (all - fixed) / n, n, fixed / 1000 }'

awk -F, -v OFS=, -v rows="$rows" 'NR == 1 { print }
    NR == 2 {
        for (i = 1; i <= rows; i++) {
            $1 = i; $2 = int((i - 1) / 1000) + 1; $5 = i % 2 ? "racing" : "wakeone"; $7 = int(i / 2) % 500 + 1
            $22 = 20000 + i * 7919 % 1000; $NF = "ok"
            print
        }
    }' "$work/1/trials.csv" >"$work/rows" && mv "$work/rows" "$work/1/trials.csv"
begin=$(milliseconds_now)
"$top/build/bin/runs" summary "$work/1" >/dev/null || fail "cannot summarise"
end=$(milliseconds_now)
awk -v ms=$((end - begin)) -v n="$rows" 'BEGIN { printf "%d rows summarised in %.2f s\n", n, ms / 1000 }'
