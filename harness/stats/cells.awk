# trials.csv -> the ok rows, one a line, tab-separated: the cell's key (strategy, workers, cpus,
# connections, rate offered, requests per connection, joined by '|'; '-' where the load has none), the
# round, and the columns that `columns` names. What was not measured is NA. Columns are found by name.
# A column of measurements that is not there was not measured. The file may come from elsewhere: one that lacks what
# makes a row a row, has a line with another number of fields than the header, a name or a number that is not one, is
# refused with its line.
# variables: columns (blanks between), all (1 = also the rows that are not ok, but no warm-up)

function refuse(why) {
    print FILENAME ": " why > "/dev/stderr"
    failed = 1
    exit 1
}

function field(name,    value) {
    if (!(name in at)) {
        if (name !~ NEEDED) return "NA"
        refuse("line 1: there is no column '" name "'")
    }
    value = $(at[name])
    if (value == "") return "NA"
    if (value !~ (name ~ /^(strategy|machine|verdict)$/ ? NAME : NUMBER))
        refuse("line " FNR ": '" value "' is no " name)
    return value
}

function key_field(name,    value) {
    value = field(name)
    return value == "NA" ? "-" : name == "strategy" ? value : value + 0
}

BEGIN {
    FS = ","
    OFS = "\t"
    NEEDED = "^(trial|round|strategy|workers|cpus|connections|rate_offered|requests_per_connection|verdict)$"
    NAME = "^[a-z][a-z0-9-]*$"
    NUMBER = "^-?[0-9]+[.]?[0-9]*(e[-+]?[0-9]+)?$"
    count = split(columns, wanted, " ")
    key_count = split("workers cpus connections rate_offered requests_per_connection", key, " ")
}

FNR == 1 {
    for (i = 1; i <= NF; i++) at[$i] = i
    width = NF
    next
}

NF != width { refuse("line " FNR ": " NF " fields where the header has " width) }

# Rows that are left out are looked at, too: what is wrong in one may be wrong in others.
{
    verdict = field("verdict")
    line = key_field("strategy")
    for (i = 1; i <= key_count; i++) line = line "|" key_field(key[i])
    line = line OFS field("round")
    for (i = 1; i <= count; i++) line = line OFS field(wanted[i])
    if (verdict == "ok" || all && verdict != "warm-up") print line
}

END { exit failed }
