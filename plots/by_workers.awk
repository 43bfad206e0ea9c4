# summary.csv -> one block per strategy, in the order of `names`, with a line per worker count:
# workers and the columns named in `columns`. What was not measured is NaN. Blocks are parted as
# gnuplot wants it, by two empty lines.
# variables: names, columns (blanks between), load (cpus|connections|rate_offered|requests_per_connection,
# '-' for what it has not)

BEGIN { FS = ","; series = split(names, name, " "); count = split(columns, column, " ") }

FNR == 1 {
    for (i = 1; i <= NF; i++) at[$i] = i
    next
}

function known(name) { return $(at[name]) == "" ? "-" : $(at[name]) }

known("cpus") "|" known("connections") "|" known("rate_offered") "|" known("requests_per_connection") == load {
    line = $(at["workers"])
    for (i = 1; i <= count; i++) {
        value = $(at[column[i]])
        line = line " " (value == "" ? "NaN" : value)
    }
    lines[$(at["strategy"])] = lines[$(at["strategy"])] line "\n"
}

END {
    for (i = 1; i <= series; i++)
        printf "%s\n\n", (name[i] in lines) ? lines[name[i]] : "NaN NaN NaN NaN NaN\n"
}
