# parts.awk: what where.awk and callers.awk read first: functions.tsv, and a guest's trials.csv, whose n-th row is its n-th
# window. Sets row[n], the columns that tell whose it is; requests[n]; is_ok[n]; rows.

# part_of(FUNCTION): of a connection's time
function part_of(name,    i) {
    if (name in known) return known[name]
    for (i = 1; i <= parts; i++)
        if (name ~ pattern[i]) break
    return known[name] = part[i]
}

BEGIN { FS = "\t" }
FNR == 1 { file++ }
file == 1 {
    if (/^#/) next
    part[++parts] = $1
    pattern[parts] = "^(" $2 ")$"
    next
}
file == 2 {
    n = split($0, field, ",")
    if (FNR == 1) { for (i = 1; i <= n; i++) column[field[i]] = i; next }
    rows++
    row[rows] = field[column["cpus"]] "," field[column["strategy"]] "," field[column["backend"]] "," field[column["workers"]] "," field[column["trial"]]
    requests[rows] = field[column["requests"]]
    is_ok[rows] = field[column["verdict"]] == "ok"
    next
}
