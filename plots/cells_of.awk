# Points of one load -> a block of one line for each cell, counted from 0, strategies within worker counts: what `fields`
# names, blanks between: a metric (its median), metric.low, metric.high (the ends of its interval), or metric-metric.
# What was not measured is NaN. Blocks are parted as gnuplot wants it, by two empty lines.
# variables: names, workers, fields (blanks between)

BEGIN {
    FS = "\t"
    series = split(names, name, " ")
    panels = split(workers, worker, " ")
    count = split(fields, field, " ")
}

{
    value[$1, $2 + 0, $7] = $9
    value[$1, $2 + 0, $7 ".low"] = $10
    value[$1, $2 + 0, $7 ".high"] = $11
}

function known(s, w, what) { return ((s, w, what) in value) ? value[s, w, what] : "NaN" }

function value_of(s, w, what,    part) {
    if (split(what, part, "-") < 2) return known(s, w, what)
    if (known(s, w, part[1]) == "NaN" || known(s, w, part[2]) == "NaN") return "NaN"
    return known(s, w, part[1]) - known(s, w, part[2])
}

END {
    for (p = 1; p <= panels; p++)
        for (i = 1; i <= series; i++) {
            line = ""
            for (f = 1; f <= count; f++) line = line (f > 1 ? " " : "") value_of(name[i], worker[p] + 0, field[f])
            print line "\n\n"
        }
}
