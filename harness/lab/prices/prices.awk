# instructions.tsv path.tsv [pairs.tsv] -> the prices, a row each: what, ns, low, high, spread, least, most.
# low and high are quartiles of batches, and spread what is between them, in percent of ns; least and most are those of all pairs
# of CPUs. Of pairs the median counts; SMT siblings share a cache, so they count only where there is no other pair.

function median(values, n,    i, j, value) {
    for (i = 2; i <= n; i++) {
        value = values[i]
        for (j = i - 1; j > 0 && values[j] > value; j--) values[j + 1] = values[j]
        values[j + 1] = value
    }
    return (values[int((n + 1) / 2)] + values[int(n / 2) + 1]) / 2
}

function print_price(what, format, ns, low, high, least, most) {
    printf "%s\t" format "\t" format "\t" format "\t%.1f\t" format "\t" format "\n", what, ns, low, high, (high - low) / ns * 100, least, most
}

function print_instruction(    ns, low, high) {
    ns = path[2] / instructions[2]
    low = path[3] / instructions[4]
    high = path[4] / instructions[3]
    print_price("instruction", "%.3f", ns, low, high, ns, ns)
}

function print_line_price(what,    place, n, i, row, ns, low, high, least, most) {
    place = count[what, "apart"] ? "apart" : "siblings"
    n = count[what, place]
    if (!n) return
    for (i = 1; i <= n; i++) {
        split(pair[what, place, i], row, FS)
        ns[i] = row[5] + 0
        low[i] = row[6] + 0
        high[i] = row[7] + 0
    }
    i = median(ns, n)
    print_price(what, "%.1f", i, median(low, n), median(high, n), ns[1], ns[n])
}

BEGIN { FS = "\t" }
FNR == 1 { file++; next }
file == 1 { split($0, instructions) }
file == 2 { split($0, path) }
file == 3 {
    place = $3 == "siblings" ? "siblings" : "apart"
    pair[$4, place, ++count[$4, place]] = $0
}
END {
    print_instruction()
    print_line_price("miss")
    print_line_price("upgrade")
    print_line_price("turn")
}
