# Lines of `stats --unpaired` -> what a difference means: better, worse, different or undecided.
# variables: metric, run (its number)
# output: metric, run, key, n of the base, n of the run, ratio, low, high, p, floor, outcome, judgement, sentence

BEGIN {
    FS = OFS = "\t"
    more_is = "unknown"
    if (metric ~ /^(throughput_rps|requests|conns|jain|useful)$/) more_is = "better"
    if (metric ~ /latency|connect_p|wakeups|spurious|absorbed|eagain|ctx_switches|cpu_us|errors|censored|lag|max_share|steal|overflows|first_byte|hiccup/)
        more_is = "worse"
}

FILENAME ~ /floors/ { floor[$1] = $2; next }

{
    outcome = $(NF - 1)
    judgement = "undecided"
    if (outcome == "more") judgement = more_is == "better" ? "better" : more_is == "worse" ? "worse" : "different"
    if (outcome == "less") judgement = more_is == "better" ? "worse" : more_is == "worse" ? "better" : "different"
    print metric, run, $1, $3, $2, $9, $10, $11, $12, floor[$1] + 0, outcome, judgement, $NF
}
