# checks.tsv, then lines of "name TAB value" -> "status TAB name TAB effect TAB change TAB value"

# There is a list of words with | between them.
function among(value, words) {
    return index("|" words "|", "|" value "|") > 0
}

function is_warning(value, condition,    word, rest) {
    word = rest = condition
    sub(/ .*/, "", word)
    sub(/^[^ ]* ?/, "", rest)
    if (word == "never") return 0
    if (word == "is") return among(value, rest)
    if (word == "not") return !among(value, rest)
    if (word == "above") return value + 0 > rest + 0
    if (word == "below") return value ~ /^[0-9]/ && value + 0 < rest + 0
    if (word == "has") return value ~ rest
    print "checks.tsv: there is no condition '" condition "'" > "/dev/stderr"
    exit 1
}

BEGIN { FS = "\t" }
/^#/ && FNR == NR { next }
FNR == NR { when[$1] = $3; effect[$1] = $4; change[$1] = $5; next }
{
    seen[$1]
    status = $2 == "" ? "unknown" : is_warning($2, when[$1]) ? "warning" : "ok"
    printf "%s\t%s\t%s\t%s\t%s\n", status, $1, effect[$1], change[$1], $2
}
# A shell that could not go on leaves out the rest.
END {
    for (name in when)
        if (!(name in seen)) { print "doctor: no answer to check '" name "'" > "/dev/stderr"; exit 1 }
}
