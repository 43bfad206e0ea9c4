# cells (judge.awk) and within (within.awk) as CSV, a line for each comparison.
# variables: letters (blanks between; the first one is the base)

BEGIN {
    FS = "\t"
    runs = split(letters, letter, " ")
    for (r = 2; r <= runs; r++) place[letter[r]] = 14 + 6 * (r - 2)
    print "metric,run,strategy,workers,cpus,connections,rate_offered,requests_per_connection,n_base,n_run,median_base," \
        "median_run,difference,difference_low,difference_high,ratio,ratio_low,ratio_high,p,floor,outcome,judgement," \
        "within_base,within_base_low,within_base_high,within_run,within_run_low,within_run_high,within,sentence"
}

# Metric and cell, which are the same in both files, a field apart
function key(at) {
    return $2 SUBSEP $at SUBSEP $(at + 1) SUBSEP $(at + 2) SUBSEP $(at + 3) SUBSEP $(at + 4) SUBSEP $(at + 5)
}

FILENAME ~ /within$/ { line[key(3)] = $0; next }

function quoted(text) {
    if (text ~ /[",\n\r]/) { gsub(/"/, "\"\"", text); return "\"" text "\"" }
    return text
}

function known(text) { return text == "-" || text == "*" ? "" : text }

{
    split(key(4) in line ? line[key(4)] : "", w, "\t")
    at = place[$3]
    text = $2 "," $3 "," $4 "," $5 "," known($6) "," known($7) "," known($8) "," known($9)
    for (i = 10; i <= 23; i++) text = text "," $i
    print text "," w[10] "," w[11] "," w[12] "," w[at + 1] "," w[at + 2] "," w[at + 3] "," w[at + 5] "," quoted($24)
}
