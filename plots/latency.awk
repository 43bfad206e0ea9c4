# Lines "cell value count", sorted: the buckets of all histograms of a cell -> for each cell the
# points of its percentile spectrum, milliseconds and 1/(1-percentile), in blocks as gnuplot wants
# them. Points that no eye could tell from the last one (less than 1 % on in both directions) are
# left out. The last bucket has percentile 1; it is drawn at the number of samples.
# variables: cells (how many there are; they are counted from 0)

function point(x, value) {
    print value / 1000, x
    last_x = x
    last_value = value
}

function draw_cell(    i, seen, x) {
    last_x = last_value = 0
    for (i = 1; i <= size; i++) {
        seen += counts[i]
        x = seen < total ? total / (total - seen) : total
        if (i == size || x > last_x * 1.01 || values[i] > last_value * 1.01) point(x, values[i])
    }
    if (!size) print "NaN NaN"
    print "\n"
    size = total = 0
}

{
    for (; cell < $1; cell++) draw_cell()
    values[++size] = $2
    counts[size] = $3
    total += $3
}

END { for (; cell < cells; cell++) draw_cell() }
