# The data of plots/forest.gp for one metric: blocks with two empty lines between, columns with tabs between.
#   for each run but the first: y, ratio, low, high, the same in words
#   then: y, half of the row's height, ends of the noise floor; y, label; y, heading; y, what was compared
# y is in pixels from the axis upwards. The first line of the output is: ticks of the axis with blanks between; TAB;
# pixels of all rows.
# input: runs (as for render.awk), cells (judge.awk); with stats/words.awk
# variables: metric (its number)

BEGIN {
    FS = "\t"
    PITCH = 17   # pixels from run to run
    BETWEEN = 6  # from cell to cell
    GROUP = 8    # between numbers of workers
    HEADING = 24 # for the name of a load
    least = most = 1
}

# Text in a gnuplot data file: quotes and backslashes would mean something.
function plain(text) {
    gsub(/[[:cntrl:]]/, "?", text)
    gsub(/"/, "'", text)
    gsub(/\\/, "/", text)
    return text
}

FILENAME ~ /runs$/ {
    if (++runs > 1) series[$1] = runs - 1
    if ($2 == "") next # one run by itself
    directory = $2
    sub(/.*\//, "", directory)
    text = plain($1 "  " $3 ", Linux " $4 ", " substr($5, 1, 10) ", " $6 " of " $7 " rows ok: " directory)
    below = below "\n" (-60 - 15 * (runs - 1)) "\t" (length(text) > 125 ? substr(text, 1, 122) "..." : text)
    next
}

$1 != metric { next }

function ratio_number(value) {
    return sprintf(value >= 0.001 && value < 1000000 ? "%.3f" : "%.3g", value)
}

# Takes a ratio into the range of the axis. What is further away is cut off: the words say how much it is.
function seen(value) {
    value = value > 1000 ? 1000 : value < 0.001 ? 0.001 : value + 0
    if (value < least) least = value
    if (value > most) most = value
    return value
}

function is_ratio(text) { return text ~ /^[0-9.]+$/ && text > 0 }

{
    load = $6 "|" $7 "|" $8 "|" $9
    row = load "|" $4 "|" $5
    if (!(load in heading)) {
        heading[load] = y += HEADING
        order[++loads] = load
        words[load] = load_words($7, $8, $9) ($6 == "*" ? "" : ", " $6 " CPUs")
        y += 6
    } else if (!(row in top) && $5 != last_workers) y += GROUP
    last_workers = $5
    if (!(row in top)) {
        top[row] = y
        row_order[++row_count] = row
        label[row] = $4 ", " $5 " worker" ($5 == 1 ? "" : "s")
        if (length(label[row]) > 34) label[row] = (length($4) > 28 ? substr($4, 1, 25) "..." : $4) ", " $5
        y += PITCH * (runs - 1) + BETWEEN
    }
    n = ++points
    of_series[n] = series[$3]
    at[n] = top[row] + BETWEEN / 2 + PITCH * (series[$3] - 0.5)
    if (is_ratio($17))
        value[n] = seen($17) "\t" seen(is_ratio($18) ? $18 : $17) "\t" seen(is_ratio($19) ? $19 : $17) "\t" \
            ratio_number($17) (is_ratio($18) && is_ratio($19) ? " [" ratio_number($18) ", " ratio_number($19) "]" : "")
    else value[n] = "NaN\tNaN\tNaN\t" ($22 == "nothing" ? "nothing to compare" : "no ratio")
    if ($21 > 0) floor[n] = PITCH / 2 "\t" seen(1 / (1 + $21)) "\t" seen(1 + $21)
}

# Few round numbers; the outer two are beyond what there is.
function ticks(    step, low, high, i, text, n, decade, digit) {
    if (most / least > 6) {
        for (decade = 0.0001; decade < 20000; decade *= 10)
            for (digit = 1; digit <= (most / least > 200 ? 1 : 5); digit += digit == 1 ? 1 : 3) tick[++n] = decade * digit
    } else {
        step = most - least > 1.6 ? 0.5 : most - least > 0.7 ? 0.2 : most - least > 0.3 ? 0.1 : most - least > 0.1 ? 0.05 : 0.02
        for (i = 1; i * step < 8; i++) tick[++n] = i * step
    }
    low = 1
    high = n
    for (i = 1; i <= n; i++) if (tick[i] < least * 0.999) low = i
    for (i = n; i >= 1; i--) if (tick[i] > most * 1.001) high = i
    for (i = low; i <= high; i++) text = text (i > low ? " " : "") sprintf("%g", tick[i])
    return text
}

# A block that would be empty has a line that draws nothing.
function print_block(lines) { print (lines == "" ? "NaN\tNaN\tNaN\tNaN\t" : substr(lines, 2)) "\n\n" }

END {
    print ticks() "\t" y + GROUP
    y += GROUP
    for (s = 1; s < runs; s++) {
        text = ""
        for (n = 1; n <= points; n++) if (of_series[n] == s) text = text "\n" y - at[n] "\t" value[n]
        print_block(text)
    }
    text = ""
    for (n = 1; n <= points; n++) if (n in floor) text = text "\n" y - at[n] "\t" floor[n]
    print_block(text)
    text = ""
    for (n = 1; n <= row_count; n++)
        text = text "\n" y - top[row_order[n]] - (PITCH * (runs - 1) + BETWEEN) / 2 "\t" label[row_order[n]]
    print_block(text)
    text = ""
    for (n = 1; n <= loads; n++) text = text "\n" y - heading[order[n]] + 6 "\t" words[order[n]]
    print_block(text)
    print_block(below)
}
