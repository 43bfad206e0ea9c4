# CSV with the columns round, strategy and more -> "strategy TAB round TAB value..." of each row that may be believed:
# its verdict is ok, if there are verdicts, and none of its requests failed, if they were counted.
# What was timed by the other kind of clock, virtual time or that of CPUs, does not count either.
# An invalid row whose verdict may depend on its server is there, too, so that it can be counted: its verdict is behind
# its round, "5!client-bound", and its values are whatever they are. A noisy row is the machine's doing, whatever is compared.
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

function verdict_of_row() {
    if ("verdict" in at && field("verdict") != "ok") return field("verdict")
    return "failed" in at && field("failed") != 0 ? "failed" : "ok"
}

BEGIN { FS = ","; OFS = "\t"; count = split(columns, column, " ") }

NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; width = NF; next }
NF != width { refuse("line " NR ": " NF " fields where the header has " width) }
"machine" in at && (field("machine") == "virtual") != (clock == "virtual") { next }
{
    verdict = verdict_of_row()
    if (verdict == "noisy" || verdict == "warm-up") next
    line = field("strategy") OFS field("round") (verdict == "ok" ? "" : "!" verdict)
    for (i = 1; i <= count; i++) {
        value = field(column[i])
        if (verdict == "ok" && value !~ /^-?[0-9]+[.]?[0-9]*(e[-+]?[0-9]+)?$/) next # not measured
        line = line OFS value
    }
    print line
}

END { exit failed }
