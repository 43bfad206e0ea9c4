# Known answers of runs that have them (those in guests: selftest.csv), side by side: counts without noise, so that what
# differs differs. A document in any form of lib/document.awk, which goes before it.
# Where a strategy states a range ("in-range"), its count is not exact, and is left out.
# input: letter, TAB, a line of selftest.csv
# variables: letters (of all runs that are compared, blanks between)

BEGIN { FS = "\t" }

{
    split($2, f, ",")
    line_of = f[2] SUBSEP f[1] SUBSEP f[3]
    if (!(line_of in seen)) { seen[line_of] = 1; order[++lines] = line_of }
    if (f[5] ~ /^[0-9.]+$/) counted[line_of, $1] = f[5]
}

function number_of(line_of,    i, n) {
    for (i = 1; i <= runs; i++) n += (line_of, letter[i]) in counted
    return n
}

function is_same(line_of,    i, value) {
    for (i = 1; i <= runs; i++)
        if ((line_of, letter[i]) in counted) {
            if (value == "") value = counted[line_of, letter[i]]
            if (counted[line_of, letter[i]] != value) return 0
        }
    return 1
}

END {
    if (!lines) exit
    runs = split(letters, letter, " ")
    for (c = 1; c <= lines; c++)
        if (number_of(order[c]) > 1) { both++; if (is_same(order[c])) same++; else differing[++n] = order[c] }
    if (!both) exit
    heading(2, "Known answers: wakeups per idle connection, exact")
    paragraph(both " counts are in more than one run; " (same == both ? "all are the same" : same " are the same, and " n " differ") \
        ". They have no noise: each connection was counted by itself, against workers that were all asleep.")
    if (!n) exit
    for (i = 1; i <= runs; i++) names = names "|" letter[i]
    begin_table("lrr" substr("rrrrrrrrrrrrrrrrrrrrrrrrrr", 1, runs), "strategy|CPUs|workers" names)
    for (c = 1; c <= n; c++) {
        split(differing[c], part, SUBSEP)
        line = plain(part[1]) SUBSEP part[2] SUBSEP part[3]
        for (i = 1; i <= runs; i++) line = line SUBSEP ((differing[c], letter[i]) in counted ? plain(counted[differing[c], letter[i]]) : "-")
        add_row(line)
    }
    end_table()
}
