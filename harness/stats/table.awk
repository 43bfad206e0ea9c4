# summary.csv as a table for people, sorted by workers so that what is compared stands together. With words.awk
# and remarks.awk.
# variables: room (columns of the terminal; none, or 0: any number)

# column WIDTH RANK FIRST SECOND: one more, with the lines of its header. Where there is no room for all, those of the greatest
# rank are left out.
function column(wide, rank, first, second) {
    widths[++columns] = wide
    ranks[columns] = rank
    top[columns] = first
    bottom[columns] = second
}

BEGIN {
    width = room > 0 && room < 60 ? 8 : 14
    column(7, 0, "", "workers")
    column(9, 3, "requests", "a second")
    column(12, 2, "wakeups per", "connection")
    column(9, 5, "p50", "us")
    column(9, 4, "p99", "us")
    column(8, 6, "CPU us", "server")
    column(8, 8, "", "client")
    column(6, 7, "", "Jain")
}

FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }

{
    load = load_words($(at["connections"]), $(at["rate_offered"]), $(at["requests_per_connection"])) ", " $(at["cpus"]) " CPUs"
    if (!(load in seen)) { seen[load] = 1; loads[++load_count] = load }
    workers = $(at["workers"]) + 0
    group = load SUBSEP workers
    if (!(group in size)) { order[load] = order[load] " " workers }
    named[group, ++size[group]] = $(at["strategy"])
    if (length($(at["strategy"])) > width) width = length($(at["strategy"]))
    cells[group, size[group]] = workers SUBSEP number_or_dash($(at["throughput_rps"]), "%.0f") SUBSEP \
        number_or_dash($(at["wakeups_per_conn"]), "%.2f") SUBSEP number_or_dash($(at["latency_p50_us"]), "%.0f") SUBSEP \
        number_or_dash($(at["latency_p99_us"]), "%.0f") SUBSEP number_or_dash($(at["server_cpu_us_per_req"]), "%.1f") SUBSEP \
        number_or_dash($(at["client_cpu_us_per_req"]), "%.1f") SUBSEP number_or_dash($(at["jain"]), "%.2f")
    ratios[group, size[group]] = ratio_text()
    remarked[group, size[group]] = remarks()
    if ($(at["strategy"]) ~ /-again$/) reference = substr($(at["strategy"]), 1, length($(at["strategy"])) - 6)
}

# With the name before them and the ratio behind
function width_up_to(rank,    i, sum) {
    sum = width + 2 + 17
    for (i = 1; i <= columns; i++) if (ranks[i] <= rank) sum += widths[i] + 1
    return sum
}

function choose_columns() {
    for (highest = columns; room > 0 && highest > 0 && width_up_to(highest) > room;) highest--
}

# values: an array of what stands in each
function line_of(name, values,    i, line) {
    line = sprintf("%-*s", width, name)
    for (i = 1; i <= columns; i++) if (ranks[i] <= highest) line = line sprintf(" %*s", widths[i], values[i])
    return line
}

function print_header(    line) {
    line = line_of("", top)
    sub(/  CPU us         /, "   CPU us/request", line) # over two columns
    print line "  " (room ? "to " reference "'s" : "throughput to " reference "'s,")
    print line_of("strategy", bottom) "  " (room ? "95 % interval" : "paired, 95 % interval")
}

END {
    if (reference == "") reference = "racing"
    choose_columns()
    for (l = 1; l <= load_count; l++) {
        load = loads[l]
        print (l > 1 ? "\n" : "") load ":\n"
        print_header()
        count = split(order[load], list, " ")
        for (i = 2; i <= count; i++)
            for (j = i; j > 1 && list[j] + 0 < list[j - 1] + 0; j--) {
                swap = list[j]; list[j] = list[j - 1]; list[j - 1] = swap
            }
        for (i = 1; i <= count; i++)
            for (k = 1; k <= size[load, list[i]]; k++) {
                split(cells[load, list[i], k], value, SUBSEP)
                line = sprintf("%s  %-20s %s", line_of(named[load, list[i], k], value), ratios[load, list[i], k], remarked[load, list[i], k])
                if (room > 0) sub(/ +$/, "", line)
                print line
            }
    }
    print "\nMedians over the rounds; the figures of one machine at one time: compare ratios, not absolutes."
}
