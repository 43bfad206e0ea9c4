# Latency by offered rate: blocks with two empty lines between.
#   the ends of both axes: x low, y low; x high, y high
#   for each worker count and strategy: rate, median, low, high of p99 in milliseconds; after an empty line the knee (rate,
#   median); after another the rates at which most rows fell behind (such a cell has no point: the rows that are left of
#   it are the lucky ones)
# The knee is the last rate, upwards from the lowest, whose p99 is at most twice the lowest one's.
# input, by the file's name: all, points (harness/plot/read.sh)
# variables: names, workers (blanks between)

BEGIN {
    FS = "\t"
    series = split(names, name, " ")
    panels = split(workers, worker, " ")
}

FILENAME ~ /all$/ {
    split($1, key, "|")
    cell = key[1] SUBSEP key[2] SUBSEP key[5] + 0
    rows[cell]++
    ok[cell] += $4 == "ok"
    if (!(key[5] in is_rate) && key[5] != "-") { is_rate[key[5]] = 1; rate[++rates] = key[5] + 0 }
    next
}

$5 != "-" && $7 == "latency_p99_us" && $9 > 0 {
    cell = $1 SUBSEP $2 SUBSEP $5 + 0
    if (ok[cell] * 2 < rows[cell]) next
    median[cell] = $9 / 1000
    line[cell] = $5 + 0 " " $9 / 1000 " " $10 / 1000 " " $11 / 1000 "\n"
    if (least == "" || $10 / 1000 < least) least = $10 / 1000
    if ($11 / 1000 > most) most = $11 / 1000
}

function sort_rates(    i, j, swap) {
    for (i = 2; i <= rates; i++)
        for (j = i; j > 1 && rate[j] < rate[j - 1]; j--) { swap = rate[j]; rate[j] = rate[j - 1]; rate[j - 1] = swap }
}

function or_nothing(text) { return text == "" ? "NaN NaN NaN NaN\n" : text }

function put_cell(w, s,    i, cell, points, behind, knee, first) {
    for (i = 1; i <= rates; i++) {
        cell = name[s] SUBSEP worker[w] SUBSEP rate[i]
        if (!rows[cell]) continue
        if (cell in line) points = points line[cell]
        else behind = behind rate[i] "\n"
        if (first == "" && (cell in line)) first = median[cell]
        if (first == "" || over) continue
        if ((cell in line) && median[cell] <= 2 * first) knee = rate[i] " " median[cell] "\n"
        else over = 1
    }
    over = 0
    printf "%s\n%s\n%s\n\n", or_nothing(points), or_nothing(knee), or_nothing(behind)
}

END {
    sort_rates()
    if (least == "") { least = 1; most = 10 }
    edge = (rate[rates] - rate[1]) * 0.04
    printf "%s %s\n%s %s\n\n\n", rate[1] - edge, least / 1.3, rate[rates] + edge, most * 1.6
    for (w = 1; w <= panels; w++)
        for (s = 1; s <= series; s++) put_cell(w, s)
}
