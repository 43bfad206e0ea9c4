#!/bin/sh
# summarise.sh RUN: trials.csv -> summary.csv, and the same as a table on standard output.
#
# Of each cell: medians over its ok rows (a median of per-trial percentiles is not a percentile of
# all requests, and is not called one), the range of throughput and wakeups, and the ratio of its
# throughput to racing's in the same round: geometric mean, 95 % interval, Student's t on the logs.

set -u
program=summarise
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/harness/lib/common.sh"
. "$top/harness/lib/strategies.sh"
here=$top/harness/stats

run=$1
[ -f "$run/trials.csv" ] || fail_usage "there is no run in $run: it has no trials.csv"
work=$(mktemp -d) || fail "cannot make a temporary directory"
trap 'rm -rf "$work"' EXIT

medians='throughput_rps wakeups_per_conn latency_p50_us latency_p99_us server_cpu_us_per_req client_cpu_us_per_req jain'

cells() {
    awk -f "$here/cells.awk" "$@" "$run/trials.csv"
}

# "key tab racing's throughput tab the strategy's" for each round that has both -> stats
pairs() {
    cells -v columns=throughput_rps | awk -F '\t' -v OFS='\t' '
        {
            split($1, key, "|")
            rest = substr($1, length(key[1]) + 1) "|" $2
            if (key[1] == "racing") reference[rest] = $3
            else { cell[++n] = $1; round[n] = rest; value[n] = $3 }
        }
        END {
            for (i = 1; i <= n; i++)
                if (round[i] in reference && value[i] > 0 && reference[round[i]] > 0)
                    print cell[i], value[i], reference[round[i]]
        }'
}

# What a strategy should cost at the least, from strategies.tsv.
expected() {
    calculate "$(awk -F '\t' -v name="$1" '$1 == name { sub(/\.\..*/, "", $2); print $2 }' \
        "$run/strategies.tsv" 2>/dev/null)" "$2"
}

cells -v all=1 -v columns= >"$work/all" || exit 1
cells -v columns="$medians" >"$work/ok" || exit 1
pairs | "$top/${BUILD:-build}/bin/stats" >"$work/ratios" || exit 1

datamash -s -g 1 count 1 <"$work/all" >"$work/counts" || exit 1
[ ! -s "$work/ok" ] ||
    datamash -s --narm -g 1 count 1 median 3 min 3 max 3 median 4 min 4 max 4 median 5 median 6 \
        median 7 median 8 median 9 <"$work/ok" >"$work/medians" || exit 1
touch "$work/medians"
cut -d'|' -f1,2 "$work/counts" | sort -u | while IFS='|' read -r strategy workers rest; do
    printf '%s|%s\t%s\n' "$strategy" "$workers" "$(expected "$strategy" "${workers%%[!0-9]*}")"
done >"$work/expected"

header=strategy,workers,connections,requests_per_connection,expected_wakes,trials,ok
header=$header,throughput_rps,throughput_min,throughput_max
header=$header,wakeups_per_conn,wakeups_min,wakeups_max,latency_p50_us,latency_p99_us
header=$header,server_cpu_us_per_req,client_cpu_us_per_req,jain,pairs,ratio,ratio_low,ratio_high
header=$header,sentence
{
    echo "$header"
    awk -F '\t' -f "$here/join.awk" "$work/expected" "$work/medians" "$work/ratios" "$work/counts" |
        sort -t, -k1,1 -k2,2n -k3,3n -k4,4n
} >"$work/summary.csv" || exit 1
cp "$work/summary.csv" "$run/summary.csv" || fail "cannot write $run/summary.csv"
awk -F, -f "$here/table.awk" "$run/summary.csv"
