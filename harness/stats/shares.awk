# Lines "trial key", then workers.csv -> shares.csv: of each configuration (key of cells.awk) the share of the connections
# that each worker took, in percent, the busiest first, means over the trials; and the mean number of workers that took
# none. Trials in which no connection was taken count for neither. Acceptors and threads of servers that are not ours are
# no workers.

BEGIN {
    OFS = ","
    print "strategy,workers,cpus,connections,rate_offered,requests_per_connection,trials,idle_workers,shares"
}

function refuse(why) {
    print why > "/dev/stderr"
    failed = 1
    exit 1
}

NR == FNR { key[$1] = $2; if (!rows[$2]++) order[++keys] = $2; next }

FNR == 1 {
    FS = ","
    $0 = $0
    for (i = 1; i <= NF; i++) at[$i] = i
    if (!at["trial"] || !at["role"] || !at["accepts"]) refuse("workers.csv lacks one of the columns trial, role, accepts")
    next
}

# The workers of a trial stand together.
{
    if ($(at["trial"]) != trial) end_trial()
    trial = $(at["trial"])
    if ($(at["role"]) != "worker") next
    if ($(at["accepts"]) !~ /^[0-9]+$/) refuse("workers.csv: line " FNR ": '" $(at["accepts"]) "' is no number of accepts")
    accepts[++rank] = $(at["accepts"]) + 0
}

function end_trial(    i, j, k, swap, total) {
    if ((trial in key) && rank) {
        k = key[trial]
        for (i = 2; i <= rank; i++)
            for (j = i; j > 1 && accepts[j] > accepts[j - 1]; j--) {
                swap = accepts[j]; accepts[j] = accepts[j - 1]; accepts[j - 1] = swap
            }
        for (i = 1; i <= rank; i++) total += accepts[i]
        if (total) {
            taken[k]++
            for (i = 1; i <= rank; i++) { share[k, i] += accepts[i] / total; idle[k] += accepts[i] == 0 }
            if (rank > most[k]) most[k] = rank
        }
    }
    rank = 0
}

function line_of(k,    i, line, fields) {
    for (i = 1; i <= most[k] && share[k, i] > 0; i++) line = line (i > 1 ? " " : "") sprintf("%.6f", 100 * share[k, i] / taken[k])
    fields = k
    gsub(/[|]/, ",", fields)
    gsub(/,-/, ",", fields)
    return fields OFS rows[k] OFS (taken[k] ? sprintf("%.6g", idle[k] / taken[k]) : "") OFS line
}

END {
    if (failed) exit 1
    end_trial()
    for (i = 1; i <= keys; i++) print line_of(order[i])
}
