# spread.csv: the spread of latencies of each trial, from its histogram: mean / standard deviation, highest / mean.
# shellcheck shell=sh disable=SC2154 # variables of commands/claims.sh

# SPDX-License-Identifier: BSD-2-Clause

derive() {
    [ -d "$dir/bench/hist" ] || return 0 # a compact copy already has spread.csv
    {
        echo round,strategy,mean_per_sd,max_per_mean
        "$top/${BUILD:-build}/bin/runs" samples "$dir/bench" trial | while IFS=$TAB read -r configuration round trial; do
            awk -v OFS=, -v name="${configuration%%|*}" -v round="$round" '
                /^#.Mean/ { gsub(/[^0-9. ]/, ""); mean = $1; sd = $2 }
                /^#.Max/ { gsub(/[^0-9. ]/, ""); most = $1 }
                END { if (sd > 0 && mean > 0) print round, name, mean / sd, most / mean }' "$dir/bench/hist/$trial.hgrm"
        done
    } >"$dir/spread.csv"
}
