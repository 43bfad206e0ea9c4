# Points, and rows (both of harness/plot/read.sh) -> "metric|strategy|round TAB multiple": throughput and p99 of each row as
# a multiple of its cell's median, so that cells of all kinds can stand on one axis.

BEGIN { FS = OFS = "\t" }

FILENAME ~ /points$/ { median[$1 "|" $2 "|" $3 "|" $4 "|" $5 "|" $6, $7] = $9; next }

function put(metric, value, label,    name) {
    if (value == "NA" || !(median[$1, metric] > 0)) return
    name = $1
    sub(/[|].*/, "", name)
    print label "|" name "|" $2, value / median[$1, metric]
}

{
    put("throughput_rps", $10, "throughput")
    put("latency_p99_us", $12, "p99")
}
