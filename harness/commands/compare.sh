#!/bin/sh
# compare: runs side by side: two kernels, two machines, two days
#
# usage: ./run.sh compare A B [C...] [OPTIONS]
#
#   --metric LIST   columns of trials.csv (throughput_rps); the first one decides the last line
#   --overlap       compare what the runs have in common; without it, runs of different columns or plans
#                   are refused
#   --json          the whole as JSON instead of text
#   --markdown      the whole as Markdown
#   --out DIR       where compare.csv, compare.json, compare.md and forest.svg go (results/compare-<utc>)
#
# First what differs between the machines, and what of it makes the comparison unfair (!). Then, for each cell,
# the ratio to A, with an interval: the runs were not measured side by side, so this is the weaker test (medians,
# bootstrap, Mann-Whitney), and nothing below what the reference differs from itself by, in either run, is
# claimed. Then the ratios within each run, which can be compared between machines. Last what got better, worse,
# or is undecided.
#
# example: ./run.sh compare results/reference/main results/mine

set -u
program=compare
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"
here=$top/harness/compare
TAB=$(printf '\t')

metrics=throughput_rps
overlap=
format=text
out=
runs=0
work=$(mktemp -d) || fail "cannot make a temporary directory"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

add_run() {
    [ -f "$1/trials.csv" ] || fail_usage "there is no run in $1: it has no trials.csv"
    path=$(cd "$1" && pwd)
    ! grep -qxF -- "$path" "$work/paths" 2>/dev/null || fail_usage "$1 is named twice"
    [ "$runs" -lt 26 ] || fail_usage "26 runs are enough"
    runs=$((runs + 1))
    printf '%s\n' "$path" >>"$work/paths"
}

while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$0" && exit 0 ;;
    --overlap) overlap=1 ;;
    --json) format=json ;;
    --markdown) format=markdown ;;
    --metric | --out)
        needs_value "$1" $#
        [ "$1" = --metric ] && metrics=$2 || out=$2
        shift
        ;;
    -*) fail_usage "there is no option '$1': see --help" ;;
    *) add_run "$1" ;;
    esac
    shift
done
[ "$runs" -ge 2 ] || fail_usage "say which runs, two at least: see --help"
metrics=$(echo "$metrics" | tr ',' ' ')
case $metrics in
*[!a-z0-9_\ ]* | '') fail_usage "--metric takes names of columns, not '$metrics'" ;;
esac
"$top/harness/lib/install.sh" ${no_install:+"$no_install"} run || exit $?
build "${BUILD:-build}/bin/stats"

run_path() {
    sed -n "${1}p" "$work/paths"
}

each_run() {
    seq "$runs"
}

# ---- what may be compared ----

check_columns() {
    for run in $(each_run); do
        head -n 1 "$(run_path "$run")/trials.csv" | tr ',' '\n' >"$work/columns-$run"
        [ -z "$overlap" ] || continue
        differs=$(diff "$work/columns-1" "$work/columns-$run" | sed -n 's/^[<>] //p' | tr '\n' ' ')
        [ -z "$differs" ] || fail_usage "$(run_path 1) and $(run_path "$run") have different columns ($differs): measure again, or take what they have in common with --overlap"
    done
    for metric in $metrics; do
        for run in $(each_run); do
            grep -qx "$metric" "$work/columns-$run" || fail_usage "$(run_path "$run") has no column $metric"
        done
    done
}

# Where each run has one number of CPUs, it is a matter of the machine and not of the cell.
read_cells() {
    for run in $(each_run); do
        awk -f "$top/harness/stats/cells.awk" -v all=1 -v columns="verdict machine $metrics" \
            "$(run_path "$run")/trials.csv" >"$work/raw-$run" || exit 1
        grep -q "${TAB}ok${TAB}" "$work/raw-$run" || fail_usage "no row of $(run_path "$run") is ok: there is nothing to compare"
    done
    one_each=1
    for run in $(each_run); do
        [ "$(cut -d'|' -f3 "$work/raw-$run" | sort -u | wc -l)" -eq 1 ] || one_each=
    done
    for run in $(each_run); do
        awk -F '|' -v OFS='|' -v one_each="$one_each" '{ if (one_each) $3 = "*"; print }' "$work/raw-$run" >"$work/cells-$run"
        cut -f1 "$work/cells-$run" | LC_ALL=C sort -u >"$work/keys-$run"
    done
}

plan_facts() {
    [ -f "$1/plan.tsv" ] || return 0
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        NR == 2 { n = split("window warmup threads load_words", name, " ")
            for (i = 1; i <= n; i++) if (name[i] in at) print "plan." name[i] "\t" $(at[name[i]]) }' "$1/plan.tsv"
}

check_plans() {
    cp "$work/keys-1" "$work/common"
    for run in $(each_run); do
        LC_ALL=C comm -12 "$work/common" "$work/keys-$run" >"$work/both" && mv "$work/both" "$work/common"
    done
    [ -s "$work/common" ] || fail_usage "the runs have no cell in common"
    left_out=$(($(cat "$work"/keys-* | LC_ALL=C sort -u | wc -l) - $(wc -l <"$work/common")))
    [ -z "$overlap" ] || return 0
    [ "$left_out" -eq 0 ] || fail_usage "the plans differ: $left_out cells are in one run only: take those in common with --overlap"
    for run in $(each_run); do
        plan_facts "$(run_path "$run")" >"$work/plan-$run"
        differs=$(diff "$work/plan-1" "$work/plan-$run" | sed -n 's/^[<>] plan\.//p' | tr '\t\n' '= ')
        [ -z "$differs" ] || fail_usage "the plans differ ($differs): compare nevertheless with --overlap"
    done
}

# ---- the environment ----

# "name TAB value" of all that is known of the machine and the way it was measured
facts() {
    if [ -f "$1/env.json" ]; then
        jq -r 'paths(scalars) as $p | [($p | map(tostring) | join(".")), (getpath($p) | tostring)] |
            map(gsub("[\u0000-\u001f\u007f]"; "?")) | join("\t")' "$1/env.json" 2>/dev/null ||
            fail "$1/env.json is no JSON"
    fi
    plan_facts "$1"
    for column in machine instrument; do
        printf '%s\t%s\n' $column "$(awk -F, -v name=$column 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
            !($(at[name]) in seen) { seen[$(at[name])] = 1; print $(at[name]) }' "$1/trials.csv" | LC_ALL=C sort | tr '\n' ' ')"
    done
}

compare_environments() {
    set --
    for run in $(each_run); do
        facts "$(run_path "$run")" >"$work/facts-$run" || exit 1
        set -- "$@" "$work/facts-$run"
    done
    awk -f "$here/environment.awk" "$here/unfair.tsv" "$@" >"$work/facts"
}

# ---- the cells ----

stats() {
    "$top/${BUILD:-build}/bin/stats" "$@"
}

# "key TAB share": what the reference differed from itself by in the cell's block, in the run where it was more
floors() {
    for run in $(each_run); do
        cat "$work/within-$run-$1"
    done | awk -F '\t' -v OFS='\t' -v one_each="$one_each" '
        function off(ratio) { return (ratio > 1 ? ratio : 1 / ratio) - 1 }
        function block(key) { sub(/^[^|]*/, "", key); return key }
        FNR == NR && $1 ~ /-again[|]/ {
            share = off($3)
            if ($4 != "" && ($4 > 1 || $5 < 1)) share = off($4) > off($5) ? off($4) : off($5)
            if (!(block($1) in floor) || share > floor[block($1)]) floor[block($1)] = share
        }
        FNR != NR { if (block($1) in floor) print $1, floor[block($1)] }' - "$work/common"
}

# Lines that begin with a cell's key: by load, CPUs, workers, then by name
in_order() {
    awk -F '\t' '{ split($1, k, "|"); print k[4] "|" k[5] "|" k[6] "\t" k[3] "\t" k[2] "\t" k[1] "\t" $0 }' |
        LC_ALL=C sort -t "$TAB" -k1,1 -k2,2n -k3,3n -k4,4 | cut -f5-
}

# ratios within one run, keys as they are here
ratios_within() {
    sh "$top/harness/stats/ratios.sh" "$(run_path "$1")" "$2" >"$work/ratios" || exit 1
    awk -F '\t' -v OFS='\t' -v one_each="$one_each" '
        one_each { split($1, k, "|"); $1 = k[1] "|" k[2] "|*|" k[4] "|" k[5] "|" k[6] } { print }' "$work/ratios"
}

compare_cells() {
    column=4
    for metric in $metrics; do
        for run in $(each_run); do
            ratios_within "$run" "$metric" >"$work/within-$run-$metric"
        done
        floors "$metric" >"$work/floors-$metric"
        for run in $(each_run | tail -n +2); do
            for side in 1 "$run"; do
                awk -F '\t' -v OFS='\t' -v group="$([ "$side" -eq 1 ] && echo base || echo other)" -v at=$((column + 1)) '
                    NR == FNR { common[$1] = 1; next }
                    $3 == "ok" && ($1 in common) && $at != "NA" { print $1, group, $at }' "$work/common" "$work/cells-$side"
            done | stats --unpaired --base base --floors "$work/floors-$metric" >"$work/unpaired" || exit 1
            in_order <"$work/unpaired" |
                awk -f "$here/judge.awk" -v metric="$metric" -v run="$run" "$work/floors-$metric" -
        done
        column=$((column + 1))
    done >"$work/cells"
}

# "key, column, then ratio, low, high of each run" for the first metric
compare_within() {
    first=${metrics%% *}
    set --
    for run in $(each_run); do
        set -- "$@" "$work/within-$run-$first"
    done
    awk -F '\t' -v OFS='\t' -v column="$first" -v runs="$runs" '
        FNR == 1 { file++ }
        { value[$1, file] = $3 OFS $4 OFS $5; if (!($1 in seen)) { seen[$1] = 1; key[++n] = $1 } }
        END {
            for (i = 1; i <= n; i++) {
                line = key[i] OFS column
                for (r = 1; r <= runs; r++) line = line OFS ((key[i], r) in value ? value[key[i], r] : OFS OFS)
                print line
            }
        }' "$@" | in_order >"$work/within"
}

# ---- what is written ----

run_names() {
    for run in $(each_run); do
        basename "$(run_path "$run")"
    done | tr '\n\t' '\t ' | sed 's/\t$//'
}

write_text() {
    awk -f "$here/text.awk" -v names="$(run_names)" -v markdown="$1" -v left_out="$left_out" \
        "$work/facts" "$work/cells" "$work/within"
}

# The runs by letter, what is compared with what
introduction() {
    for run in $(each_run); do
        letter=$(printf 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' | cut -c"$run")
        about=$(jq -r '[.host, .kernel, .utc] | map(. // "?") | join(", ") | gsub("[\u0000-\u001f\u007f|<`]"; "?")' "$(run_path "$run")/env.json" 2>/dev/null)
        printf '%s%s: %s%s\n' "$1" "$letter" "$(basename "$(run_path "$run")")" "${about:+ ($about)}"
    done
}

write_csv() {
    echo metric,run,strategy,workers,cpus,connections,rate_offered,requests_per_connection,n_base,n_run,ratio,ratio_low,ratio_high,p,floor,outcome,judgement
    awk -F '\t' -v OFS=, '{
        split($3, key, "|")
        for (i = 3; i <= 5; i++) if (key[i] == "-" || key[i] == "*") key[i] = ""
        print $1, substr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", $2, 1), key[1], key[2], key[3], key[4], key[5], key[6] == "-" ? "" : key[6],
            $4, $5, $6, $7, $8, $9, $10, $11, $12
    }' "$work/cells"
}

write_json() {
    jq -n --rawfile facts "$work/facts" --rawfile cells "$work/cells" --rawfile within "$work/within" \
        --rawfile runs "$work/paths" --argjson left_out "$left_out" '
        def table: split("\n") | map(select(length > 0) | split("\t"));
        def number: if . == "" then null else tonumber end;
        def cell: split("|") as $k | {strategy: $k[0], workers: ($k[1] | tonumber),
            cpus: ($k[2] | tonumber? // null), connections: ($k[3] | tonumber? // null),
            rate_offered: ($k[4] | tonumber? // null), requests_per_connection: ($k[5] | tonumber? // null)};
        {
            runs: ($runs | split("\n") | map(select(length > 0) | split("/") | last)),
            environment: ($facts | table | map({name: .[0], unfair: (if .[1] == "" then null else .[1] end), values: .[2:]})),
            cells: ($cells | table | map((.[2] | cell) + {metric: .[0], run: (.[1] | tonumber - 1), n_base: (.[3] | number),
                n_run: (.[4] | number), ratio: (.[5] | number), ratio_low: (.[6] | number), ratio_high: (.[7] | number),
                p: (.[8] | number), floor: (.[9] | number), outcome: .[10], judgement: .[11], sentence: .[12]})),
            within: ($within | table | map((.[0] | cell) + {metric: .[1], ratios: [.[2:] | _nwise(3) |
                {ratio: (.[0] | number), low: (.[1] | number), high: (.[2] | number)}]})),
            left_out: $left_out
        }'
}

draw_forest() {
    awk -F '\t' -v metric="${metrics%% *}" '$1 == metric && $6 != "" {
        split($3, k, "|")
        load = k[4] == "-" ? k[5] "/s" : k[4] " conn."
        printf "%d\t%s, %d workers, %s\t%s\t%s\t%s\t%s\t%.3f [%.3f, %.3f]\n", $2 - 1, k[1], k[2], load,
            $6, $7 == "" ? $6 : $7, $8 == "" ? $6 : $8, $10, $6, $7 == "" ? $6 : $7, $8 == "" ? $6 : $8
    }' "$work/cells" >"$work/forest"
    [ -s "$work/forest" ] || return 0
    (cd "$top/plots" && LC_ALL=C gnuplot -c forest.gp "$work/forest" "$work/forest.svg" \
        "${metrics%% *}, as times that of A; grey: what the same differs from itself by" \
        "$(introduction '' | tr '\n' ';' | sed 's/;$//; s/;/;  /g')" "$((runs - 1))") >"$work/log" 2>&1 ||
        fail "gnuplot could not draw the comparison: $(grep -v '^ *$' "$work/log" | tail -n 1)"
}

make_directory() {
    [ -n "$out" ] || out=$top/results/compare-$(date -u +%Y%m%dT%H%M%SZ)
    mkdir -p "$out" 2>/dev/null && [ -w "$out" ] || fail_usage "cannot write to $out: choose another --out"
}

check_columns
read_cells
check_plans
make_directory
compare_environments
compare_cells
compare_within
draw_forest
write_csv >"$out/compare.csv" && write_json >"$out/compare.json" &&
    { introduction '- ' && write_text 1; } >"$out/compare.md" || fail "cannot write to $out: is the disk full?"
[ ! -s "$work/forest.svg" ] || cp "$work/forest.svg" "$out/forest.svg" || fail "cannot write to $out"
case $format in
json) cat "$out/compare.json" ;;
markdown) cat "$out/compare.md" ;;
*) introduction '' && write_text '' ;;
esac
say "comparison: $out"
