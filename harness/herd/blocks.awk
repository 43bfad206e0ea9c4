# herd.tsv -> blocks for plots/herd.gp: the last time and the number of rows; then for each strategy, in the order of the
# table, one block per state (see BEGIN): from, to, row. Rows are processes.

# SPDX-License-Identifier: BSD-2-Clause

BEGIN { FS = "\t"; count = split("sleeping runnable useful spurious absorbed running woken accept", blocks, " ") }
/^#/ || $1 == "strategy" { next }
!($1 in seen) { seen[$1] = 1; strategy[++strategies] = $1 }
$3 == "arrived" { next }
{
    what = $3 == "blocked" ? "sleeping" : $3 == "running" && $6 != "-" && $6 != "undecided" ? $6 : $3
    lines[$1, what] = lines[$1, what] $4 " " $5 " " $2 "\n"
    if ($2 > rows) rows = $2
    if (what != "sleeping" && $5 > last) last = $5
}
END {
    printf "%s %d\n", last, rows
    for (i = 1; i <= strategies; i++)
        for (b = 1; b <= count; b++)
            printf "\n\n%s", (strategy[i], blocks[b]) in lines ? lines[strategy[i], blocks[b]] : "NaN NaN NaN\n"
}
