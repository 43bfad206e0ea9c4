# herd.tsv -> three numbers per strategy, in the order of the table: processes, processes woken by the connection, and
# microseconds until it was accepted (-1: not accepted).

# SPDX-License-Identifier: BSD-2-Clause

BEGIN { FS = "\t" }
/^#/ || $1 == "strategy" { next }
!($1 in processes) { processes[$1] = 0; strategy[++strategies] = $1 }
$3 == "arrived" { next }
$2 > processes[$1] { processes[$1] = $2 }
$3 == "woken" && !(($1, $2) in is_woken) { is_woken[$1, $2] = 1; woken[$1]++ }
$3 == "accept" && !($1 in accepted) { accepted[$1] = $4 }
END {
    for (i = 1; i <= strategies; i++) {
        name = strategy[i]
        printf "%s%d %d %s", (i > 1 ? " " : ""), processes[name], woken[name], (name in accepted) ? sprintf("%.0f", accepted[name]) : "-1"
    }
}
