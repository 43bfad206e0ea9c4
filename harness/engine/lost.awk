# The comparisons of a run that are not to be trusted: those that lost more than a fifth of their rounds, since one of
# the two samples is invalid or has no throughput, and those without an interval although there are two rounds or more.
# A comparison is a configuration and its baseline, the A/A control included; where the baseline is not measured (it
# cannot have so many workers) there is none. Of rounds with --wire, which are not compared, a configuration's samples.
# With words.awk. Field separators are set by the caller.
# input: strategies.tsv, summary.csv, wire.csv or nothing
# output: one line each

function label(    text) {
    text = $(at["strategy"]) ", " $(at["workers"]) " workers"
    if ($(at["cpus"]) != "") text = text ", " $(at["cpus"]) " CPUs"
    return text ", " load_words($(at["connections"]), $(at["rate_offered"]), $(at["requests_per_connection"]))
}

function block() {
    return $(at["workers"]) "|" $(at["cpus"]) "|" $(at["connections"]) "|" $(at["rate_offered"]) "|" $(at["requests_per_connection"])
}

# A fifth, in whole numbers
function too_many(lost, rounds) { return 5 * lost > rounds }

FNR == 1 { part++ }
part == 1 { if ($5 == "reference") baseline = $1; next }
FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }

part == 2 && $(at["strategy"]) == baseline { there[block()] = 1; next }
part == 2 {
    of[++n] = block()
    rounds[n] = $(at["trials"])
    pairs[n] = $(at["pairs"]) + 0
    interval[n] = $(at["ratio_low"]) != "" && $(at["ratio_high"]) != ""
    name[n] = label()
    next
}

{
    if (!(label() in captured)) captures[++m] = label()
    captured[label()]++
    if ($(at["verdict"]) != "ok") invalid[label()]++
}

END {
    for (i = 1; i <= n; i++) {
        if (!(of[i] in there)) continue
        if (too_many(rounds[i] - pairs[i], rounds[i])) printf "%s: %d of %d rounds lost\n", name[i], rounds[i] - pairs[i], rounds[i]
        else if (rounds[i] > 1 && !interval[i]) printf "%s: no interval\n", name[i]
    }
    for (i = 1; i <= m; i++)
        if (too_many(invalid[captures[i]], captured[captures[i]]))
            printf "%s: %d of %d captured rounds lost\n", captures[i], invalid[captures[i]], captured[captures[i]]
}
