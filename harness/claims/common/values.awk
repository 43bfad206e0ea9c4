# CSV with the columns round, strategy and more -> "strategy TAB round TAB value..." of each row that may be believed:
# its verdict is ok, if there are verdicts, and none of its requests failed, if they were counted.
# What was timed by the other kind of clock, virtual time or that of CPUs, does not count either.
# variables: columns (space-separated), clock (virtual, or cores)

function refuse(why) {
    print FILENAME ": " why > "/dev/stderr"
    failed = 1
    exit 1
}

function field(name) {
    if (!(name in at)) refuse("there is no column '" name "'")
    return $(at[name])
}

BEGIN { FS = ","; OFS = "\t"; count = split(columns, column, " ") }

NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; width = NF; next }
NF != width { refuse("line " NR ": " NF " fields where the header has " width) }
"machine" in at && (field("machine") == "virtual") != (clock == "virtual") { next }
"verdict" in at && field("verdict") != "ok" { next }
"failed" in at && field("failed") != 0 { next }
{
    line = field("strategy") OFS field("round")
    for (i = 1; i <= count; i++) {
        value = field(column[i])
        if (value !~ /^-?[0-9]+[.]?[0-9]*(e[-+]?[0-9]+)?$/) next # not measured
        line = line OFS value
    }
    print line
}

END { exit failed }
