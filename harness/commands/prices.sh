#!/bin/sh
# prices: measure the cost of an instruction and of a cache line here, for guests in virtual time
#
# usage: ./run.sh prices [OPTIONS]
#
#   --name NAME       of the line for harness/lab/prices.tsv (this host's name)
#   --cpus LIST       CPUs whose cache lines are measured, in all pairs (all CPUs)
#   --kernel KERNEL   kernel of the guest that counts instructions, as of ./run.sh kernels --virtual (cloud)
#   --no-guest        boot no guest: use the count in harness/lab/prices/instructions.tsv
#   --json            print it as JSON
#
# Instruction: CPU time of a request on this machine (build/bin/path), divided by the instructions of the same program in
# a virtual-time guest of 1 CPU. Miss: reading a cache line that another CPU wrote last; upgrade: writing to one that
# others have read; turn: core-to-core latency as commonly published, for comparison (build/bin/pingpong). The spread is
# that of the middle half of all batches. Exit status 3 if a spread is wider than 10 %, or if there is only one CPU, so that
# cache lines cannot be measured.
#
# example: ./run.sh prices --no-guest

# SPDX-License-Identifier: BSD-2-Clause

# shellcheck disable=SC2034 # read by harness/lab
set -u
program=prices
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"
. "$top/harness/lab/lab.sh"

SPREAD_MOST=10 # percent
TAB=$(printf "\t")
programs=${WAKEONE_PRICES:-$top/${BUILD:-build}/bin} # tests replace them
prices=$top/harness/lab/prices
name=$(uname -n)
cpus=
kernel=cloud
guest=1
json=
time_limit=10m
limit_s=600
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$0" && exit 0 ;;
    --name | --cpus | --kernel) needs_value "$1" $# && eval "$(option_variable "$1")=\$2" && shift ;;
    --no-guest) guest= ;;
    --json) json=1 ;;
    *) fail_usage "there is no option '$1': see --help" ;;
    esac
    shift
done
case $name in
'' | *[!A-Za-z0-9._-]*) fail_usage "--name takes letters, digits, '.', '_' and '-', not '$name'" ;;
esac

# ---- measuring ----

# count_in_guest: writes instructions.tsv, from a guest of 1 CPU in which an instruction takes 1 ns
count_in_guest() {
    prepare_virtual
    found=$(find_kernel "$kernel") || exit 1
    image=${found%"$TAB"*} release=${found#*"$TAB"}
    host_cpu=$(host_cpus | head -n 1)
    make_image
    mkdir -p "$work/job/job" && : >"$work/job/job/sysctls" && : >"$work/job/job/path" || cannot_work
    message "$program: counting instructions in a guest: $release, 1 CPU"
    boot 1 "$work/job" "$work/log" "$work/guest" || fail "$release: no instructions were counted: $why"
    awk -F '\t' -v OFS='\t' -v kernel="$release" '
        NR == 1 { print "kernel", "instructions", "low", "high" }
        NR == 2 { print kernel, $2, $3, $4 }' "$work/guest/path.tsv" >"$work/instructions.tsv" || cannot_work
}

count_instructions() {
    if [ -n "$guest" ]; then
        count_in_guest
    else
        cp "$prices/instructions.tsv" "$work/instructions.tsv" || cannot_work
    fi
}

# count_cpus: CPUs that pingpong can use
count_cpus() {
    host_cpus | wc -l
}

measure_here() {
    message "$program: measuring a request and cache lines, CPUs: $(count_cpus)"
    "$programs/path" >"$work/path.tsv" || exit 1
    if [ -z "$cpus" ] && [ "$(count_cpus)" -lt 2 ]; then
        message "$program: only one CPU is available: a miss and an upgrade need two"
        : >"$work/pairs.tsv"
    else
        "$programs/pingpong" ${cpus:+--cpus "$cpus"} >"$work/pairs.tsv" || end_as $?
        awk 'NR > 1 && $3 != "siblings" { exit 1 }' "$work/pairs.tsv" && message "$program: the CPUs are SMT siblings, which share caches: these are not the costs between cores"
    fi
}

# ---- prices ----

# instruction_row: what, ns, low, high, least, most. low and high combine the quartiles of time and count.
instruction_row() {
    paste "$work/path.tsv" "$work/instructions.tsv" |
        awk -F '\t' 'NR == 2 { printf "instruction\t%.17g\t%.17g\t%.17g\t%.17g\t%.17g\n", $2 / $6, $3 / $8, $4 / $7, $2 / $6, $2 / $6 }'
}

# line_rows: the same for cache lines, medians over all pairs of CPUs. SMT siblings share a cache, so they count only if there is
# no other pair.
line_rows() {
    awk -F '\t' -v OFS='\t' 'NR == FNR { apart[$4] += $3 != "siblings"; next }
        FNR > 1 && ($3 != "siblings" || !apart[$4]) { print $4, $5, $6, $7 }' "$work/pairs.tsv" "$work/pairs.tsv" >"$work/lines" || cannot_work
    "$top/${BUILD:-build}/bin/stats" --columns median:2,median:3,median:4,min:2,max:2 <"$work/lines" >"$work/medians" || exit 1
    for what in miss upgrade turn; do
        grep "^$what$TAB" "$work/medians"
    done
}

# compute_prices: prices.tsv, a row each: what, ns, low, high, spread, least, most. The spread is high minus low, in
# percent of ns; least and most are those of all pairs of CPUs.
compute_prices() {
    { instruction_row && line_rows; } >"$work/rows"
    awk -F '\t' '{ ns = $1 == "instruction" ? "\t%.3f" : "\t%.1f"
        printf "%s" ns ns ns "\t%.1f" ns ns "\n", $1, $2, $3, $4, ($4 - $3) / $2 * 100, $5, $6 }' "$work/rows" >"$work/prices.tsv" || cannot_work
}

# ---- printing ----

# field FILE COLUMN: of the row below the header
field() {
    awk -F '\t' -v column="$2" 'NR == 2 { print $column }' "$work/$1"
}

# price_of WHAT: nothing if it was not measured
price_of() {
    awk -F '\t' -v what="$1" '$1 == what { print $2 }' "$work/prices.tsv"
}

# preset_line: a line of harness/lab/prices.tsv; nothing if a cost is missing
preset_line() {
    model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
    miss=$(price_of miss) upgrade=$(price_of upgrade)
    [ -n "$miss" ] || return 0
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$(price_of instruction)" "$miss" "$upgrade" \
        "measured: $(count_cpus) CPUs, ${model:-$(uname -m)}, Linux $(uname -r)" "./run.sh prices, $(date -u +%Y-%m-%d)"
}

print_table() {
    awk -F '\t' '
        BEGIN { printf "%-12s %9s  %-19s %7s  %s\n", "price", "ns", "middle half", "spread", "pairs of CPUs" }
        { printf "%-12s %9s  %-19s %5.1f %%  %s\n", $1, $2, $3 " to " $4, $5, ($6 == $7 ? "" : $6 " to " $7) }' "$work/prices.tsv"
    printf '\na request: %s ns of CPU time here; %s instructions in a guest with %s\n' \
        "$(field path.tsv 2)" "$(field instructions.tsv 2)" "$(field instructions.tsv 1)"
    [ -z "$line" ] || printf '\nfor harness/lab/prices.tsv:\n%s\n' "$line"
}

# row FILE: the line below the header, as JSON
row() {
    jq -R -s 'split("\n") | map(split("\t")) | [.[0], .[1]] | transpose | map({key: .[0], value: (.[1] | tonumber? // .)}) | from_entries' "$work/$1"
}

print_json() {
    jq -Rn --arg name "$name" --arg line "$line" --arg wide "$wide" --argjson request "$(row path.tsv)" --argjson instructions "$(row instructions.tsv)" '
        [inputs | split("\t") | {key: .[0], value: (.[1:] | map(tonumber) |
            {ns: .[0], low: .[1], high: .[2], spread_pct: .[3], least: .[4], most: .[5]})}] | from_entries as $prices |
        {name: $name, prices: $prices, request: $request, instructions: $instructions,
         too_wide: ($wide | split(" ")), line: (if $line == "" then null else $line end)}' "$work/prices.tsv"
}

# ---- main ----

[ -z "$json" ] || command -v jq >/dev/null || fail "--json requires jq: apt-get install jq"
[ -z "$guest" ] || use_virtual
install_and_build "run${guest:+ lab virtual}" all
make_work end_guest
trap 'message "$program: interrupted"; exit 1' INT TERM HUP
count_instructions
measure_here
compute_prices
line=$(preset_line)
wide=$(awk -F '\t' -v most=$SPREAD_MOST '$5 > most { print $1 }' "$work/prices.tsv" | paste -sd ' ')
if [ -n "$json" ]; then print_json; else print_table; fi >"$work/printed" || cannot_work
print_out "$work/printed"
[ -z "$wide" ] || message "$program: spread above $SPREAD_MOST %, not to be trusted: $wide; stop other programs on this machine, and measure again"
[ -z "$wide" ] && [ -n "$(price_of miss)" ] || exit 3
