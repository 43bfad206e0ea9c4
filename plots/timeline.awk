# The run, round by round.
# input, by the file's name: relative (lines of bin/stats --median, keys metric|strategy|round), again (a line of
#   bin/stats: the reference against itself, or none), all (rows, also those that are not ok)
# output: blocks with two empty lines between
#   rounds: first, last; verdicts: how many
#   the A/A band: its ends (NaN without)
#   a block per strategy, for throughput: round, multiple of the cell's median; then one per strategy for p99
#   a block per verdict that is not ok: round, its number, rows; then one of their names: name, number
# variables: names (blanks between)

BEGIN {
    FS = "\t"
    series = split(names, name, " ")
    for (i = 1; i <= series; i++) place[name[i]] = i
}

FILENAME ~ /relative$/ {
    split($1, key, "|")
    lines[key[1], place[key[2]]] = lines[key[1], place[key[2]]] key[3] " " $3 "\n"
    next
}

FILENAME ~ /again$/ { low = $4; high = $5; next }

{
    if (first == "" || $2 + 0 < first) first = $2 + 0
    if ($2 + 0 > last) last = $2 + 0
    if ($4 == "ok") next
    if (!($4 in bad)) { bad[$4] = ++verdicts; verdict[verdicts] = $4 }
    if (!count[bad[$4], $2 + 0]++) rounds[bad[$4], ++several[bad[$4]]] = $2 + 0
}

function put(lines) { printf "%s\n\n", lines == "" ? "NaN NaN\n" : lines }

END {
    print first + 0, last + 0, verdicts + 0, "\n\n"
    print (low == "" ? "NaN NaN" : low " " high), "\n\n"
    for (i = 1; i <= series; i++) put(lines["throughput", i])
    for (i = 1; i <= series; i++) put(lines["p99", i])
    for (v = 1; v <= verdicts; v++) {
        text = ""
        for (i = 1; i <= several[v]; i++) text = text rounds[v, i] " " v " " count[v, rounds[v, i]] "\n"
        put(text)
    }
    for (v = 1; v <= verdicts; v++) print "\"" verdict[v] "\"", v
    if (!verdicts) print "\"\" 1"
}
