# What the reference differs from itself by -> "key TAB share" for each comparison, the larger one of both runs.
# With stats/words.awk.
# input: common (letter, cell), then files within.<column>.<letter>: ratios.sh's lines
# variables: metrics, base (the first run's letter), cpus_are_machines

BEGIN {
    FS = OFS = "\t"
    count = split(metrics, metric, " ")
}

FNR == NR { run[NR] = $1; cell[NR] = $2; comparisons = NR; next }

FNR == 1 { n = split(FILENAME, name, "."); column = name[n - 1]; letter = name[n] }

# What compared cells have in common: all but the name
function block(cell,    part) {
    split(cell, part, "|")
    return part[2] "|" (cpus_are_machines ? "*" : part[3]) "|" part[4] "|" part[5] "|" part[6]
}

$1 ~ /-again[|]/ && $3 > 0 {
    floor[column, letter, block($1)] = floor_share($3, $4, $5)
}

END {
    for (i = 1; i <= count; i++)
        for (c = 1; c <= comparisons; c++) {
            of_base = floor[metric[i], base, block(cell[c])]
            of_run = floor[metric[i], run[c], block(cell[c])]
            if (of_base != "" || of_run != "")
                printf "%s|%s|%s\t%.6f\n", metric[i], run[c], cell[c], (of_base + 0 > of_run + 0 ? of_base : of_run)
        }
}
