# trials.csv -> the ok rows, one a line, tab-separated: the cell's key (strategy, workers,
# connections, requests per connection, joined by '|'), the round, and the columns that `columns`
# names. What was not measured is NA. Columns are found by name, and a file that lacks one, or a
# line with another number of fields than the header, is refused with its line.
# variables: columns (blanks between), all (1 = also the rows that are not ok)

function refuse(why) {
    print FILENAME ": " why > "/dev/stderr"
    failed = 1
    exit 1
}

function field(name) {
    if (!(name in at)) refuse("line 1: there is no column '" name "'")
    return $(at[name]) == "" ? "NA" : $(at[name])
}

BEGIN { FS = ","; OFS = "\t"; count = split(columns, wanted, " ") }

FNR == 1 {
    for (i = 1; i <= NF; i++) at[$i] = i
    width = NF
    next
}

NF != width { refuse("line " FNR ": " NF " fields where the header has " width) }

all || field("verdict") == "ok" {
    line = field("strategy") "|" field("workers") "|" field("connections") "|" \
           field("requests_per_connection") OFS field("round")
    for (i = 1; i <= count; i++) line = line OFS field(wanted[i])
    print line
}

END { exit failed }
