# How it was measured, in ten lines. With document.awk.
# input, by the file's name: settings.tsv (name, value), strategies.tsv (name, wakes, summary, server, role),
#   instruments (words)
# variables: form

BEGIN { FS = "\t" }

FILENAME ~ /settings.tsv$/ { setting[$1] = $2; next }
FILENAME ~ /strategies.tsv$/ {
    if ($5 == "reference") reference = $1
    if ($5 == "again") again = $1
    if ($5 != "again") { names = names (names == "" ? "" : ", ") code(plain($1)); strategies++ }
    next
}
{ instruments = $0 }

function said(name) { return (name in setting) && setting[name] != "-" ? plain(setting[name]) : "not known" }

END {
    if (names == "") names = "not known"
    begin_list()
    item("Strategies: " names "; minimal servers in C that differ in nothing else, one process per worker, on loopback.")
    if (setting["rate"] != "" && setting["rate"] != "-")
        item("Load: an open loop, " said("rate") " requests a second whatever the server does, arrivals " said("arrivals") \
            ", requests per connection " said("requests_per_connection") ".")
    else item("Load: a closed loop, " said("connections") " connections, requests per connection " said("requests_per_connection") ".")
    item("Each cell (strategy, workers, CPUs, load) is measured once a round, in seeded random order, those that are compared side " \
        "by side: rounds " said("rounds") ", seed " said("seed") ".")
    item("Each time the server is started anew and waited for until every worker sleeps; then " said("warmup") " of warm-up and a window of " \
        said("window") ", whose true length is measured.")
    item(again == "" ? "No strategy was measured twice: the noise floor is not known." : \
        code(plain(reference)) " is measured twice (" code(plain(again)) "): what it differs from itself by is noise, and nothing below it is claimed.")
    item("Ratios are paired: one for each round, geometric mean, 95 % interval of Student's t on the logarithms.")
    item("Points in figures are medians; their intervals are order statistics (95 %), of fewer than 6 rounds the least and the greatest.")
    item("Wakeups: " (instruments ~ /bpf/ ? "counted in the scheduler by a program in the kernel" : "voluntary context switches of the workers, " \
        "one for each time one was woken") "; the herd is what is more than one per accepted connection.")
    item("Latency begins when a request was due (open loop) or begun (closed), the connect inside; what is in flight at the end is " \
        "counted as censored; percentiles are upper edges of buckets of 0.4 %.")
    item("Every row has a verdict. Rows that are not ok are kept, shown below, and in no figure and no mean.")
    end_list()
}
