# summary.csv as a table for people, sorted by workers so that what is compared stands together. With words.awk
# and remarks.awk.

BEGIN { width = 14 }

FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }

{
    load = load_words($(at["connections"]), $(at["rate_offered"]), $(at["requests_per_connection"])) ", " $(at["cpus"]) " CPUs"
    if (!(load in seen)) { seen[load] = 1; loads[++load_count] = load }
    workers = $(at["workers"]) + 0
    group = load SUBSEP workers
    if (!(group in size)) { order[load] = order[load] " " workers }
    named[group, ++size[group]] = $(at["strategy"])
    if (length($(at["strategy"])) > width) width = length($(at["strategy"]))
    line[group, size[group]] = sprintf("%7d %9s %12s %9s %9s %8s %8s %6s  %-20s %s", workers, number_or_dash($(at["throughput_rps"]), "%.0f"),
        number_or_dash($(at["wakeups_per_conn"]), "%.2f"), number_or_dash($(at["latency_p50_us"]), "%.0f"),
        number_or_dash($(at["latency_p99_us"]), "%.0f"), number_or_dash($(at["server_cpu_us_per_req"]), "%.1f"),
        number_or_dash($(at["client_cpu_us_per_req"]), "%.1f"), number_or_dash($(at["jain"]), "%.2f"), ratio_text(), remarks())
    if ($(at["strategy"]) ~ /-again$/) reference = substr($(at["strategy"]), 1, length($(at["strategy"])) - 6)
}

END {
    if (reference == "") reference = "racing"
    for (l = 1; l <= load_count; l++) {
        load = loads[l]
        print (l > 1 ? "\n" : "") load ":\n"
        printf "%-*s %7s %9s %12s %9s %9s %17s %6s  %s\n", width, "", "", "requests", "wakeups per", "p50",
            "p99", "CPU us/request", "", "throughput to " reference "'s,"
        printf "%-*s %7s %9s %12s %9s %9s %8s %8s %6s  %s\n", width, "strategy", "workers", "a second",
            "connection", "us", "us", "server", "client", "Jain", "paired, 95 % interval"
        count = split(order[load], list, " ")
        for (i = 2; i <= count; i++)
            for (j = i; j > 1 && list[j] + 0 < list[j - 1] + 0; j--) {
                swap = list[j]; list[j] = list[j - 1]; list[j - 1] = swap
            }
        for (i = 1; i <= count; i++)
            for (k = 1; k <= size[load, list[i]]; k++)
                printf "%-*s %s\n", width, named[load, list[i], k], line[load, list[i], k]
    }
    print "\nMedians over the rounds; the figures of one machine at one time: compare ratios, not absolutes."
}
