#!/bin/sh
# wire.sh RUN: wire.csv -> wire_summary.csv, and the same as a table on standard output: the first byte of
# the answer, as the load generator and as the network saw it. Medians over the ok rows of each cell.

set -u
program=wire
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/harness/lib/common.sh"

run=$1
[ -f "$run/wire.csv" ] || fail_usage "$run has no wire.csv: it was made without --wire"
columns='first_byte_p50_us wire_first_byte_p50_us wire_wait_p50_us first_byte_p99_us wire_first_byte_p99_us wire_wait_p99_us'
make_work ""

awk -f "$top/harness/stats/cells.awk" -v columns="$columns" "$run/wire.csv" >"$work/ok" || exit 1
{
    echo "strategy,workers,cpus,connections,rate_offered,requests_per_connection,ok,$(echo "$columns" | tr ' ' ,)"
    datamash -s --narm -g 1 count 1 median 3 median 4 median 5 median 6 median 7 median 8 <"$work/ok" |
        sed 's/|-/|/g' | tr '|\t' ',,' | sort -t, -k1,1 -k2,2n -k3,3n -k4,4n -k5,5n -k6,6n
} >"$work/summary" || exit 1
cp "$work/summary" "$run/wire_summary.csv" || fail "cannot write $run/wire_summary.csv"
awk -F, '
    NR == 1 {
        printf "\n    First byte of the answer, us, by the load generator and on the wire (rounds of their own):\n\n"
        printf "    %-22s %8s %11s %30s %30s\n", "", "", "", "p50", "p99"
        printf "    %-22s %8s %11s %10s %9s %9s %10s %9s %9s\n", "strategy", "workers", "connections",
            "load", "wire", "waited", "load", "wire", "waited"
        next
    }
    { printf "    %-22s %8d %11d %10.0f %9.0f %9.0f %10.0f %9.0f %9.0f\n", $1, $2, $4, $8, $9, $10, $11, $12, $13 }
    END { printf "\n    load: from before the connect; wire: from the SYN; waited: from the request, on the wire.\n" }
' "$run/wire_summary.csv"
