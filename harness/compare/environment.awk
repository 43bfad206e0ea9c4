# The facts of several runs, side by side: those that differ, and which of these make a comparison unfair.
# input: unfair.tsv, then a file of "name TAB value" for each run
# output: name, reason (empty = fair), the runs' values; tab-separated, '-' where a run does not know it

BEGIN { FS = OFS = "\t" }

FNR == 1 { file++ }

file == 1 {
    if (!/^#/ && NF) { pattern[++patterns] = $1; reason[patterns] = $2 }
    next
}

{
    if (!($1 in seen)) { seen[$1] = 1; name[++names] = $1 }
    value[$1, file - 1] = $2 == "" ? "-" : $2
}

function reason_for(fact,    i) {
    for (i = 1; i <= patterns; i++) if (fact ~ pattern[i]) return reason[i]
    return ""
}

END {
    for (n = 1; n <= names; n++) {
        fact = name[n]
        differs = 0
        line = ""
        for (r = 1; r < file; r++) {
            if (!((fact, r) in value)) value[fact, r] = "-"
            if (value[fact, r] != value[fact, 1]) differs = 1
            line = line OFS value[fact, r]
        }
        why = reason_for(fact)
        if (differs && why != "-") print fact, why line
    }
}
