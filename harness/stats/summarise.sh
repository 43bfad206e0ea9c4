#!/bin/sh
# summarise.sh RUN [ROOM]: trials.csv -> summary.csv, and the same as a table on standard output, of ROOM columns at most (any
# number).
#
# Of each cell: medians over its ok rows (a median of per-trial percentiles is not a percentile of
# all requests, and is not called one), the range of throughput and wakeups, and the ratio of its
# throughput to the reference's in the same round, with what the reference differs from itself by.

set -u
program=summarise
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/harness/lib/common.sh"
. "$top/harness/lib/strategies.sh"
here=$top/harness/stats

run=$1
[ -f "$run/trials.csv" ] || fail_usage "there is no run in $run: it has no trials.csv"
make_work ""

medians='throughput_rps wakeups_per_conn latency_p50_us latency_p99_us server_cpu_us_per_req client_cpu_us_per_req jain'

# "strategy|workers TAB what it should cost at the least", from strategies.tsv, if there is one
expected() {
    [ -f "$run/strategies.tsv" ] || return 0
    awk -F '\t' -v OFS='\t' '
        NR == FNR { split($1, key, "|"); seen[key[1] "|" key[2]] = 1; next }
        { sub(/\.\..*/, "", $2); wakes[$1] = $2 }
        END { for (cell in seen) { split(cell, key, "|"); print wakes[key[1]], key[2], cell } }' \
        "$work/counts" "$run/strategies.tsv" | sort | calculate_each
}

awk -f "$here/cells.awk" -v all=1 -v columns="verdict $medians" "$run/trials.csv" >"$work/all" || exit 1
awk -F '\t' -v OFS='\t' '$3 == "ok" { print $1, $4, $5, $6, $7, $8, $9, $10 }' "$work/all" | sort >"$work/ok" || cannot_work
awk -F '\t' -v OFS='\t' '$3 == "ok" { print $1, $2, $4 }' "$work/all" >"$work/rates" || cannot_work
sh "$here/ratios.sh" "$run" throughput_rps "$work/rates" >"$work/ratios" || exit 1
awk -F '\t' '{ count[$1]++ } END { for (key in count) print key "\t" count[key] }' "$work/all" >"$work/counts" || cannot_work
[ ! -s "$work/ok" ] ||
    datamash --narm -g 1 count 1 median 2 min 2 max 2 median 3 min 3 max 3 median 4 median 5 \
        median 6 median 7 median 8 <"$work/ok" >"$work/medians" || exit 1
touch "$work/medians" || cannot_work
expected >"$work/expected" || cannot_work

header=strategy,workers,cpus,connections,rate_offered,requests_per_connection,expected_wakes,trials,ok
header=$header,throughput_rps,throughput_min,throughput_max
header=$header,wakeups_per_conn,wakeups_min,wakeups_max,latency_p50_us,latency_p99_us
header=$header,server_cpu_us_per_req,client_cpu_us_per_req,jain,pairs,ratio,ratio_low,ratio_high,smallest
header=$header,outliers,drift,outcome,sentence
{
    echo "$header"
    awk -F '\t' -f "$here/join.awk" "$work/expected" "$work/medians" "$work/ratios" "$work/counts" |
        sort -t, -k1,1 -k2,2n -k3,3n -k4,4n -k5,5n -k6,6n
} >"$work/summary.csv" || exit 1
cp "$work/summary.csv" "$run/summary.csv" || fail "cannot write $run/summary.csv"
awk -F, -f "$here/words.awk" -f "$here/remarks.awk" -f "$here/table.awk" -v room="${2:-0}" "$run/summary.csv"
