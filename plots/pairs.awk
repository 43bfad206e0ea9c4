# Rows of harness/plot/read.sh -> "key TAB of a TAB of b" for each round of each block (workers, CPUs, load) that has
# both strategies: a filter in front of bin/stats.
# variables: a, b (strategies), column (of the rows), one (1 = all under the key "all"; else the key is the block)

BEGIN { FS = OFS = "\t" }

{
    name = $1
    sub(/[|].*/, "", name)
    if (name != a && name != b || !($column + 0 > 0)) next
    block = substr($1, length(name) + 2)
    id = block OFS $2
    if (name == a) { first[id] = $column; if (!(id in seen)) { seen[id] = 1; order[++n] = id; of[n] = block } }
    else second[id] = $column
}

END {
    for (i = 1; i <= n; i++)
        if (order[i] in second) print one ? "all" : of[i], first[order[i]], second[order[i]]
}
