# The ratios to the reference that each run has of its own, side by side.
# input: common (letter, cell), floors (key, share), then files within.<column>.<letter>: ratios.sh's lines
# variables: metrics, letters, cpus_are_machines
# output: number of the metric, metric, strategy, workers, cpus, connections, rate, requests per connection; of each
#   run: pairs, ratio, low, high, outcome, and of all but the first: overlap, higher, lower, or floor (apart, but by
#   less than what the reference differs from itself by). With stats/words.awk.

BEGIN {
    FS = OFS = "\t"
    count = split(metrics, metric, " ")
    runs = split(letters, letter, " ")
}

FNR == NR {
    rest = $2
    sub(/^[^|]*/, "", rest)
    in_common[$2] = block[rest] = 1
    next
}
FILENAME ~ /floors$/ { floor[$1] = $2; next }

FNR == 1 { n = split(FILENAME, name, "."); column = name[n - 1]; run = name[n] }

{
    split($1, part, "|")
    rest = "|" part[2] "|" (cpus_are_machines ? "*" : part[3]) "|" part[4] "|" part[5] "|" part[6]
    cell = part[1] rest
    if (!(cell in in_common) && !(rest in block && cell ~ /-again[|]/)) next
    if (!(cell in seen)) { seen[cell] = 1; cells[++cell_count] = cell }
    value[column, run, cell] = $2 OFS $3 OFS $4 OFS $5 OFS $(NF - 1)
}

# Where B's interval lies to A's
function lies(column, run, cell,    a, b) {
    split(value[column, letter[1], cell], a, OFS)
    split(value[column, run, cell], b, OFS)
    if (!(a[3] > 0 && a[4] > 0 && b[3] > 0 && b[4] > 0)) return ""
    if (a[3] <= b[4] && b[3] <= a[4]) return "overlap"
    if (off(b[2] / a[2]) < floor[column "|" run "|" cell] + 0) return "floor"
    return b[3] > a[4] ? "higher" : "lower"
}

function line_of(i, cell,    r, text) {
    split(cell, part, "|")
    text = i OFS metric[i] OFS part[1] OFS part[2] OFS part[3] OFS part[4] OFS part[5] OFS part[6]
    for (r = 1; r <= runs; r++) {
        text = text OFS ((metric[i], letter[r], cell) in value ? value[metric[i], letter[r], cell] : OFS OFS OFS OFS)
        if (r > 1) text = text OFS lies(metric[i], letter[r], cell)
    }
    return text
}

END {
    for (i = 1; i <= count; i++)
        for (c = 1; c <= cell_count; c++)
            print line_of(i, cells[c])
}
