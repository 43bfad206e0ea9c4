# Is this a plan? One line for the first thing that is wrong, and status 65 (awk itself ends with 2).
# variables: program (whose message it is), columns (blanks between), copied (1 = it may be somebody else's: servers and load get no option
# that reaches further than how they serve and ask)

function refuse(why) {
    print program ": " FILENAME ": line " FNR ": " why > "/dev/stderr"
    failed = 1
    exit 65
}

BEGIN {
    count = split(columns, column, " ")
    kind["trial"] = kind["round"] = kind["position"] = kind["workers"] = kind["cpus"] = NUMBER = "^[0-9]+$"
    kind["threads"] = kind["requests_per_connection"] = kind["seed"] = NUMBER
    kind["connections"] = kind["rate"] = "^([0-9]+|-)$"
    kind["server_cpus"] = kind["client_cpus"] = "^([0-9,-]+)$"
    kind["strategy"] = kind["backend"] = "^[a-z][a-z0-9-]*$"
    kind["window"] = kind["warmup"] = "^[0-9.]+(ms|s|m)$"
    kind["instrument"] = "^(auto|ctxsw)$"
    kind["kind"] = "^(warm-up|measured|wire)$"
    kind["server"] = "^[a-z][a-zA-Z0-9 ./_:-]*$"
    kind["load_words"] = "^[^\"'\\\\$`;&|<>]+$"
}

function check_words(name, words, known,    word, n, i) {
    n = split(words, word, /[ =]/)
    for (i = 1; i <= n; i++)
        if (word[i] ~ /^-/ && word[i] != "-" && !(word[i] in known))
            refuse("column " name ": " word[i] " is no option that a plan of others may bring")
}

BEGIN {
    n = split("--policy --lock --edge --steer --backlog --accept --reverse --service-us --keepalive --level " \
        "--oneshot --single --multishot --readd", safe, " ")
    for (i = 1; i <= n; i++) of_server[safe[i]] = 1
    n = split("--arrivals --think --close --timeout --spin --mix --max-open", safe, " ")
    for (i = 1; i <= n; i++) of_load[safe[i]] = 1
}

FNR == 1 {
    if (NF != count) refuse(NF " columns where a plan has " count)
    for (i = 1; i <= count; i++) if ($i != column[i]) refuse("column " i " is '" $i "', not '" column[i] "'")
    next
}

NF != count { refuse(NF " fields where the header has " count) }

{
    for (i = 1; i <= count; i++)
        if ($i !~ kind[column[i]]) refuse("column " i ": '" $i "' is no " column[i])
    if (copied) {
        check_words("server", $5, of_server)
        check_words("load_words", $19, of_load)
    }
    if ($1 in seen) refuse("column 1: trial " $1 " is there twice")
    seen[$1] = 1
}

END {
    if (failed) exit 65
    if (NR < 2) { FNR = 1; refuse("there is no trial in it") }
}
