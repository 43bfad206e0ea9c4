# The finding of a run in one sentence, with its intervals: how wakeone (where it was not measured, the first strategy that
# is not the reference) compares with the reference, with the fewest workers and with the most, so that nobody can
# choose; in an open loop, where throughput is given, by the server's CPU time a request. With words.awk.
# input, by the file's name: strategies.tsv, cpu_ratios (lines of bin/stats), summary.csv, which has those of throughput

BEGIN { FS = "\t" }

FILENAME ~ /strategies.tsv$/ {
    if ($5 == "reference") reference = $1
    order[++known] = $1
    next
}

function take(kind, key, value, from, to, word) {
    ratio[kind, key] = value
    low[kind, key] = from
    high[kind, key] = to
    outcome[kind, key] = word
}

FILENAME ~ /cpu_ratios$/ { take("cpu", $1, $3, $4, $5, $(NF - 1)); next }

FNR == 1 { FS = ","; $0 = $0; for (i = 1; i <= NF; i++) at[$i] = i; next }

function dash(value) { return value == "" ? "-" : value }

$(at["ok"]) > 0 {
    load = $(at["cpus"]) "|" dash($(at["connections"])) "|" dash($(at["rate_offered"])) "|" dash($(at["requests_per_connection"]))
    there[$1] = 1
    workers = $(at["workers"]) + 0
    if (!((load, $1, workers) in cells)) of[load, $1] = of[load, $1] " " workers
    cells[load, $1, workers] = 1
    if ($(at["ratio"]) != "")
        take("throughput", $1 "|" workers "|" load, $(at["ratio"]), $(at["ratio_low"]), $(at["ratio_high"]), $(at["outcome"]))
    wakes[load, $1, workers] = $(at["wakeups_per_conn"])
    if (!(load in is_load)) { is_load[load] = 1; loads++; names[loads] = load }
    any = 1
}

function sentence_of(kind, key, workers, last) {
    text = sprintf("%.2f", ratio[kind, key])
    if (low[kind, key] != "") text = text sprintf(" [%.2f, %.2f]", low[kind, key], high[kind, key])
    text = text " times " (last ? "with " workers : (kind == "cpu" ? "the server's CPU time a request" : "the requests a second") \
        " with " workers (workers == 1 ? " worker" : " workers"))
    if (low[kind, key] == "") return text " (one pair, no interval)"
    if (outcome[kind, key] == "none") return text " (no difference shown)"
    if (outcome[kind, key] == "floor") return text " (less than the reference differs from itself by)"
    return text
}

function woken(load, name, few, many) {
    return wakes[load, name, few] == "" ? "" : sprintf("%.2f", wakes[load, name, few]) \
        (few == many || wakes[load, name, many] == "" ? "" : sprintf(" and %.2f", wakes[load, name, many]))
}

# counted: of a run that has no times (guests), with the fewest workers and with the most of all loads; nothing if neither is known
function counted(    i, k, list, count, workers, few, many, of_reference, of_subject, least, most) {
    for (i = 1; i <= loads; i++) {
        count = split(of[names[i], subject], list, " ")
        for (k = 1; k <= count; k++) {
            workers = list[k] + 0
            of_reference = woken(names[i], reference, workers, workers)
            of_subject = woken(names[i], subject, workers, workers)
            if (of_reference == "" || of_subject == "") continue
            if (few == "" || workers < few) { few = workers; least = of_reference " workers of " reference " and " of_subject " of " subject }
            if (many == "" || workers > many) { many = workers; most = of_reference " and " of_subject }
        }
    }
    if (few == "") return ""
    return "No time was measured, only counts: a connection woke " least " with " few (few == 1 ? " worker" : " workers") \
        (few == many ? "" : ", " most " with " many) "."
}

# The loads as text sort as they like: the one with the least load of all is the one to be told.
function first_load(    i, part, best, least, size) {
    for (i = 1; i <= loads; i++) {
        if (!((names[i], subject) in of)) continue
        split(names[i], part, "|")
        size = part[1] * 1e9 + (part[3] == "-" ? part[2] : part[3])
        if (best == "" || size < least) { best = names[i]; least = size }
    }
    return best
}

END {
    if (!any) { print "No row may be believed: there is no finding."; exit }
    if (reference == "") reference = "racing"
    if (("wakeone" in there) && reference != "wakeone") subject = "wakeone"
    for (i = 1; i <= known && subject == ""; i++)
        if ((order[i] in there) && order[i] != reference && order[i] !~ /-again$/) subject = order[i]
    if (subject == "" || !(reference in there)) {
        print "There is nothing to compare with: the run has no other strategy beside its reference " reference "."
        exit
    }
    load = first_load()
    split(load, part, "|")
    kind = part[3] != "-" ? "cpu" : "throughput"
    count = split(of[load, subject], list, " ")
    for (i = 1; i <= count; i++) {
        if (!((kind, subject "|" list[i] "|" load) in ratio)) continue
        if (few == "" || list[i] + 0 < few) few = list[i] + 0
        if (many == "" || list[i] + 0 > many) many = list[i] + 0
    }
    if (few == "") {
        text = counted()
        print text != "" ? text : "There is nothing to compare: no round has both " subject " and " reference " with rows that are ok."
        exit
    }
    text = subject " against " reference ", " load_words(part[2], part[3], part[4]) ", " part[1] " CPUs: " \
        sentence_of(kind, subject "|" few "|" load, few, 0)
    if (many != few) text = text ", " sentence_of(kind, subject "|" many "|" load, many, 1)
    a = woken(load, reference, few, many)
    b = woken(load, subject, few, many)
    if (a != "" && b != "") text = text "; a connection woke " a " workers of " reference ", " b " of " subject
    print text ". Ratios are paired, with 95 % intervals." (loads > 1 ? " This is the lowest of " loads " loads." : "")
}
