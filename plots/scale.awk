# The points of one line of the figure (scale_points.awk), and fits (usl.awk) -> blocks with two empty lines between:
#   ends of the axes: throughput low, high, wakeups low, high (NaN = there is none); 1 where time is virtual
#   for each strategy: cpus, throughput median, low, high, the ideal
#   for each: the fitted curve: cpus, throughput, low, high
#   for each: wakeups of cells whose throughput was measured: cpus median low high
#   for each: wakeups of cells in which they could only be counted (a guest with more CPUs than there are)
#   what is said of the fits, one a line, in quotes
# input, by the file's name: points, fit.NAME
# variables: names (blanks between), virtual (1 where the machine's time is)

BEGIN {
    series = split(names, name, " ")
    for (i = 1; i <= series; i++) place[name[i]] = i
    r_low = r_high = w_low = w_high = "NaN"
}

FILENAME ~ /points$/ {
    s = place[$1]
    if ($7 == "throughput_rps") {
        measured[s, $3 + 0] = 1
        rps[s, $3 + 0] = $9
        text[s, $3 + 0] = $9 " " $10 " " $11
        if (!(s in fewest) || $3 + 0 < fewest[s]) fewest[s] = $3 + 0
        if (r_low == "NaN" || $10 < r_low) r_low = $10
        if (r_high == "NaN" || $11 > r_high) r_high = $11
    } else {
        wakeups[s, $3 + 0] = $9 " " $10 " " $11
        if (w_low == "NaN" || $10 < w_low) w_low = $10
        if (w_high == "NaN" || $11 > w_high) w_high = $11
    }
    if (!($3 in is_cpus)) { is_cpus[$3] = 1; cpus[++count] = $3 + 0 }
    next
}

/^#/ { said[++sayings] = substr($0, 3); next }

{
    s = FILENAME
    sub(/.*fit\./, "", s)
    curve[place[s]] = curve[place[s]] $0 "\n"
    if ($2 > r_high) r_high = $2
}

function or_nothing(lines) { return (lines == "" ? "NaN NaN NaN NaN NaN\n" : lines) }

END {
    for (i = 2; i <= count; i++)
        for (j = i; j > 1 && cpus[j] < cpus[j - 1]; j--) { swap = cpus[j]; cpus[j] = cpus[j - 1]; cpus[j - 1] = swap }
    for (s = 1; s <= series; s++)
        for (i = 1; i <= count; i++) {
            c = cpus[i]
            if ((s, c) in measured) {
                ideal = rps[s, fewest[s]] / fewest[s] * c
                if (ideal > r_high) r_high = ideal
                throughput[s] = throughput[s] c " " text[s, c] " " ideal "\n"
            }
            if (!((s, c) in wakeups)) continue
            if ((s, c) in measured) metal[s] = metal[s] c " " wakeups[s, c] "\n"
            else counted[s] = counted[s] c " " wakeups[s, c] "\n"
        }
    print r_low, r_high, w_low, w_high (virtual ? " 1" : ""), "\n\n"
    for (s = 1; s <= series; s++) print or_nothing(throughput[s]) "\n"
    for (s = 1; s <= series; s++) print or_nothing(curve[s]) "\n"
    for (s = 1; s <= series; s++) print or_nothing(metal[s]) "\n"
    for (s = 1; s <= series; s++) print or_nothing(counted[s]) "\n"
    for (i = 1; i <= sayings; i++) print i, "\"" said[i] "\""
    if (!sayings) print "1 \"\""
}
