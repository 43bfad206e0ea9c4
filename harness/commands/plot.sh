#!/bin/sh
# plot: the figures of a run, drawn again from its files
#
# usage: ./run.sh plot [RUN...]
#
# Draws RUN/figures/*.svg and writes RUN/summary.csv, from RUN/trials.csv, workers.csv and hist/;
# without RUN, of all in results/reference/. The same files give the same figures, byte for byte.
# Rows whose verdict is not ok are left out.
#
#   throughput   requests a second by workers
#   wakeups      wakeups per accepted connection by workers, and what they should be
#   latency      the percentiles of latency, by worker count
#   share        who took the connections, by worker count
#   scale        throughput by CPUs, of runs with several numbers of them, and the ideal
#   wire         with --wire: the first byte of the answer, as the load and as the network saw it
#
# example: ./run.sh plot results/reference/main

# shellcheck disable=SC2317 # the data of a figure is made by data_<figure>
set -u
program=plot
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"
plots=$top/plots
export LC_ALL=C

case ${1:-} in
--help | -h) print_help "$top/harness/commands/plot.sh" && exit 0 ;;
-*) fail_usage "there is no option '$1': see --help" ;;
esac
[ $# -gt 0 ] || set -- "$top"/results/reference/*/
for run in "$@"; do
    [ -f "$run/trials.csv" ] || fail_usage "there is no run in $run: it has no trials.csv"
    [ -w "$run" ] || fail_usage "cannot write to $run"
done
"$top/harness/lib/install.sh" ${no_install:+"$no_install"} run || exit $?
build "${BUILD:-build}/bin/stats"

work=$(mktemp -d) || fail "cannot make a temporary directory"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

words() {
    tr '\n' ' ' | sed 's/ $//'
}

# ---- what each figure draws, from the run's files ----

data_throughput() {
    by_workers throughput_rps throughput_min throughput_max
}

data_wakeups() {
    by_workers wakeups_per_conn wakeups_min wakeups_max expected_wakes
}

by_workers() {
    awk -f "$plots/by_workers.awk" -v names="$names" -v load="$load" -v columns="$*" "$run/summary.csv"
}

data_wire() {
    awk -f "$plots/by_workers.awk" -v names="$names" -v load="$load" \
        -v columns="first_byte_p50_us first_byte_p99_us wire_first_byte_p50_us wire_first_byte_p99_us" \
        "$run/wire_summary.csv"
}

data_latency() {
    while read -r trial cell; do
        [ -f "$run/hist/$trial.hgrm" ] || fail "$run/hist/$trial.hgrm is missing: draw without trial $trial's row, or find it"
        awk -v cell="$cell" '/^[ \t]*[0-9]/ { print cell, $1, $3 - before; before = $3 }' \
            "$run/hist/$trial.hgrm"
    done <"$work/cells" >"$work/counts" || exit 1
    sort -k1,1n -k2,2n "$work/counts" | awk -f "$plots/latency.awk" -v cells="$cells"
}

data_share() {
    awk -F '[, ]' 'FILENAME ~ /cells$/ { cell[$1] = $2; next }
        FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $(at["trial"]) in cell && $(at["role"]) == "worker" {
            print cell[$(at["trial"])], $(at["trial"]), $(at["accepts"]) + 0
        }' "$work/cells" "$run/workers.csv" |
        sort -k1,1n -k2,2n -k3,3nr | awk -f "$plots/share.awk" -v cells="$cells"
}

# From the rows to "trial cell": a cell's number is the place of its block in the data, counted from
# 0, strategies within worker counts.
number_cells() {
    awk -F '[|\t]' -v names="$names" -v workers="$workers" '
        BEGIN {
            series = split(names, name, " ")
            for (i = 1; i <= series; i++) place[name[i]] = i - 1
            panels = split(workers, worker, " ")
            for (i = 1; i <= panels; i++) panel[worker[i]] = i - 1
        }
        { print $8, panel[$2] * series + place[$1] }' "$work/rows"
}

# ---- drawing ----

# "name colour point" of each strategy in the rows; those that strategies.tsv knows first, in its order
looks_of_rows() {
    cut -d'|' -f1 "$work/rows" | sort -u | awk -F '\t' '
        FNR == NR { if (!/^#/) { look[$1] = $0; order[++known] = $1 }; next }
        { there[$1] = 1; name[++count] = $1 }
        END {
            for (i = 1; i <= known; i++) if (order[i] in there) print look[order[i]]
            for (i = 1; i <= count; i++) if (!(name[i] in look)) print name[i], "#888888", 6
        }' "$plots/strategies.tsv" - | tr '\t' ' '
}

title_of() {
    case $1 in
    throughput) echo "Throughput by workers" ;;
    wakeups) echo "Wakeups per accepted connection; dashed: what idle workers should cost" ;;
    latency) echo "Latency, the connect inside" ;;
    wire) echo "First byte of the answer, p50 to p99: filled on the wire (from the SYN), hollow by the load" ;;
    scale) echo "Throughput by CPUs; dashed: the ideal, in proportion to the fewest" ;;
    share) echo "Share of the connections that each worker took, the busiest first" ;;
    esac
}

subtitle() {
    [ -z "${group:-}" ] || { echo "workers, load, requests each: $group; measured on: $(distinct 9)" && return; }
    case $requests in
    0) each="kept alive" ;;
    1) each="one request each" ;;
    -) each="a mix" ;;
    *) each="$requests requests each" ;;
    esac
    amount="$connections connections"
    [ "$rate" = - ] || amount="$rate requests a second"
    echo "$amount, $each; measured on: $(distinct 9), $cpus CPUs; $(distinct 7 | wc -w) rounds"
}

# distinct FIELD: what the rows have there
distinct() {
    tr '|' '\t' <"$work/rows" | cut -f"$1" | sort -n -u | words
}

# draw FIGURE: aside first, so that a figure is the new one or the old one and never half of one
draw() {
    "data_$1" >"$work/data" || exit 1
    (cd "$plots" && gnuplot -c style.gp "$1.gp" "$work/data" "$work/figure.svg" "$(title_of "$1")" \
        "$(subtitle)" "$looks" "$workers" "$cpus") >"$work/log" 2>&1 ||
        fail "gnuplot could not draw $1 of $run: $(grep -v '^ *$' "$work/log" | tail -n 1)"
    mkdir -p "$run/figures" && cp "$work/figure.svg" "$run/figures/$1$suffix.svg" ||
        fail "cannot write $run/figures/$1$suffix.svg"
}

# draw_load: the figures of the rows with $cpus, $connections, $rate and $requests
draw_load() {
    load="$cpus|$connections|$rate|$requests"
    grep -F "|$load	" "$work/ok" >"$work/rows"
    looks=$(looks_of_rows)
    names=$(echo "$looks" | cut -d' ' -f1 | words)
    looks=$(echo "$looks" | words)
    workers=$(distinct 2)
    cells=$(($(echo "$names" | wc -w) * $(echo "$workers" | wc -w)))
    number_cells >"$work/cells"
    for figure in throughput wakeups latency share; do
        draw $figure
    done
    [ ! -s "$run/wire.csv" ] || draw wire
}

data_scale() {
    awk -F, -v OFS=' ' -v names="$names" -v group="$group" -f "$plots/scale.awk" "$run/scale.csv"
}

# A figure for each way in which workers and load go with the CPUs
draw_scale() {
    [ "$(cut -d' ' -f1 "$work/loads" | sort -u | wc -l)" -gt 1 ] || return 0
    sh "$top/harness/stats/scale.sh" "$run" >/dev/null || exit 1
    cp "$work/ok" "$work/rows"
    looks=$(looks_of_rows)
    names=$(echo "$looks" | cut -d' ' -f1 | words)
    looks=$(echo "$looks" | words)
    workers=$(distinct 3) # the axis: here it is CPUs
    cpus=${workers##* }
    tail -n +2 "$run/scale.csv" | cut -d, -f2-4 | sort -u >"$work/groups"
    suffix=
    while read -r group; do
        [ "$(wc -l <"$work/groups")" -eq 1 ] || suffix=-$(echo "$group" | tr -c 'a-z0-9\n' -)
        draw scale
    done <"$work/groups"
}

# Only what the run has several of is in the name: -p CPUs, -c connections, -r rate, -k requests each.
name_of_load() {
    awk -v line="$cpus $connections $rate $requests" '
        BEGIN { split(line, value, " "); split("p c r k", letter, " ") }
        { for (i = 1; i <= 4; i++) if ($i != value[i]) several[i] = 1 }
        END { for (i = 1; i <= 4; i++) if (several[i] && value[i] != "-") name = name "-" letter[i] value[i]; print name }
    ' "$work/loads"
}

# A run of several loads has each figure several times, the load in the name.
draw_run() {
    sh "$top/harness/stats/summarise.sh" "$run" >/dev/null || exit 1
    [ ! -s "$run/wire.csv" ] || sh "$top/harness/stats/wire.sh" "$run" >/dev/null || exit 1
    awk -f "$top/harness/stats/cells.awk" -v columns="trial machine" "$run/trials.csv" >"$work/ok" || exit 1
    cut -f1 "$work/ok" | cut -d'|' -f3- | tr '|' ' ' | sort -u >"$work/loads"
    [ -s "$work/loads" ] || {
        say "$program: no row of $run is ok: there is nothing to draw"
        status=3
        return
    }
    while read -r cpus connections rate requests; do
        suffix=
        [ "$(wc -l <"$work/loads")" -eq 1 ] || suffix=$(name_of_load)
        draw_load
    done <"$work/loads"
    draw_scale
    say "figures: $run/figures"
}

status=0
for run in "$@"; do
    run=$(cd "$run" && pwd)
    draw_run
done
exit $status
