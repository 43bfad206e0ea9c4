# skew.csv: per trial, connections of the busiest worker / of the least busy one, from the workers' accepts. A worker without any
# counts as half a connection.
# shellcheck shell=sh disable=SC2154 # variables of commands/claims.sh

# SPDX-License-Identifier: BSD-2-Clause

derive() {
    [ -s "$dir/bench/workers.csv" ] || return 0 # a compact copy already has skew.csv
    awk -F, -v OFS=, '
        FNR == 1 { for (i = 1; i <= NF; i++) at[FILENAME, $i] = i; next }
        NR == FNR { if ($at[FILENAME, "verdict"] == "ok") { round[$1] = $at[FILENAME, "round"]; trial[++n] = $1 }; next }
        $1 in round && $at[FILENAME, "role"] == "worker" {
            accepts = $at[FILENAME, "accepts"]; name[$1] = $2
            if (!($1 in most) || accepts > most[$1]) most[$1] = accepts
            if (!($1 in least) || accepts < least[$1]) least[$1] = accepts
        }
        END {
            print "round,strategy,most_per_fewest"
            for (i = 1; i <= n; i++) { t = trial[i]; if (t in most) print round[t], name[t], (most[t] + 0.5) / (least[t] + 0.5) }
        }' "$dir/bench/trials.csv" "$dir/bench/workers.csv" >"$dir/skew.csv"
}
