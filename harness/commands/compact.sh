#!/bin/sh
# compact: a small copy of a run, merged by configuration, for publishing
#
# usage: ./run.sh compact [--figures LIST] RUN OUT
#
# Copies RUN into the new directory OUT. plot, report, compare, summary and claims --judge read the copy as they read RUN,
# and give the same results. RUN stays as it is.
#
#   latency/*.hgrm  instead of hist/: the histograms of the valid trials, added up, one for each configuration
#   shares.csv      instead of workers.csv: how the connections were shared between the workers, a line for each
#                   configuration
#
# trials.csv, plan.tsv, settings.tsv, strategies.tsv, env.json, summary.csv and reproduce.sh are copied as they are. Logs,
# configuration files, reports and figures are not: ./run.sh report OUT makes the figures again.
# Of a run of `claims` the copy has what claims --judge reads, and the verdicts. results/README.md describes all files.
#
#   --figures LIST  copies these of RUN/figures too, comma-separated: wakeups,throughput
#
# example: ./run.sh compact --figures wakeups,throughput results/monday results/reference/main

set -u
program=compact
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"
stats=$top/harness/stats

# What of a run is copied as it is
KEPT='trials.csv plan.tsv settings.tsv strategies.tsv skipped.tsv env.json summary.csv wire.csv wire_summary.csv scale.csv
clients.csv selftest.csv boots.tsv where.csv reproduce.sh'

figures=
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$0" && exit 0 ;;
    --figures) needs_value "$1" $# && spaced "$2" && figures=$spaced && shift 2 ;;
    -*) fail_usage "there is no option '$1': see --help" ;;
    *) break ;;
    esac
done
[ $# -eq 2 ] || fail_usage "takes a run and a directory for its copy: see --help"
run=$1
out=${2%/}
[ -f "$run/trials.csv" ] || [ -f "$run/verdicts.tsv" ] || fail_usage "there is no run in $run: it has no trials.csv or verdicts.tsv"
[ ! -e "$out" ] || fail_usage "$out exists: choose another directory"
for figure in $figures; do
    case $figure in
    */*) fail_usage "--figures takes names without a directory, not '$figure'" ;;
    esac
    [ -f "$run/figures/$figure.svg" ] || fail_usage "there is no $run/figures/$figure.svg: ./run.sh plot $run draws the figures"
done

make_work "rm -rf \"\$new\""
new=$out.new-$$
trap 'exit 1' INT TERM HUP

copy() {
    cp "$@" 2>/dev/null || fail "cannot write to $out: is the disk full?"
}

# merge PROGRAM FILE ARGUMENT...: an awk program; what is wrong with the run is its first line on stderr
merge() {
    awk -f "$@" 2>"$work/complaint" || fail "$run: $(head -n 1 "$work/complaint")"
}

# A copy cannot be gone on with: that takes the histograms of the trials.
check_finished() {
    [ -f "$run/plan.tsv" ] || return 0
    for file in trials.csv wire.csv; do
        [ ! -f "$run/$file" ] || tail -n +2 "$run/$file"
    done | cut -d, -f1 >"$work/measured" || cannot_work
    left=$(awk -F '\t' 'FILENAME ~ /measured$/ { measured[$1]; next } FNR > 1 && !($1 in measured) { n++ } END { print n + 0 }' \
        "$work/measured" "$run/plan.tsv") || fail "cannot read $run/plan.tsv"
    [ "$left" -eq 0 ] || fail "$left of the trials of $run have not been measured: finish it with bench --resume $run"
}

# Into $work: trials ("trial key") and cells ("key panel trials") of the valid rows, and those with latencies:
# as for the figures, those of each load of which some row has them.
list_configurations() {
    awk -f "$stats/cells.awk" -v columns="trial latency_p99_us" "$run/trials.csv" >"$work/rows" 2>"$work/complaint" ||
        fail "$(head -n 1 "$work/complaint")"
    awk -F '\t' -v work="$work" '
        { block = $1; sub(/^[^|]*[|][^|]*[|]/, "", block) }
        NR == FNR { if ($4 != "NA") timed[block]; next }
        { print $3, $1 >(work "/trials"); if (!rows[$1]++) key[++keys] = $1 }
        block in timed { print $3, $1 >(work "/timed_trials"); is_timed[$1] }
        END {
            for (i = 1; i <= keys; i++) print key[i], i - 1, rows[key[i]] >(work "/cells")
            for (i = 1; i <= keys; i++) if (key[i] in is_timed) print key[i], i - 1, rows[key[i]] >(work "/timed")
        }' "$work/rows" "$work/rows" || cannot_work
    touch "$work/trials" "$work/timed_trials" "$work/cells" "$work/timed" || cannot_work
}

# What is in a copy already is copied; what is written is read once as the figures read it.
merge_latencies() {
    if [ ! -s "$work/timed" ] || { [ ! -d "$run/hist" ] && [ ! -d "$run/latency" ]; }; then return; fi
    mkdir "$new/latency" || fail "cannot write to $out: is the disk full?"
    if [ -d "$run/hist" ]; then
        merge "$stats/merge.awk" -v dir="$run/hist" -v out="$new/latency" "$work/timed_trials"
    else
        copy "$run"/latency/*.hgrm "$new/latency/"
    fi
    merge "$top/plots/latency.awk" -v cells=0 -v dir="$new/latency" "$work/timed"
}

merge_shares() {
    if [ -s "$run/workers.csv" ] && [ -s "$work/trials" ]; then
        merge "$stats/shares.awk" "$work/trials" "$run/workers.csv" >"$new/shares.csv"
    elif [ -f "$run/shares.csv" ]; then
        copy "$run/shares.csv" "$new/"
    fi
    [ ! -f "$new/shares.csv" ] || {
        : >"$work/jain"
        merge "$top/plots/share.awk" -v cells=0 "$work/cells" "$work/jain" "$new/shares.csv"
    }
}

# What no figure is drawn from: of each configuration its means
merge_functions() {
    for file in functions.csv callers.csv; do
        [ ! -f "$run/$file" ] || merge "$stats/means.awk" "$run/$file" >"$new/$file"
    done
}

compact_run() {
    check_finished
    list_configurations
    for file in $KEPT; do
        [ ! -f "$run/$file" ] || copy -p "$run/$file" "$new/"
    done
    for file in "$run"/virtual-[0-9]*.tsv; do
        [ ! -f "$file" ] || copy -p "$file" "$new/"
    done
    merge_latencies
    merge_shares
    merge_functions
    for figure in $figures; do
        mkdir -p "$new/figures" && copy "$run/figures/$figure.svg" "$new/figures/"
    done
}

# Of each claim that has a verdict what was measured of it: its CSV, and trials.csv of the runs in it
compact_claims() {
    for file in env.json verdicts.tsv parts.tsv claims.md; do
        copy "$run/$file" "$new/"
    done
    ids=$(cut -f1 "$run/verdicts.tsv")
    for id in $ids; do
        [ -f "$top/harness/claims/$id.sh" ] || fail "$run/verdicts.tsv: there is no claim '$id'"
        mkdir "$new/$id" || fail "cannot write to $out: is the disk full?"
        for file in "$run/$id"/measured "$run/$id"/needs "$run/$id"/*.csv; do
            if [ -f "$file" ] && [ "${file##*/}" != workers.csv ]; then copy "$file" "$new/$id/"; fi
        done
        for file in "$run/$id"/*/trials.csv; do
            [ -f "$file" ] || continue
            part=${file%/trials.csv}
            mkdir "$new/$id/${part##*/}" && copy "$file" "$new/$id/${part##*/}/"
        done
    done
    # shellcheck disable=SC2086 # names of claims
    sh "$top/harness/commands/claims.sh" --judge "$new" $ids >/dev/null 2>&1
    cmp -s "$run/verdicts.tsv" "$new/verdicts.tsv" && cmp -s "$run/parts.tsv" "$new/parts.tsv" ||
        fail "the verdicts of $run are not those of its files: ./run.sh claims --judge $run makes them again"
}

make_directory_for "$new" "$out: choose another"
if [ -f "$run/trials.csv" ]; then compact_run; else compact_claims; fi
mv -T "$new" "$out" 2>/dev/null || fail "cannot write to $out"
say "compact copy: $out, $(du -sk "$out" | cut -f1) of $(du -sk "$run" | cut -f1) KiB"
