#!/bin/sh
# compact: a small copy of a run, merged by configuration, for publishing
#
# usage: ./run.sh compact [--figures LIST] RUN OUT
#
# Copies RUN into the new directory OUT. plot, report, compare, summary and claims --judge read the copy as they read RUN,
# and give the same results. RUN is not changed.
#
#   latency/*.hgrm  instead of hist/: the histograms of the valid trials, added up, one for each configuration
#   shares.csv      instead of workers.csv: how the connections were shared between the workers, a line for each
#                   configuration
#
# trials.csv, plan.tsv, settings.tsv, strategies.tsv, env.json, summary.csv and reproduce.sh are copied unchanged. Logs,
# configuration files, reports and figures are not copied: ./run.sh report OUT makes the figures again.
# Of a run of `claims` the copy has the verdicts and the files that claims --judge reads. results/README.md describes all
# files.
#
#   --figures LIST  also copy these files of RUN/figures, comma-separated: wakeups,throughput
#
# example: ./run.sh compact --figures wakeups,throughput results/monday results/reference/main

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=compact
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"

# Files that are copied unchanged
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
# A copy is published, so the targets of symbolic links in a run from elsewhere must not get into it.
odd=$(find "$run/" ! -type f ! -type d | head -n 1)
[ -z "$odd" ] || fail_usage "$odd is neither a file nor a directory: such a run is not copied"
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

# An unfinished run is refused: --resume needs the histograms of the trials, which a copy does not have.
check_finished() {
    [ -f "$run/plan.tsv" ] || return 0
    for file in trials.csv wire.csv; do
        [ ! -f "$run/$file" ] || tail -n +2 "$run/$file"
    done | cut -d, -f1 >"$work/measured" || cannot_work
    left=$(awk -F '\t' 'FILENAME ~ /measured$/ { measured[$1]; next } FNR > 1 && !($1 in measured) { n++ } END { print n + 0 }' \
        "$work/measured" "$run/plan.tsv") || fail "cannot read $run/plan.tsv"
    [ "$left" -eq 0 ] || fail "$left of the trials of $run have not been measured: finish it with bench --resume $run"
}

compact_run() {
    check_finished
    for file in $KEPT; do
        [ ! -f "$run/$file" ] || copy -p "$run/$file" "$new/"
    done
    for file in "$run"/virtual-[0-9]*.tsv; do
        [ ! -f "$file" ] || copy -p "$file" "$new/"
    done
    # Replaces hist/ and workers.csv, and averages tables that no figure is drawn from
    "$top/${BUILD:-build}/bin/runs" merge "$run" "$new" || end_as $?
    for figure in $figures; do
        mkdir -p "$new/figures" && copy "$run/figures/$figure.svg" "$new/figures/"
    done
}

# For each verdict, its samples: the CSV files, and trials.csv and strategies.tsv of the runs in its directory
compact_claims() {
    for file in env.json verdicts.tsv parts.tsv claims.md; do
        copy "$run/$file" "$new/"
    done
    ids=$(cut -f1 "$run/verdicts.tsv")
    for id in $ids; do
        grep -qxF "id: $id" "$top/harness/claims/claims.txt" || fail "$run/verdicts.tsv: there is no claim '$id'"
        mkdir "$new/$id" || fail "cannot write to $out: is the disk full?"
        for file in "$run/$id"/measured "$run/$id"/needs "$run/$id"/*.csv; do
            if [ -f "$file" ] && [ "${file##*/}" != workers.csv ]; then copy "$file" "$new/$id/"; fi
        done
        for file in "$run/$id"/*/trials.csv "$run/$id"/*/strategies.tsv; do
            [ -f "$file" ] || continue
            part=${file%/*}
            mkdir -p "$new/$id/${part##*/}" && copy "$file" "$new/$id/${part##*/}/"
        done
    done
    # shellcheck disable=SC2086 # names of claims
    sh "$top/harness/commands/claims.sh" --judge "$new" $ids >/dev/null 2>&1
    cmp -s "$run/verdicts.tsv" "$new/verdicts.tsv" && cmp -s "$run/parts.tsv" "$new/parts.tsv" ||
        fail "the verdicts of $run do not match its samples: ./run.sh claims --judge $run computes them again"
}

make_directory_for "$new" "$out: choose another"
if [ -f "$run/trials.csv" ]; then compact_run; else compact_claims; fi
mv -T "$new" "$out" 2>/dev/null || fail "cannot write to $out"
message "compact copy: $out, $(du -sk "$out" | cut -f1) of $(du -sk "$run" | cut -f1) KiB"
