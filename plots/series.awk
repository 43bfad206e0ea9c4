# Points -> what a figure with one plot draws: a block of one line, the ends of the y axis; a block for each strategy in
# `names`, a line per number on the x axis: it, and of each metric the median and the ends of its interval; a block of
# names, where they stand at the ends of the lines: series, and how high, from 0 to 1 of the axis. Blocks are parted as
# gnuplot wants it, by two empty lines; what was not measured is NaN.
# input: points (harness/plot/read.sh), those of one load
# variables: names, metrics (blanks between), x (the points' column that goes to the x axis), log_axis (1 = the y axis is
#   logarithmic, 0 = it is linear and begins at 0), least, most (what the axis must hold; empty = nothing),
#   gap (the least distance of two names, as a share of the axis), ideal_up_to (a number on the x axis: behind the ends of
#   the y axis stands the greatest first median of those up to it)
# with: spread.awk

BEGIN {
    FS = "\t"
    series = split(names, name, " ")
    for (i = 1; i <= series; i++) place[name[i]] = i
    count = split(metrics, metric, " ")
    for (m = 1; m <= count; m++) wanted[metric[m]] = m
    axis_low = least
    axis_high = most
    OFMT = CONVFMT = "%.10g"
}

function hold(value) {
    if (log_axis && value <= 0) return
    if (axis_low == "" || value < axis_low) axis_low = value + 0
    if (axis_high == "" || value > axis_high) axis_high = value + 0
}

($7 in wanted) && ($1 in place) {
    s = place[$1]
    if (!((s, $x) in seen)) {
        seen[s, $x] = 1
        xs[s, ++size[s]] = $x + 0
    }
    value[s, $x + 0, wanted[$7]] = $9 " " $10 " " $11
    hold($10)
    hold($11)
    if (wanted[$7] > 1) next
    if (!(s in last) || $x + 0 >= last[s]) { last[s] = $x + 0; end[s] = $9 }
    if ($x + 0 <= ideal_up_to + 0 && $9 > ideal) ideal = $9
}

function sort_xs(s,    i, j, swap) {
    for (i = 2; i <= size[s]; i++)
        for (j = i; j > 1 && xs[s, j] < xs[s, j - 1]; j--) {
            swap = xs[s, j]; xs[s, j] = xs[s, j - 1]; xs[s, j - 1] = swap
        }
}

function finish_axis() {
    if (axis_high == "") { axis_low = log_axis ? 1 : 0; axis_high = 10 }
    if (log_axis) { axis_low /= 1.25; axis_high *= 1.25 }
    else { axis_low = 0; axis_high = axis_high > 0 ? axis_high * 1.06 : 1 }
}

function height_of(v) {
    if (!log_axis) return (v - axis_low) / (axis_high - axis_low)
    return v > 0 ? log(v / axis_low) / log(axis_high / axis_low) : 0
}

function put_series(s,    i, m, line) {
    if (!size[s]) print "NaN"
    sort_xs(s)
    for (i = 1; i <= size[s]; i++) {
        line = xs[s, i]
        for (m = 1; m <= count; m++)
            line = line " " (((s, xs[s, i], m) in value) ? value[s, xs[s, i], m] : "NaN NaN NaN")
        print line
    }
}

END {
    finish_axis()
    print axis_low, axis_high, ideal == "" ? "NaN" : ideal
    for (s = 1; s <= series; s++) {
        print "\n"
        put_series(s)
        if (s in end) { there[++named] = s; at[named] = height_of(end[s]) }
    }
    spread(at, named, gap)
    print "\n"
    if (!named) print "NaN NaN"
    for (i = 1; i <= named; i++) print there[i], at[i]
}
