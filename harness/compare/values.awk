# The ok rows of the cells to compare, as input of `stats --unpaired --base base`; its key is column, letter of
# the run, cell, with '|' between.
# input: common (letter, cell), then of each run, the first one first, a file rows.<letter>
# variables: metrics (blanks between: the columns from the fifth on), cpus_are_machines

function refuse(why) {
    print "compare: " why > "/dev/stderr"
    failed = 1
    exit 65
}

BEGIN {
    FS = OFS = "\t"
    count = split(metrics, metric, " ")
}

FNR == NR {
    to_compare[$1, $2] = 1
    if (!($1 in seen)) { seen[$1] = 1; other[++others] = $1 }
    next
}

FNR == 1 {
    check_run()
    run = FILENAME
    sub(/.*[.]/, "", run)
    files++
    split("", found)
}

$3 == "ok" {
    cell = $1
    if (cpus_are_machines) { split(cell, part, "|"); cell = part[1] "|" part[2] "|*|" part[4] "|" part[5] "|" part[6] }
    for (i = 1; i <= count; i++) {
        if ($(4 + i) == "NA") continue
        found[i] = 1
        if (files > 1) { if ((run, cell) in to_compare) print metric[i] "|" run "|" cell, "other", $(4 + i) }
        else for (o = 1; o <= others; o++)
            if ((other[o], cell) in to_compare) print metric[i] "|" other[o] "|" cell, "base", $(4 + i)
    }
}

function check_run(    i) {
    if (files) for (i = 1; i <= count; i++)
        if (!(i in found)) refuse("no ok row of " run " has a figure in " metric[i] ": choose another --metric")
}

END {
    if (failed) exit 65
    check_run()
}
