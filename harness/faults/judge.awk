# known.tsv, then lines of build/bin/faults -> the table, and exit 1 if a line is not as known.
# With -v wrong_only=1 it prints only "strategy fault" of those that are not.

function fits(value, range,    ends) {
    if (range !~ /\.\./) return value == range
    split(range, ends, /\.\./)
    return value + 0 >= ends[1] + 0 && value + 0 <= ends[2] + 0
}

function line_for(strategy, fault,    i) {
    for (i = 1; i <= known; i++)
        if (fault_of[i] == fault && (strategies[i] == " * " || index(strategies[i], " " strategy " ")))
            return i
    return 0
}

BEGIN { FS = "\t"; names = split("late stranded reset refused lost recovers", name, " ") }

FILENAME ~ /known/ {
    if (/^#/) next
    fault_of[++known] = $1
    strategies[known] = " " $2 " "
    for (i = 1; i <= names; i++) expected[known, i] = $(2 + i)
    why[known] = $9
    next
}

!printed++ && !wrong_only {
    printf "%-24s %-14s %6s %6s %8s %6s %7s %5s %9s  %s\n", "strategy", "fault", "served", "late", \
        "stranded", "reset", "refused", "lost", "recovers", "verdict"
}

{
    at = line_for($1, $2)
    verdict = at ? "ok: " why[at] : "WRONG: nothing is known of this"
    for (i = 1; at && i <= names; i++)
        if (!fits($(5 + i), expected[at, i]))
            verdict = "WRONG: " name[i] " should be " expected[at, i] ": " why[at]
    wrong += verdict !~ /^ok/
    if (!wrong_only)
        printf "%-24s %-14s %6d %6d %8d %6d %7d %5d %9s  %s\n", $1, $2, $5, $6, $7, $8, $9, $10, $11, verdict
    else if (verdict !~ /^ok/)
        print $1, $2
}

END { exit wrong > 0 }
