#!/bin/sh
# plot_cost.sh [--rows N] [--rounds N]: time to draw a run, and to write its report
#
# The run has N rows (10,000): those of results/reference/main repeated, in further rounds. That is a compact copy, so each
# trial gets the histogram of its configuration, and workers with equal numbers of connections. Least and most of the rounds
# (3), in seconds.
#
# `make validate-plot` runs it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=plot_cost
. "$top/harness/lib/common.sh"

rows=10000
rounds=3
read_numbers "rows:100:1000000 rounds:1:100" "$@"
build all
make_work ""
trap 'exit 1' INT TERM HUP
from=$top/results/reference/main
run=$work/run
mkdir -p "$run/hist"
cp "$from"/*.tsv "$from/env.json" "$run/"
size=$(($(wc -l <"$from/trials.csv") - 1))
copies=$(((rows + size - 1) / size))

# trials.csv repeated, with consecutive trials and rounds
awk -F, -v OFS=, -v copies="$copies" -v size="$size" '
    NR == 1 { print; next }
    { line[++n] = $0; if ($2 > rounds) rounds = $2 }
    END {
        for (c = 0; c < copies; c++)
            for (i = 1; i <= n; i++) {
                $0 = line[i]
                $1 += c * size
                $2 += c * rounds
                print
            }
    }' "$from/trials.csv" >"$run/trials.csv"
"$top/build/bin/runs" samples "$run" trial | cut -f1,3 | tr '|' _ >"$work/trials"
awk -F '[_\t]' -v OFS=, '
    BEGIN { print "trial,role,accepts" }
    { for (i = 1; i <= $2; i++) print $7, "worker", 100 }' "$work/trials" >"$run/workers.csv"
while IFS=$(printf '\t') read -r configuration trial; do
    ln -s "$from/latency/$configuration.hgrm" "$run/hist/$trial.hgrm"
done <"$work/trials"

milliseconds_now() {
    echo $(($(date +%s%N) / 1000000))
}

for command in plot report; do
    for _ in $(seq "$rounds"); do
        begin=$(milliseconds_now)
        "$top/run.sh" $command "$run" >/dev/null 2>&1 || fail "$command failed: ./run.sh $command $run"
        echo $(($(milliseconds_now) - begin))
    done | sort -n | awk -v command="$command" -v rows="$((copies * size))" '
        NR == 1 { least = $1 }
        { most = $1 }
        END { printf "%s: %.1f to %.1f s for %d rows\n", command, least / 1000, most / 1000, rows }'
done
