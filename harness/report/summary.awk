# The summary: a table for each load. With document.awk, words.awk and remarks.awk.
# input: summary.csv
# variables: form, level (of the headings)

BEGIN { FS = "," }

FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }

{
    load = load_words($(at["connections"]), $(at["rate_offered"]), $(at["requests_per_connection"])) ", " $(at["cpus"]) " CPUs"
    if (!(load in count)) order[++loads] = load
    n = ++count[load]
    workers[load, n] = $(at["workers"]) + 0
    row[load, n] = $1 SUBSEP $(at["workers"]) SUBSEP number_or_dash($(at["throughput_rps"]), "%.0f") SUBSEP \
        number_or_dash($(at["wakeups_per_conn"]), "%.2f") SUBSEP number_or_dash($(at["latency_p50_us"]), "%.0f") SUBSEP \
        number_or_dash($(at["latency_p99_us"]), "%.0f") SUBSEP number_or_dash($(at["server_cpu_us_per_req"]), "%.1f") SUBSEP \
        number_or_dash($(at["client_cpu_us_per_req"]), "%.1f") SUBSEP number_or_dash($(at["jain"]), "%.2f") SUBSEP \
        ratio_text() SUBSEP remarks()
    if ($1 ~ /-again$/) reference = substr($1, 1, length($1) - 6)
}

END {
    for (l = 1; l <= loads; l++) {
        load = order[l]
        heading(level, load)
        begin_table("lrrrrrrrrll", "strategy|workers|requests/s|wakeups/conn.|p50 us|p99 us|server us/req.|client us/req.|Jain|throughput to " \
            (reference == "" ? "the reference" : reference) "'s| ")
        for (n = 1; n <= count[load]; n++) place[n] = n
        for (i = 2; i <= count[load]; i++)
            for (j = i; j > 1 && workers[load, place[j]] < workers[load, place[j - 1]]; j--) {
                swap = place[j]; place[j] = place[j - 1]; place[j - 1] = swap
            }
        for (n = 1; n <= count[load]; n++) add_row(row[load, place[n]])
        end_table()
    }
    if (!loads) paragraph("The run has no rows.")
    else note("Medians of the rows that are ok; ratios are paired, by round, with 95 % intervals. " \
        "They are the figures of one machine at one time: compare ratios, not absolutes.")
}
