# The data of each figure, data_<figure>, from what read_run left in $work. Sourced by commands/plot.sh.
#
# A figure that this run cannot have calls leave_out with a sentence: that is no fault. One whose data is there and
# broken calls broken: that is status 1, and the others are drawn.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317 # variables of plot.sh, which calls most of this by name
: "${top:?must be set by the caller}"

leave_out() {
    rm -f "$work/broken"
    printf '%s\n' "$*" | printable >"$work/reason"
}

broken() {
    leave_out "$*"
    touch "$work/broken"
}

# one_plot POINTS METRICS OPTIONS: the first metric is what the figure is about
one_plot() {
    points=$1
    wanted=$2
    shift 2
    cut -f7 "$points" | grep -q -x "${wanted%% *}" || { leave_out "no row has ${wanted%% *}" && return; }
    awk -f "$plots/spread.awk" -f "$plots/series.awk" -v names="$names" -v metrics="$wanted" -v gap=0.055 "$@" "$points"
}

data_throughput() {
    one_plot "$work/points_of_load" throughput_rps -v x=2 -v log_axis=0 -v ideal_up_to="$cpus"
}

data_wakeups() {
    one_plot "$work/points_of_load" "wakeups_per_conn expected_wakes" -v x=2 -v log_axis=1 -v least=0.8 -v most=2
}

# By what the network saw, in rounds of their own
data_wire() {
    [ -s "$run/wire.csv" ] || { leave_out "the run was made without --wire" && return; }
    wire_metrics='wire_first_byte_p50_us wire_first_byte_p99_us first_byte_p50_us first_byte_p99_us'
    awk -f "$stats/cells.awk" -v columns="$wire_metrics" "$run/wire.csv" >"$work/wire_rows" || return 1
    points_of "$wire_metrics" 3 <"$work/wire_rows" >"$work/wire_points" || return 1
    points_of_load "$work/wire_points" >"$work/wire_points_of_load"
    one_plot "$work/wire_points_of_load" "$wire_metrics" -v x=2 -v log_axis=1
}

# ---- panels: a block for each cell, counted from 0, strategies within worker counts ----

# number_cells: the configurations of this load -> "key panel trials", and its trials -> "trial key"
number_cells() {
    awk -F '[|\t]' -v names="$names" -v workers="$ticks" '
        BEGIN {
            series = split(names, name, " ")
            for (i = 1; i <= series; i++) place[name[i]] = i - 1
            panels = split(workers, worker, " ")
            for (i = 1; i <= panels; i++) panel[worker[i]] = i - 1
        }
        { key = $1 "|" $2 "|" $3 "|" $4 "|" $5 "|" $6; at[key] = panel[$2] * series + place[$1]; trials[key]++ }
        END { for (key in at) print key, at[key], trials[key] }' "$work/rows_of_load" >"$work/cells"
    awk -F '\t' '{ print $3, $1 }' "$work/rows_of_load" >"$work/trials_of_load"
}

# The histograms of a run are one for each trial, in hist/, or as ./run.sh compact has merged them, in latency/.
data_latency() {
    cut -f7 "$work/points_of_load" | grep -qx latency_p99_us || { leave_out "no row has latencies: only counts were taken" && return; }
    number_cells
    merged=$run/latency
    if [ -d "$run/hist" ]; then
        merged=$work/latency
        rm -rf "$merged" && mkdir "$merged" || return 1
        awk -v dir="$run/hist" -v out="$merged" -f "$stats/merge.awk" "$work/trials_of_load" 2>"$work/complaint" ||
            { broken "$(head -n 1 "$work/complaint")" && return; }
    elif [ ! -d "$merged" ]; then
        leave_out "the run has no histograms: there is no hist/ or latency/ in it" && return
    fi
    awk -v cells="$cells" -v dir="$merged" -f "$plots/latency.awk" "$work/cells" 2>"$work/complaint" ||
        broken "$(head -n 1 "$work/complaint")"
    [ -e "$work/broken" ] || grep -q '^[0-9]' "$work/data" || leave_out "the histograms are empty: no request ended in the windows"
}

# As above: workers.csv, or shares.csv
data_share() {
    number_cells
    shares=$run/shares.csv
    if [ -s "$run/workers.csv" ]; then
        shares=$work/shares.csv
        awk -f "$stats/shares.awk" "$work/trials_of_load" "$run/workers.csv" >"$shares" 2>"$work/complaint" ||
            { broken "$(head -n 1 "$work/complaint")" && return; }
    elif [ ! -s "$shares" ]; then
        leave_out "the run has no workers.csv or shares.csv" && return
    fi
    awk -F '\t' '$7 == "jain" { print $1 "|" $2 "|" $3 "|" $4 "|" $5 "|" $6, $9 }' "$work/points_of_load" >"$work/jain"
    awk -f "$plots/share.awk" -v cells="$cells" "$work/cells" "$work/jain" "$shares" 2>"$work/complaint" ||
        broken "$(head -n 1 "$work/complaint")"
}

data_cpu() {
    awk -F '\t' -v OFS='\t' '$14 != "NA" && $13 != "NA" { print $1, $2, $13 + $14 }' "$work/rows_of_load" >"$work/sums"
    [ -s "$work/sums" ] || { leave_out "no row has the CPU time of server and client" && return; }
    points_of cpu_us_per_req 3 <"$work/sums" | cat "$work/points_of_load" - |
        awk -f "$plots/cells_of.awk" -v names="$names" -v workers="$ticks" \
            -v fields="server_cpu_us_per_req cpu_us_per_req-server_cpu_us_per_req cpu_us_per_req cpu_us_per_req.low cpu_us_per_req.high"
}

data_classes() {
    awk -F '\t' -v OFS='\t' '$9 != "NA" && $6 + 0 > 0' "$work/rows_of_load" >"$work/classed"
    [ -s "$work/classed" ] || { leave_out "absorbed wakeups were not counted: they take --instrument auto, and root" && return; }
    awk -F '\t' -v OFS='\t' '
        { n[$1] += $6; useful[$1] += $7; spurious[$1] += $8; absorbed[$1] += $9 }
        END { for (key in n) print key, 1, useful[key] / n[key], spurious[key] / n[key], absorbed[key] / n[key] }' \
        "$work/classed" | sort >"$work/sums"
    points_of "useful spurious absorbed" 3 <"$work/sums" | cat "$work/points_of_load" - |
        awk -f "$plots/cells_of.awk" -v names="$names" -v workers="$ticks" \
            -v fields="useful spurious absorbed wakeups_per_conn.low wakeups_per_conn.high"
}

# ---- of the whole run ----

data_rate() {
    [ "$(awk '$3 != "-" { print $3 }' "$work/loads" | sort -u | wc -l)" -gt 1 ] ||
        { leave_out "the run has not several rates (--rate 2000,4000,...)" && return; }
    awk -f "$plots/rate.awk" -v names="$names" -v workers="$ticks" "$work/all" "$work/points"
}

# pairs_of A B COLUMN [one]: of the rows -> ratios of A to B, a key for each block or one for all
pairs_of() {
    awk -f "$plots/pairs.awk" -v a="$1" -v b="$2" -v column="$3" -v one="${4:-}" "$work/rows" |
        "$top/${BUILD:-build}/bin/stats"
}

# The looks and the axis are of its own: see draw()
data_ratios() {
    awk -f "$stats/words.awk" -f "$plots/ratios.awk" -v reference="$reference" "$run/summary.csv" |
        sort -t "$TAB" -k1,1n -k2,2n -k3,3gr | cut -f4- >"$work/cells_of_ratios" || return 1
    count=$(wc -l <"$work/cells_of_ratios")
    [ "$count" -gt 0 ] || { leave_out "there is nobody but the reference, $reference" && return; }
    [ "$count" -le "$RATIOS_MOST" ] || { leave_out "the run has $count ratios to $reference: summary.csv has them all" && return; }
    printf "A\nB\n" >"$work/runs"
    awk -f "$stats/words.awk" -f "$top/harness/compare/forest.awk" -v metric=1 "$work/runs" "$work/cells_of_ratios" >"$work/forest" || return 1
    axis=$(head -n 1 "$work/forest")
    looks="ratio #005FA3 7"
    ticks=${axis%%"$TAB"*}
    cpus=${axis##*"$TAB"}
    tail -n +2 "$work/forest"
}

data_surface() {
    pairs_of racing wakeone 13 >"$work/ratios" || return 1
    awk -f "$plots/surface.awk" "$work/ratios" "$work/all" >"$work/surface" 2>"$work/complaint" ||
        { leave_out "$(head -n 1 "$work/complaint")" && return; }
    cat "$work/surface"
}

# Rows as multiples of their cell's median, by round, medians over the cells; and how far the reference was from itself
data_timeline() {
    awk -f "$plots/relative.awk" "$work/points" "$work/rows" | "$top/${BUILD:-build}/bin/stats" --median >"$work/relative" || return 1
    pairs_of "$reference-again" "$reference" 10 one >"$work/again" || return 1
    awk -f "$plots/timeline.awk" -v names="$names" "$work/relative" "$work/again" "$work/all"
}

# ---- by CPUs ----

# fit_of NAME POINTS LAST: the curve of one strategy, or why there is none
fit_of() {
    awk -F '\t' -v name="$1" '$1 == name && $7 == "throughput_rps" { print $3, $9, ($11 - $10) / 2 }' "$2" | sort -n >"$work/to_fit"
    [ -s "$work/to_fit" ] || { : >"$work/fit.$1" && return; } # only counted
    : >"$work/fitted"
    [ "$(wc -l <"$work/to_fit")" -lt 4 ] || (cd "$plots" && gnuplot -c usl.gp "$work/to_fit") >"$work/fitted" 2>/dev/null || :
    awk -f "$plots/usl.awk" -v name="$1" -v points="$(wc -l <"$work/to_fit")" -v from="$(awk 'NR == 1 { print $1 }' "$work/to_fit")" \
        -v upto="$3" "$work/fitted" >"$work/fit.$1"
}

# of_group FILE: its lines that belong to the line of the figure that is drawn
of_group() {
    awk -f "$top/harness/lib/per_cpu.awk" -f "$plots/scale_points.awk" -v group="$group" "$run/scale.csv" "$1"
}

data_scale() {
    mkdir -p "$work/group" && rm -f "$work"/fit.* || return 1
    awk -F '\t' '$7 == "throughput_rps" || $7 == "wakeups_per_conn"' "$work/points" >"$work/scaled"
    of_group "$work/scaled" >"$work/group/points" || return 1
    last=$(awk -F '\t' '$7 == "throughput_rps" && $3 + 0 > last { last = $3 } END { print last + 0 }' "$work/group/points")
    [ "$last" -ge 64 ] && last=$((2 * last)) || last=64 # what the law is asked for
    for name in $names; do
        fit_of "$name" "$work/group/points" "$last"
        head -n 1 "$work/fit.$name" | sed -n 's/^# /fit of /p' >&3
    done
    awk -f "$plots/scale.awk" -v names="$names" -v virtual="$(cut -f5 "$work/rows" | grep -cx -m 1 virtual | sed 's/^0$//')" "$work/group/points" "$work"/fit.*
}

# A panel for each strategy but the A/A control, which is the baseline measured again
data_where() {
    [ -s "$run/where.csv" ] || { leave_out "only runs in virtual time say where time goes (./run.sh kernels --virtual)" && return; }
    looks_of <"$work/rows" | awk -v control="$reference-again" '$1 != control' >"$work/panels"
    looks=$(words <"$work/panels")
    awk -F '\t' -v OFS='\t' '{ trial = $3; gsub(/[|]/, OFS, $1); print $1, "trial", trial }' "$work/rows" >"$work/keyed_trials"
    of_group "$work/keyed_trials" >"$work/trials_of_group" || return 1
    awk -f "$plots/where.awk" -v names="$(cut -d' ' -f1 "$work/panels" | words)" -v cpus="$ticks" \
        "$work/trials_of_group" "$run/where.csv" 2>"$work/complaint" ||
        { broken "$(head -n 1 "$work/complaint")" && return; }
    grep -q '^[0-9]' "$work/data" || leave_out "where.csv has nothing of the trials that are drawn"
}
