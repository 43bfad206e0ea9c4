# Lines "key panel trials" (file cells), "key jain" (file jain), and shares.csv (harness/stats/shares.awk) -> for each panel,
# counted from 0, the bar of its shares: from and to in percent, one line per worker, the busiest first; then a line with
# the mean number of workers that took no connection, and Jain's index. Blocks as gnuplot wants them. A line of shares.csv
# that is damaged or missing, or is not of so many trials, ends it with a line on stderr and status 1.
# variables: cells (how many panels there are)

BEGIN {
    NUMBER = "^[0-9]+[.]?[0-9]*$"
    COLUMNS = "strategy,workers,cpus,connections,rate_offered,requests_per_connection,trials,idle_workers,shares"
}

function refuse(why) {
    print "shares.csv: " why > "/dev/stderr"
    failed = 1
    exit 1
}

function check_share(worker,    value) {
    value = share[worker]
    if (value !~ NUMBER || worker > 1 && value + 0 > share[worker - 1] + 0)
        refuse("line " FNR ": '" value "' is no share, or larger than the one before")
    return value
}

FILENAME ~ /cells$/ { panel[$1] = $2; trials[$1] = $3; order[++keys] = $1; next }
FILENAME ~ /jain$/ { jain[$1] = $2; next }

FNR == 1 {
    FS = ","
    $0 = $0
    if ($0 != COLUMNS) refuse("line 1: its columns are not " COLUMNS)
    next
}

{
    key = $1
    for (i = 2; i <= 6; i++) key = key "|" ($i == "" ? "-" : $i)
    if (NF != 9) refuse("line " FNR ": " NF " fields where the header has 9")
    if (!(key in panel)) next
    p = panel[key]
    if (p in bar) refuse("line " FNR ": this configuration has a line already")
    if ($7 != trials[key]) refuse("line " FNR ": merged from " $7 " trials, but " trials[key] " rows of trials.csv are ok")
    bar[p] = ""
    from = 0
    n = split($9, share, " ")
    for (i = 1; i <= n; i++) {
        to = from + check_share(i)
        bar[p] = bar[p] sprintf("%.4f %.4f\n", from, to)
        from = to
    }
    if (!n && $8 == "") next
    if ($8 !~ NUMBER || from < 99.99 || from > 100.01) refuse("line " FNR ": the shares add up to " from " %, not to 100, or idle_workers is no number")
    idle[p] = $8
}

END {
    if (failed) exit 1
    for (i = 1; i <= keys; i++) if (!(panel[order[i]] in bar)) refuse("no line for " order[i])
    if (failed) exit 1
    for (i = 1; i <= keys; i++) index_of[panel[order[i]]] = jain[order[i]]
    for (p = 0; p < cells; p++)
        printf "%s\n%.0f %s\n\n\n", bar[p] == "" ? "NaN NaN\n" : bar[p], idle[p], index_of[p] == "" ? "NaN" : index_of[p]
}
