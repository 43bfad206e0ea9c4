# parts.awk: what where.awk and callers.awk read first: functions.tsv; a guest's trials.csv, whose n-th row is its n-th window; and
# its kernel's symbols ("ADDRESS NAME", rising). Sets row[n], the columns that tell whose it is; requests[n]; is_ok[n]; rows.

# part_of(FUNCTION): of a connection's time
function part_of(name,    i) {
    if (name in known) return known[name]
    for (i = 1; i <= parts; i++)
        if (name ~ pattern[i]) break
    return known[name] = part[i]
}

# name_of(ADDRESS): of the function; addresses are hexadecimal, all of one length, so that they compare as text
function name_of(address,    low, high, middle) {
    low = 1
    high = symbols
    while (low < high) {
        middle = int((low + high + 1) / 2)
        if (symbol[middle] "" <= address "") low = middle
        else high = middle - 1
    }
    return name[low]
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
file == 3 {
    split($0, pair, " ")
    symbol[++symbols] = pair[1]
    name[symbols] = pair[2]
    next
}
