# Lines "cell trial accepts", sorted, the busiest worker of a trial first -> for each cell the bar of
# its shares: from and to in percent, one line per worker, means over the trials; then a line with
# the mean number of workers that took none. Blocks as gnuplot wants them.
# variables: cells (how many there are; they are counted from 0)

function end_trial(    i) {
    if (!total) return
    for (i = 1; i <= rank; i++) share[i] += accepts[i] / total
    workers = rank
    trials++
    rank = total = 0
}

function draw_cell(    i, from, to) {
    end_trial()
    for (i = 1; i <= workers; i++) {
        to = from + 100 * share[i] / trials
        if (to > from) printf "%.4f %.4f\n", from, to
        from = to
        share[i] = 0
    }
    if (!trials) print "NaN NaN"
    print ""
    printf "%.0f\n", trials ? idle / trials : 0
    print "\n"
    trials = workers = idle = 0
}

{
    for (; cell < $1; cell++) draw_cell()
    if ($2 != trial) end_trial()
    trial = $2
    accepts[++rank] = $3
    total += $3
    idle += $3 == 0
}

END { for (; cell < cells; cell++) draw_cell() }
