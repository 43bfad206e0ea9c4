# Lines "trial cell" (file cells), "strategy,workers,jain" (file jain), and workers.csv -> for each cell the bar of its
# shares: from and to in percent, one line per worker, the busiest first, means over the trials; then a line with the
# mean number of workers that took none, and Jain's index. Blocks as gnuplot wants them, cells counted from 0.
# variables: cells (how many there are), names, workers (blanks between)

BEGIN {
    series = split(names, name, " ")
    panels = split(workers, worker, " ")
}

FILENAME ~ /cells$/ { cell[$1] = $2; next }
FILENAME ~ /jain$/ { split($0, part, ","); jain[part[1], part[2] + 0] = part[3]; next }

!header++ {
    FS = ","
    n = split($0, column, ",")
    for (i = 1; i <= n; i++) at[column[i]] = i
    if (!at["trial"] || !at["role"] || !at["accepts"]) {
        print "workers.csv lacks one of the columns trial, role, accepts" > "/dev/stderr"
        failed = 1
        exit 1
    }
    next
}

# The workers of a trial stand together.
{
    if ($(at["trial"]) != trial) end_trial()
    trial = $(at["trial"])
    if ($(at["role"]) == "worker") accepts[++rank] = $(at["accepts"]) + 0
}

function end_trial(    i, j, c, swap, total) {
    if ((trial in cell) && rank) {
        c = cell[trial]
        for (i = 2; i <= rank; i++)
            for (j = i; j > 1 && accepts[j] > accepts[j - 1]; j--) {
                swap = accepts[j]; accepts[j] = accepts[j - 1]; accepts[j - 1] = swap
            }
        for (i = 1; i <= rank; i++) { total += accepts[i]; idle[c] += accepts[i] == 0 }
        for (i = 1; i <= rank; i++) if (total) share[c, i] += accepts[i] / total
        trials[c] += total > 0
        if (rank > most[c]) most[c] = rank
    }
    rank = 0
}

function draw_cell(c,    i, from, to) {
    for (i = 1; i <= most[c] && trials[c]; i++) {
        to = from + 100 * share[c, i] / trials[c]
        if (to > from) printf "%.4f %.4f\n", from, to
        from = to
    }
    if (!trials[c]) print "NaN NaN"
    i = (name[c % series + 1] SUBSEP worker[int(c / series) + 1] + 0)
    printf "\n%.0f %s\n\n\n", trials[c] ? idle[c] / trials[c] : 0, (i in jain) ? jain[i] : "NaN"
}

END {
    if (failed) exit 1
    end_trial()
    for (c = 0; c < cells; c++) draw_cell(c)
}
