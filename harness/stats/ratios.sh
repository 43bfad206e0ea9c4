#!/bin/sh
# ratios.sh RUN [COLUMN [CELLS]]: of each cell, the ratio to the reference in the same round, as bin/stats writes it
# (throughput_rps). The floor of a cell is what the reference differs from itself by in the same block: the
# ratio of the pair, or where its interval leaves 1 out, the interval's far end. On standard output the lines
# of stats; RUN with no reference twice has no floors. CELLS is what cells.awk makes of the column, for whoever
# has it already.

set -u
program=ratios
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/harness/lib/common.sh"
run=$1
column=${2:-throughput_rps}
make_work ""

# Whom ratios are to, and under which name it was measured again; runs of before have racing alone
reference=$(awk -F '\t' '$5 == "reference" { print $1 }' "$run/strategies.tsv" 2>/dev/null)
reference=${reference:-racing}

stats() {
    "$top/${BUILD:-build}/bin/stats" "$@"
}

# "key TAB value TAB the reference's" for each round that has both, in the order of the rounds
cells=${3:-$work/cells}
[ $# -ge 3 ] || awk -f "$top/harness/stats/cells.awk" -v columns="$column" "$run/trials.csv" >"$cells" || exit 1
awk -F '\t' -v OFS='\t' -v reference="$reference" '
    {
        name = $1
        sub(/[|].*/, "", name)
        rest = substr($1, length(name) + 1) OFS $2
        if (name == reference) base[rest] = $3
        else { cell[++n] = $1; round[n] = rest; value[n] = $3 }
    }
    END {
        for (i = 1; i <= n; i++)
            if (round[i] in base && value[i] + 0 > 0 && base[round[i]] + 0 > 0)
                print cell[i], value[i], base[round[i]]
    }' "$cells" >"$work/pairs" || cannot_work

grep "^$reference-again|" "$work/pairs" | stats >"$work/again"
awk -f "$top/harness/stats/words.awk" -f "$top/harness/stats/floors.awk" "$work/again" "$work/pairs" >"$work/floors" || cannot_work
stats --floors "$work/floors" <"$work/pairs"
