#!/bin/sh
# power.sh [--repeats N] [--service-us U]: the smallest detectable difference of the default bench
#
# Runs the default bench N times (40), with one number of workers: wakeone, its A/A control, and a copy that uses U
# microseconds more CPU time per request (3). Prints the copy's ratio over all rounds of all repeats, and in how many
# repeats the difference was detected; and how often other differences would have been detected with the measured noise,
# from the control's rounds with requests per second reduced by that much.
#
# `make validate-engine` runs it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=power
. "$top/harness/lib/common.sh"

repeats=40
service_us=3
read_numbers "repeats:1:10000 service-us:1:10000" "$@"
build all
make_work ""
trap 'exit 1' INT TERM HUP

of_summary() {
    awk -F, -v strategy="$1" -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $1 == strategy { print $(at[name]) }' "$work/run/summary.csv"
}

for repeat in $(seq "$repeats"); do
    rm -rf "$work/run"
    "$top/run.sh" bench --strategies wakeone --also "slower=wakeone --service-us $service_us" --workers 8 \
        --seed "$repeat" --no-figures --out "$work/run" >/dev/null 2>"$work/err"
    [ $? -ne 1 ] || fail "bench failed: $(tail -n 1 "$work/err")"
    echo "$(of_summary slower outcome) $(of_summary slower smallest)" >>"$work/outcomes"
    "$top/build/bin/runs" samples "$work/run" throughput_rps |
        awk -F '\t' -v OFS='\t' -v repeat="$repeat" '{ sub(/[|].*/, "", $1); print $1, repeat, $2, $3 }' >>"$work/rows"
done

# pairs NAME FACTOR: "key TAB a TAB b", with the repeat as key
pairs() {
    awk -F '\t' -v OFS='\t' -v name="$1" -v factor="$2" '
        $1 == "wakeone" { base[$2, $3] = $4 }
        $1 == name { value[$2, $3] = $4 * factor; repeat[$2, $3] = $2 }
        END { for (r in value) if (r in base) print repeat[r], value[r], base[r] }' "$work/rows"
}

echo "the copy with --service-us $service_us: $(pairs slower 1 | sed 's/^[0-9]*/all/' | "$top/build/bin/stats" |
    awk -F '\t' '{ printf "%.4f [%.4f, %.4f] of the requests per second over %d pairs", $3, $4, $5, $2 }')"
awk '{ n++; found += $1 == "less"; width[n] = $2 } END { printf "detected in %d of %d repeats of the default bench\n", found, n }' \
    "$work/outcomes"
echo "half width of the interval: $(cut -d' ' -f2 "$work/outcomes" | "$top/build/bin/stats" --columns min:1,median:1,max:1 |
    awk '{ printf "%.1f %% (%.1f to %.1f)", 100 * $3, 100 * $2, 100 * $4 }')"
for percent in 0 1 2 3 4 5 6 8 10; do
    pairs wakeone-again "$(awk -v p=$percent 'BEGIN { print 1 - p / 100 }')" | "$top/build/bin/stats" |
        awk -F '\t' -v p=$percent '$(NF - 1) == "less" { found++ } END { printf "a difference of %d %% would have been detected in %d of %d\n", p, found, NR }'
done
