#!/bin/sh
# scale.sh RUN: throughput by CPUs, as RUN/scale.csv and as a table on standard output.
#
# The speed-up is to the fewest CPUs of the same strategy, workers and load (both may be in proportion to the
# CPUs), paired: from the same rounds. Ideal is in proportion to the CPUs; efficiency is speed-up / ideal.

set -u
program=scale
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/harness/lib/common.sh"
run=$1
[ -f "$run/settings.tsv" ] || fail_usage "there is no run with settings in $run: it has no settings.tsv"
make_work ""

setting() {
    awk -F '\t' -v name="$1" '$1 == name && $2 != "-" { print $2 }' "$run/settings.tsv"
}

# What is one line of the figure, over the rounds: "strategy,workers,load,requests each TAB cpus TAB workers TAB
# round TAB requests per second". Workers and load are as they were asked for: 8, or 4/cpu.
awk -f "$top/harness/stats/cells.awk" -v columns=throughput_rps "$run/trials.csv" >"$work/cells" || exit 1
awk -F '\t' -v OFS='\t' -v workers="$(setting workers)" -v loads="$(setting connections)$(setting rate)" "$(cat "$top/harness/lib/per_cpu.awk")"'
    BEGIN { worker_count = split(workers, worker, ","); load_count = split(loads, load, ",") }
    {
        split($1, key, "|")
        for (w = 1; w <= worker_count; w++)
            for (l = 1; l <= load_count; l++)
                if (per_cpu(worker[w], key[3]) == key[2] && per_cpu(load[l], key[3]) == (key[4] == "-" ? key[5] : key[4]))
                    print key[1] "," worker[w] "," load[l] "," key[6], key[3], key[2], $2, $3
    }' "$work/cells" >"$work/lines" || cannot_work
awk -F '\t' 'NR == FNR { if (!($1 in fewest) || $2 < fewest[$1]) fewest[$1] = $2; next }
    { print $0 "\t" fewest[$1] }' "$work/lines" "$work/lines" >"$work/with_fewest" || cannot_work
awk -F '\t' -v OFS='\t' '
    NR == FNR { if ($2 == $6) base[$1, $4] = $5; next }
    ($1, $4) in base && base[$1, $4] + 0 > 0 && $5 + 0 > 0 { print $1 "," $2 "," $3 "," $6, $5, base[$1, $4] }' \
    "$work/with_fewest" "$work/with_fewest" | "$top/${BUILD:-build}/bin/stats" >"$work/speedups" || exit 1
awk -F '\t' '{ print $1 "," $2 "," $3 "," $6 "\t" $5 }' "$work/with_fewest" | sort |
    datamash --narm -g 1 median 2 min 2 max 2 >"$work/medians" || exit 1
{
    echo strategy,workers_asked,load_asked,requests_per_connection,cpus,workers,throughput_rps,throughput_min,throughput_max,pairs,speedup,speedup_low,speedup_high,ideal,efficiency
    awk -F '\t' -v OFS=, '
        function known(value) { return value == "nan" ? "" : value }
        FILENAME ~ /speedups$/ { speedup[$1] = $3; line[$1] = $2 "," $3 "," $4 "," $5; next }
        {
            split($1, key, ",")
            ideal = key[5] / key[7]
            print key[1], key[2], key[3], key[4], key[5], key[6], known($2), known($3), known($4),
                ($1 in line) ? line[$1] : ",,,", ideal, ($1 in line) ? speedup[$1] / ideal : ""
        }' "$work/speedups" "$work/medians" | sort -t, -k1,4 -k5,5n
} >"$work/scale.csv" || exit 1
cp "$work/scale.csv" "$run/scale.csv" || fail "cannot write $run/scale.csv"
awk -F, 'NR > 1 && $7 != "" { timed = 1 } END { exit !timed }' "$run/scale.csv" || {
    printf '\nOnly counts were taken: there is no throughput to scale.\n'
    exit
}
awk -F, '
    NR == 1 {
        printf "\n%-16s %8s %10s %5s %8s %10s %24s %6s %11s\n", "strategy", "workers", "load", "CPUs", "workers", "requests/s",
            "speed-up, 95 % interval", "ideal", "efficiency"
        next
    }
    {
        speedup = $11 == "" ? "-" : $12 == "" ? sprintf("%.2f", $11) : sprintf("%.2f [%.2f, %.2f]", $11, $12, $13)
        printf "%-16s %8s %10s %5d %8d %10s %24s %6.2f %12s\n", $1, $2, $3, $5, $6, $7 == "" ? "-" : sprintf("%.0f", $7),
            speedup, $14, $15 == "" ? "-" : sprintf("%.0f %%", 100 * $15)
        if ($14 > 1) several = 1
    }
    END { if (!several) print "\nOne number of CPUs shows no scaling: this takes a machine with more of them." }
' "$run/scale.csv"
