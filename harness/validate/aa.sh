#!/bin/sh
# aa.sh [--comparisons N] [--rounds N] [--simulated N]: A/A tests: a strategy against itself, through the whole engine
#
# 1. N runs of bench (200), of one strategy each in turn, short windows: how many report a difference of the strategy
#    from itself. Of correct comparisons at 95 % it is 5 in 100.
# 2. The same in one run of a simulated machine that needs no time (tests/cli/fake_trial.c): --simulated (10000)
#    comparisons of 5 rounds, log-normal noise of 10 %.
#
# `make validate-engine` runs it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=aa
. "$top/harness/lib/common.sh"

comparisons=200
rounds=10
simulated=10000
read_numbers "comparisons:0:100000 rounds:2:1000 simulated:0:10000" "$@"
build all build/tests/fake_trial
make_work ""
trap 'exit 1' INT TERM HUP

# outcomes RUN: of the baseline against itself, one a line
outcomes() {
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $1 ~ /-again$/ { print $(at["outcome"]), $(at["ratio"]), $(at["smallest"]) }' "$1/summary.csv"
}

# summarise WHAT <outcomes
summarise() {
    awk -v what="$1" '
        { n++; if ($1 == "more" || $1 == "less") different++; sum += log($2); width += $3 }
        END {
            p = different / n
            printf "%s: %d of %d comparisons called different: %.2f %% (5 %% are expected, +- %.2f); mean ratio %.4f, mean half width %.1f %%\n",
                what, different, n, 100 * p, 196 * sqrt(0.05 * 0.95 / n), exp(sum / n), 100 * width / n
        }'
}

i=0
while [ "$i" -lt "$comparisons" ]; do
    i=$((i + 1))
    name=$(echo "racing wakeone fdpass mutex" | cut -d' ' -f$((i % 4 + 1)))
    "$top/run.sh" bench --strategies "$name" --workers 8 --rounds "$rounds" --window 20ms --warmup 10ms --seed "$i" \
        --no-figures --out "$work/$i" >/dev/null 2>"$work/err"
    [ $? -ne 1 ] || fail "bench failed: $(tail -n 1 "$work/err")"
    outcomes "$work/$i"
    rm -rf "${work:?}/$i"
done >"$work/real"
[ "$comparisons" -eq 0 ] || summarise "this machine, $rounds rounds of 20 ms" <"$work/real"

[ "$simulated" -eq 0 ] || {
    WAKEONE_EXECUTOR=$top/build/tests/fake_trial FAKE_SD=0.1 FAKE_HISTOGRAM=0 "$top/run.sh" bench --strategies racing \
        --workers 1..100 --connections "1..$((simulated / 100))" --rounds 5 --no-figures --out "$work/simulated" \
        >/dev/null 2>"$work/err" || fail "bench failed: $(tail -n 1 "$work/err")"
    outcomes "$work/simulated" | summarise "simulated machine, 5 rounds"
}
