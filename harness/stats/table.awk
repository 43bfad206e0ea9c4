# summary.csv as a table for people, sorted by workers so that what is compared stands together.
function number(value, format) { return value == "" ? "-" : sprintf(format, value) }
FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
{
    load = $(at["connections"]) " connections, " \
        ($(at["requests_per_connection"]) == 1 ? "one request each" : \
         $(at["requests_per_connection"]) == 0 ? "kept alive" : \
         $(at["requests_per_connection"]) " requests each")
    if (!(load in seen)) { seen[load] = 1; loads[++load_count] = load }
    workers = $(at["workers"]) + 0
    group = load SUBSEP workers
    if (!(group in size)) { order[load] = order[load] " " workers }
    ratio = $(at["strategy"]) == "racing" ? "1 (reference)" : \
        $(at["ratio"]) == "" ? "-" : \
        $(at["ratio_low"]) == "" ? sprintf("%.2f (one pair)", $(at["ratio"])) : \
        sprintf("%.2f [%.2f, %.2f]", $(at["ratio"]), $(at["ratio_low"]), $(at["ratio_high"]))
    line[group, ++size[group]] = sprintf("%-10s %7d %9s %12s %9s %9s %8s %8s %6s  %-20s %s",
        $(at["strategy"]), workers, number($(at["throughput_rps"]), "%.0f"),
        number($(at["wakeups_per_conn"]), "%.2f"), number($(at["latency_p50_us"]), "%.0f"),
        number($(at["latency_p99_us"]), "%.0f"), number($(at["server_cpu_us_per_req"]), "%.1f"),
        number($(at["client_cpu_us_per_req"]), "%.1f"), number($(at["jain"]), "%.2f"), ratio,
        $(at["ok"]) < $(at["trials"]) ? $(at["trials"]) - $(at["ok"]) " of " $(at["trials"]) " rows not ok" : "")
}
END {
    for (l = 1; l <= load_count; l++) {
        load = loads[l]
        print (l > 1 ? "\n" : "") load ":\n"
        printf "%-10s %7s %9s %12s %9s %9s %17s %6s  %s\n", "", "", "requests", "wakeups per", "p50",
            "p99", "CPU us/request", "", "throughput to racing's,"
        printf "%-10s %7s %9s %12s %9s %9s %8s %8s %6s  %s\n", "strategy", "workers", "a second",
            "connection", "us", "us", "server", "client", "Jain", "paired, 95 % interval"
        count = split(order[load], list, " ")
        for (i = 2; i <= count; i++)
            for (j = i; j > 1 && list[j] + 0 < list[j - 1] + 0; j--) {
                swap = list[j]; list[j] = list[j - 1]; list[j - 1] = swap
            }
        for (i = 1; i <= count; i++)
            for (k = 1; k <= size[load, list[i]]; k++)
                print line[load, list[i], k]
    }
    print "\nMedians over the rounds; the figures of one machine at one time: compare ratios, not absolutes."
}
