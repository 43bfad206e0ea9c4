# Lines "trial cell" -> for each cell the points of its percentile spectrum, milliseconds and 1/(1-percentile): all
# histograms of its trials added up. Blocks as gnuplot wants them, cells counted from 0. Points that no eye could tell
# from the last one (less than 1 % on in both directions) are left out. The last bucket has percentile 1; it is drawn at
# the number of samples. A histogram that is missing, or is none, ends it with a line on stderr and status 1.
# variables: cells (how many there are), dir (where the histograms are)

function refuse(why) {
    print why > "/dev/stderr"
    failed = 1
    exit 1
}

# Histograms are read as awk reads files, which is twice as fast as getline: they take the place of its arguments.
BEGIN {
    list = ARGV[1]
    while ((getline line < list) > 0) {
        split(line, part, " ")
        file = dir "/" part[1] ".hgrm"
        if ((getline line < file) <= 0) refuse("hist/" part[1] ".hgrm is missing: draw without trial " part[1] "'s row, or find it")
        close(file)
        of[file] = part[2]
        ARGV[++files] = file
    }
    ARGC = files + 1
    if (!files) exit
}

FNR == 1 { cell = of[FILENAME]; before = 0 }

/^#/ || NF == 0 || $1 == "Value" { next }

{
    if ($1 !~ /^[0-9.]+$/ || $3 !~ /^[0-9]+$/ || $3 < before) {
        sub(/.*\//, "", FILENAME)
        refuse("hist/" FILENAME " is no histogram: line " FNR " is not value, percentile and a count that grows")
    }
    if (!((cell, $1) in counts)) values[cell, ++size[cell]] = $1
    counts[cell, $1] += $3 - before
    total[cell] += $3 - before
    before = $3
}

# Shell sort: several thousand values, nearly in order piece by piece
function sort_values(cell,    n, step, i, j, v) {
    n = size[cell]
    for (step = 1; step < n / 3; step = step * 3 + 1);
    for (; step >= 1; step = int(step / 3))
        for (i = step + 1; i <= n; i++) {
            v = values[cell, i]
            for (j = i; j > step && values[cell, j - step] > v; j -= step) values[cell, j] = values[cell, j - step]
            values[cell, j] = v
        }
}

function draw_cell(cell,    i, seen, x, value, last_x, last_value) {
    if (!size[cell]) print "NaN NaN"
    sort_values(cell)
    for (i = 1; i <= size[cell]; i++) {
        value = values[cell, i]
        seen += counts[cell, value]
        x = seen < total[cell] ? total[cell] / (total[cell] - seen) : total[cell]
        if (i < size[cell] && x <= last_x * 1.01 && value <= last_value * 1.01) continue
        print value / 1000, x
        last_x = x
        last_value = value
    }
    print "\n"
}

END {
    if (failed) exit 1
    for (c = 0; c < cells; c++) draw_cell(c)
}
