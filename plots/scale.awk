# scale.csv -> one block per strategy, in the order of `names`, with a line per number of CPUs: it, the median,
# the lowest, the highest, the ideal.
# variables: names (blanks between), group (workers,load,requests)

BEGIN { series = split(names, name, " ") }

FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }

$2 "," $3 "," $4 == group {
    ideal = $(at["throughput_rps"]) / $(at["speedup"]) * $(at["ideal"])
    lines[$1] = lines[$1] $(at["cpus"]) OFS $(at["throughput_rps"]) OFS $(at["throughput_min"]) OFS \
        $(at["throughput_max"]) OFS ideal "\n"
}

END {
    for (i = 1; i <= series; i++)
        printf "%s\n\n", (name[i] in lines) ? lines[name[i]] : "NaN NaN NaN NaN NaN\n"
}
