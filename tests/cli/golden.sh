#!/bin/sh
# golden.sh record|check [--keep DIR] [--jobs N] [WHAT...]: the output and files of the programs that process runs, for mock and
# committed runs, as one line per item in tests/data/golden.tsv:
#
#   RUN TAB ITEM TAB exit status (or -) TAB "checksum bytes" (cksum)
#
# `record` replaces the lines of WHAT in that file; `check` compares, prints the items that differ, and ends with 1 if there
# are any. WHAT: seeds (7, 1-40) of tests/cli/make_run.c, `committed` (results/reference, and `fixture`, which is
# tests/data/run), `plans` (the plans that dry runs print); all of these and seeds 1-200 without it.
#
#   --keep DIR   write each item's text to DIR/RUN/ITEM: `diff -r` with that of another checkout shows the changes
#   --jobs N     how many runs are processed at a time (one for each CPU)
#
# After a deliberate change of an output: golden.sh check --keep A before it, check --keep B after it, diff -r A B, and
# golden.sh record.
#
# The record is independent of locale, time, and versions of gnuplot, jq and awk. Figures are drawn by a mock gnuplot, whose
# "SVG" is its arguments; the item is that and the data. Fits (figure `scale`) are gnuplot's own, and differ in the last
# digits between versions: only whether there is a fit, or the reason why not, is recorded, and the number of points of its
# curve. Numbers in JSON are rounded to 10 digits, since versions of jq print them differently.

# SPDX-License-Identifier: BSD-2-Clause

set -u
export LC_ALL=C
program=golden.sh
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-build}
recorded=$top/tests/data/golden.tsv

# ---- the commands whose output is recorded ----

summary_of() {
    "$top/$build/bin/runs" summary "$1"
}

scale_of() {
    "$top/$build/bin/runs" scaling "$1"
}

wire_of() {
    "$top/$build/bin/runs" wire "$1"
}

# ratios_of RUN COLUMN
ratios_of() {
    "$top/$build/bin/runs" ratios "$1" "$2"
}

run_sh() {
    "$top/run.sh" "$@"
}

# The names under which programs report errors; the text after them is recorded.
TABLE_PROGRAMS='summarise|scale|scaling|wire|ratios|runs'

# ---- plans: a machine for hwloc, and a command ----

plans() {
    cat <<'END'
pu:2|bench --cpus 2
pu:2|bench --cpus 2 --rounds 1
pu:2|bench --cpus 1,2 --rounds 2
core:4 pu:2|bench --cpus 2..8x2 --rounds 2
core:4 pu:2|bench --cpus 2..8x2 --split half --rounds 2
core:4 pu:2|bench --cpus 3,5,7 --split half --rounds 1
core:4 pu:2|bench --cpus 8,4,8 --rounds 1
node:2 core:4 pu:1|bench --cpus 2..8x2 --split half --workers 2/cpu,3 --connections 4/cpu --rounds 2
node:2 core:4 pu:2|bench --cpus 16 --split half --workers 1/2cpu,1/cpu --connections 1/2cpu --rounds 2
node:2 core:8 pu:2|bench --cpus 2..32x2 --split shared --workers 1/4cpu --rate 1000 --rounds 1
node:2 core:8 pu:2|bench --cpus 2..32x2 --split half --workers 2 --rate 1000,2000 --arrivals poisson --rounds 1
core:4 pu:1|bench --split 0-1:2-3 --rounds 2
core:4 pu:1|bench --split 0:1-3 --rounds 2 --workers 4
core:4 pu:1|bench --split 0,2:1,3 --rounds 2 --workers 4 --rate 100..1000+300
core:4 pu:1|bench --split 0-3:0-3 --rounds 1 --rate 5000 --arrivals constant
core:4 pu:1|bench --split 0-1:1-2 --rounds 1
core:4 pu:1|bench --split 0-1:7 --rounds 1
core:4 pu:1|bench --split 0-1:2-3 --cpus 2
core:4 pu:1|bench --cpus 9 --rounds 1
core:4 pu:1|bench --cpus 4 --workers 2,4,4,2 --rounds 2
core:4 pu:1|bench --cpus 4 --workers 2..20+3 --connections 1..100x10 --rounds 1
core:4 pu:1|bench --cpus 4 --requests-per-connection 0,1,10 --rounds 2 --workers 2
core:4 pu:1|bench --cpus 4 --strategies all --rounds 1 --workers 2
core:4 pu:1|bench --cpus 4 --strategies iterative,racing --rounds 2 --workers 1,2
core:4 pu:1|bench --cpus 4 --strategies iterative --rounds 1 --workers 2
core:4 pu:1|bench --cpus 4 --strategies iterative --rounds 2 --workers 1
core:4 pu:1|bench --cpus 4 --strategies kqueue-racing,kqueue-wakeone,racing --rounds 1 --workers 2
core:4 pu:1|bench --cpus 4 --strategies racing --rounds 3 --workers 2
core:4 pu:1|bench --cpus 4 --strategies wakeone,fdpass --rounds 3 --workers 2,8
core:4 pu:1|bench --cpus 4 --strategies wakeone,fdpass --reference fdpass --rounds 3 --workers 2,8
core:4 pu:1|bench --cpus 4 --reference fdpasss --rounds 3
core:4 pu:1|bench --cpus 4 --strategies racing,wakeone --peers nginx-off,lighttpd --rounds 2 --workers 2
core:4 pu:1|bench --cpus 4 --strategies none --peers nginx-off --rounds 2 --workers 2
core:4 pu:1|bench --cpus 4 --peers none --rounds 1
core:4 pu:1|bench --cpus 4 --strategies none --rounds 1
core:4 pu:1|bench --cpus 4 --peers nginx-off,nginx-off --rounds 1
core:4 pu:1|bench --cpus 4 --also "slow=wakeone --service-us 10" --rounds 2 --workers 2
core:4 pu:1|bench --cpus 4 --also "slow=wakeone --service-us 10" --also "b2=iterative" --reference slow --rounds 2 --workers 1,2
core:4 pu:1|bench --cpus 4 --strategies none --also "x=racing" --reference x --rounds 2 --workers 2
core:4 pu:1|bench --cpus 4 --also "racing=racing"
core:4 pu:1|bench --cpus 4 --also "x-again=racing"
core:4 pu:1|bench --cpus 4 --also "X=racing"
core:4 pu:1|bench --cpus 4 --also "x=nobody"
core:4 pu:1|bench --cpus 4 --also "x=racing --o @"
core:4 pu:1|bench --cpus 4 --rounds 2 --workers 2 --wire
core:4 pu:1|bench --cpus 4 --rounds 3 --workers 2,8 --connections 8,16 --wire --seed 42
core:4 pu:1|bench --cpus 4 --rounds 2 --workers 2,8 --seed 0
core:4 pu:1|bench --cpus 4 --rounds 2 --workers 2,8 --seed 999999999
core:4 pu:1|bench --cpus 4 --rounds 2 --workers 2,8 --seed 1000000000
core:4 pu:1|bench --cpus 4 --rounds 12 --workers 2,8,32 --connections 4,8,16 --seed 7
core:4 pu:1|bench --cpus 4 --rounds 2 --workers 2 --window 1s --warmup 200ms --instrument auto
core:4 pu:1|bench --cpus 4 --rounds 2 --workers 2 --window 1.5s
core:4 pu:1|bench --cpus 4 --rounds 2 --workers 2 --precision 2% --max-time 10m
core:4 pu:1|bench --cpus 4 --rounds 1 --precision 2%
core:4 pu:1|bench --cpus 4 --rounds 2 --precision 60%
core:4 pu:1|bench --cpus 4 --rounds 2 --workers 2 --threads 3 --load "--close rst --timeout 2s"
core:4 pu:1|bench --cpus 4 --rounds 2 --workers 2 --rate 10,20 --arrivals poisson --load "--max-open 5"
core:4 pu:1|bench --cpus 4 --rounds 100000 --workers 2 --window 1s
core:4 pu:1|bench --cpus 4 --rounds 1000000 --workers 2,8,32
core:4 pu:1|bench --cpus 4 --workers 4097
core:4 pu:1|bench --cpus 4 --workers 0
core:4 pu:1|bench --cpus 4 --workers 2..8 --rounds 1
core:4 pu:1|bench --cpus 4 --rate 10 --connections 10
core:4 pu:1|bench --cpus 4 --arrivals poisson
core:4 pu:1|bench --cpus 4 --strategies racing,racing
core:4 pu:1|bench --cpus 4 --strategies racing,nobody
core:4 pu:1|bench --cpus 4 --resume nowhere
core:4 pu:1|bench --cpus 4 --rounds
core:4 pu:1|bench --cpus 4 --nonsense 1
core:4 pu:1|bench --cpus 4 --split third
node:2 core:8 pu:1|scale --cpus 2..16x2 --rounds 1
node:2 core:8 pu:1|scale --cpus 2..16x2 --rounds 2 --strategies racing,wakeone,reuseport --split shared
node:2 core:8 pu:1|scale --cpus 2,4,6 --rounds 1 --workers 1/2cpu --connections 1/3cpu
node:2 core:8 pu:1|scale --cpus 1,2,3 --rounds 1
core:4 pu:2|scale --cpus 2..8x2 --rounds 1 --rate 1000 --workers 2
core:4 pu:2|scale --split 0-3:4-7 --rounds 1
END
}

# ---- options ----

fail() {
    echo "$program: $*" >&2
    exit 2
}

is_number() {
    case $1 in
    '' | *[!0-9]*) return 1 ;;
    esac
}

# add_units WHAT: to $work/units, one run a line
add_units() {
    case $1 in
    plans) echo plans ;;
    committed) committed_runs | cut -f1 ;;
    fixture) echo fixture ;;
    *-*)
        is_number "${1%-*}" && is_number "${1#*-}" || fail "'$1' is no range of seeds"
        seq -f 'seed-%g' "${1%-*}" "${1#*-}"
        ;;
    *)
        is_number "$1" || fail "'$1' is no seed, nor committed, nor plans"
        echo "seed-$1"
        ;;
    esac >>"$work/units"
}

# "name TAB directory" of each committed run
committed_runs() {
    (cd "$top" && ls -d tests/data/run/trials.csv results/reference/*/trials.csv results/reference/kernels/*/trials.csv) |
        sed 's|/trials.csv$||' | awk -F / -v OFS='\t' '{
            print ($1 == "tests" ? "fixture" : $(NF - 1) == "kernels" ? "kernel-" $NF : $NF), $0 }'
}

# ---- items ----

# begin_item: the texts of an item go into $here/item, under headings
begin_item() {
    : >"$here/item"
}

# text_of TITLE FILE: adds a file, if it exists, with paths and other local values replaced
text_of() {
    [ -e "$2" ] || return 0
    echo "== $1" >>"$here/item"
    sed "s|$here|WORK|g;s|$work|WORK|g;s|$top|TOP|g" "$2" >>"$here/item"
}

# end_item NAME [STATUS]: one line of the record
end_item() {
    printf '%s\t%s\t%s\t%s\n' "$unit" "$1" "${2:--}" "$(cksum <"$here/item")" >>"$here/lines"
    [ -z "$keep" ] || cp "$here/item" "$keep/$unit/$1"
}

# run_item COMMAND...: runs it, with standard output and stderr in $here/out and $here/err; sets status
run_item() {
    status=0
    "$@" >"$here/out" 2>"$here/all_err" </dev/null || status=$?
    # Whether there is a fit, or the reason why not, without its numbers
    sed 's/lambda [0-9].*/lambda .../' "$here/all_err" >"$here/err"
}

# without_unknown FILE: the table without the numbers 0 and nan if the file has nan: it depends on the awk which of the two is
# printed
without_unknown() {
    if grep -qw nan "$1" 2>/dev/null; then
        awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^-?(nan|0)$/) $i = "?"; print }'
    else
        cat
    fi
}

# table_item ITEM FILE COMMAND...: of a program that prints a table and writes a file
table_item() {
    item=$1 file=$2
    shift 2
    rm -f "$here/$name/$file"
    run_item "$@"
    sed -E "s/^($TABLE_PROGRAMS): //" "$here/err" >"$here/err.table"
    begin_item
    without_unknown "$here/$name/$file" <"$here/out" >"$here/table"
    text_of stdout "$here/table"
    text_of stderr "$here/err.table"
    text_of "$file" "$here/$name/$file"
    end_item "$item" "$status"
}

# figure_items DIR PREFIX: an item for each SVG: the arguments of the mock gnuplot, and its data. Figures of
# compare have no checksum in them: their data is kept by the name of the file.
figure_items() {
    for svg in "$1"/*.svg; do
        [ -e "$svg" ] || continue
        figure=${svg##*/}
        figure=${figure%.svg}
        data=$(sed -n 's/^<!-- data: cksum \([0-9]*\) \([0-9]*\) -->$/\1-\2/p' "$svg")
        case $figure in
        scale*) grep -v '^<!-- data: ' "$svg" >"$here/figure" ;;
        *) cp "$svg" "$here/figure" ;;
        esac
        begin_item
        text_of figure "$here/figure"
        text_of data "$here/given/${data:-$figure.svg}"
        end_item "$2$figure"
    done
}

# json_numbers FILE: numbers that are alone on a line, or after a name, in one format
json_numbers() {
    awk '{
        comma = sub(/,$/, "") ? "," : ""
        if (match($0, /^( *|.*": )-?[0-9][-+.0-9eE]*$/)) {
            match($0, /-?[0-9][-+.0-9eE]*$/)
            $0 = substr($0, 1, RSTART - 1) sprintf("%.10g", substr($0, RSTART) + 0)
        }
        print $0 comma
    }' "$1"
}

# files_item: the derived files after a command, and that the files of the run are unchanged
files_item() {
    begin_item
    (cd "$here/$name" && find . -type f ! -name '*.svg' | sort | xargs cksum) >"$here/out"
    text_of files "$here/out"
    end_item files
}

# ---- units ----

# make_stand_in: a mock gnuplot, in $here/bin. It keeps the data by its checksum and by the figure's file, and its SVG, which has
# all kinds of lines that are post-processed, has its arguments. The data of scale is kept without fits: of a curve the
# number of its points. The end of the first axis may be that of a curve, and is also omitted.
make_stand_in() {
    mkdir -p "$here/bin" "$here/given"
    cat >"$here/bin/gnuplot" <<'END'
#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
[ "${2:-}" != usl.gp ] || PATH=${PATH#*:} exec gnuplot "$@"
[ "${2:-}" = style.gp ] || exit 1
figure=$3 data=$4 out=$5
shift 5
kept=$here/given/$(cksum <"$data" | tr ' ' -)
series=$(($(echo "$4" | wc -w) / 3)) # name, colour and point of each
case $figure in
scale.gp)
    awk -v series="$series" '
        function end_block() { if (points) print points " points of a curve"; points = 0 }
        NF == 0 { if (++blank == 2) { end_block(); block++ } print; next }
        { blank = 0 }
        block == 0 { $2 = "-" }
        block > series && block <= 2 * series && $1 != "NaN" { points++; next }
        { sub(/lambda [0-9].*/, "lambda ...\""); print }' "$data" >"$kept" ;;
*) cp "$data" "$kept" ;;
esac
{
    echo '<?xml version="1.0" encoding="utf-8"  standalone="no"?>'
    printf '<svg \n width="600" height="480"\n viewBox="0 0 600 480"\n xmlns="http://www.w3.org/2000/svg"\n>\n'
    echo '<title>Gnuplot</title>'
    echo '<desc>Produced by GNUPLOT 5.4 patchlevel 4 </desc>'
    echo "<defs><circle id='gpDot' r='0.5'/></defs>"
    echo '<g id="gnuplot_plot_1" ><title>gnuplot_plot_1</title>'
    echo "<use xlink:href='#gpDot' clip-path=\"url(#gpDot)\"/></g>"
    echo "<!-- $figure"
    printf '%s\n' "$@"
    printf -- '-->\n</svg>\n'
} >"$out"
cp "$kept" "$here/given/${out##*/}"
END
    chmod +x "$here/bin/gnuplot"
    PATH=$here/bin:$PATH
}

# begin_unit UNIT: a directory of its own, without history: what git reports about two commits is not recorded.
begin_unit() {
    unit=$1
    here=$work/$unit
    mkdir -p "$here" || exit 1
    [ -z "$keep" ] || mkdir -p "$keep/$unit" || exit 1
    : >"$here/lines"
    GIT_DIR=$here/none
    export GIT_DIR
    cd "$here" || exit 1
    make_stand_in
}

# end_unit: moves the lines of the unit into place when they are complete
end_unit() {
    cd "$work" && mv "$here/lines" "$work/lines.$unit" && rm -rf "$here"
}

# run_items NAME OTHER [OPTIONS OF COMPARE]: of the run in $here/NAME, and its comparison with $here/OTHER
run_items() {
    name=$1
    other=$2
    shift 2
    table_item summary summary.csv summary_of "$name"
    # Without trials.csv the output is that of awk.
    if [ -e "$name/trials.csv" ]; then
        table_item scale scale.csv scale_of "$name"
        table_item ratios-throughput none ratios_of "$name" throughput_rps
        table_item ratios-cpu none ratios_of "$name" server_cpu_us_per_req
    fi
    table_item wire wire_summary.csv wire_of "$name"
    rm -f "$name/summary.csv" "$name/scale.csv" "$name/wire_summary.csv"
    report_items "$name"
    files_item
    compare_items "$name" "$other" "$@"
}

# report_items RUN
report_items() {
    run_item run_sh report "$1" --out page
    begin_item
    text_of stdout "$here/out"
    text_of stderr "$here/err"
    text_of index.tsv "$here/$1/figures/index.tsv"
    end_item report "$status"
    for form in md html; do
        [ -e "$here/page/report.$form" ] || continue
        begin_item
        text_of "report.$form" "$here/page/report.$form"
        end_item "report.$form"
    done
    figure_items "$here/$1/figures" figure-
}

# compare_items A B [OPTIONS]
compare_items() {
    run_item run_sh compare "$@" --out compared
    begin_item
    text_of stdout "$here/out"
    text_of stderr "$here/err"
    end_item compare "$status"
    [ -e "$here/compared" ] || return 0
    begin_item
    text_of compare.csv "$here/compared/compare.csv"
    text_of compare.md "$here/compared/compare.md"
    json_numbers "$here/compared/compare.json" >"$here/out"
    text_of compare.json "$here/out"
    end_item compared
    figure_items "$here/compared" compare-
}

# two_items A B: the page about two runs, and figures of all loads
two_items() {
    run_item run_sh report "$1" "$2" --out two
    begin_item
    text_of stdout "$here/out"
    text_of stderr "$here/err"
    for form in md html; do
        text_of "report.$form" "$here/two/report.$form"
    done
    end_item report-of-two "$status"
    rm -rf "$1/figures"
    run_item run_sh plot --all-loads "$1"
    begin_item
    text_of stdout "$here/out"
    text_of stderr "$here/err"
    text_of index.tsv "$here/$1/figures/index.tsv"
    end_item plot-all "$status"
    figure_items "$here/$1/figures" all-
}

# make_seed N: its run, in $here/seed-N
make_seed() {
    mkdir "$here/seed-$1" && "$top/$build/tests/make_run" "$1" "$here/seed-$1" || exit 1
}

# Each is compared with the next one; of a group of four, the last of which is damaged, the third with the first.
# Differences between two are refused without --overlap; otherwise the common part is compared.
unit_of_seed() {
    begin_unit "seed-$1"
    next=$(($1 + 1))
    [ $(($1 % 4)) -ne 3 ] || next=$(($1 - 2))
    make_seed "$1"
    make_seed "$next"
    case $1 in
    *[05]) run_items "seed-$1" "seed-$next" ;;
    *[1379]) run_items "seed-$1" "seed-$next" --overlap --metric latency_p99_us,throughput_rps,jain ;;
    *) run_items "seed-$1" "seed-$next" --overlap ;;
    esac
    case $1 in
    *[37]) two_items "seed-$1" "seed-$next" ;;
    esac
    end_unit
}

# copy_committed NAME: without derived files
copy_committed() {
    cp -r "$top/$(committed_runs | awk -F '\t' -v name="$1" '$1 == name { print $2 }')" "$here/$1" || exit 1
    rm -rf "$here/$1/figures" "$here/$1"/report.*
}

# Each is compared with the next one in the list, the last with the first
unit_of_committed() {
    begin_unit "$1"
    follower=$(committed_runs | awk -F '\t' -v name="$1" '
        { name_of[NR] = $1; if ($1 == name) at = NR }
        END { print name_of[at < NR ? at + 1 : 1] }')
    copy_committed "$1"
    copy_committed "$follower"
    run_items "$1" "$follower" --overlap --metric throughput_rps,wakeups_per_conn
    two_items "$1" "$follower"
    end_unit
}

# plan_item MACHINE COMMAND: the command as in the list, with quotes
plan_item() {
    machine=$1
    command=$2
    eval "set -- $command"
    HWLOC_SYNTHETIC=$machine run_item run_sh "$@" --dry-run
    begin_item
    echo "$machine: $command" >"$here/command"
    text_of command "$here/command"
    text_of stdout "$here/out"
    text_of stderr "$here/err"
    end_item "$(printf '%s\n' "$machine $command" | tr -c 'a-zA-Z0-9%,.\n-' _)" "$status"
}

unit_of_plans() {
    begin_unit plans
    plans >"$here/plans"
    while IFS='|' read -r machine command; do
        plan_item "$machine" "$command"
    done <"$here/plans"
    end_unit
}

one_unit() {
    case $1 in
    plans) unit_of_plans ;;
    seed-*) unit_of_seed "${1#seed-}" ;;
    *) unit_of_committed "$1" ;;
    esac
}

# ---- the record ----

# lines_of FILE: those of the units that were run, sorted
lines_of() {
    awk -F '\t' 'NR == FNR { wanted[$1] = 1; next } $1 in wanted' "$work/units" "$1" | sort
}

# differing: the recorded and the present lines, item by item
differing() {
    awk -F '\t' '
        FNR == NR { was[$1 "\t" $2] = $3 ", " $4; next }
        { key = $1 "\t" $2; now = $3 ", " $4; seen[key] = 1 }
        !(key in was) { print $1 " " $2 ": not recorded"; next }
        was[key] != now { print $1 " " $2 ": recorded " was[key] "; now " now }
        END { for (key in was) if (!(key in seen)) { text = key; sub(/\t/, " ", text); print text ": recorded, and not there now" } }' \
        "$work/was" "$work/now" | sort
}

check() {
    [ -s "$recorded" ] || fail "there is no $recorded: golden.sh record"
    lines_of "$recorded" >"$work/was"
    [ -s "$work/was" ] || fail "nothing of these runs is recorded"
    differing >"$work/differing"
    items=$(wc -l <"$work/now")
    [ -s "$work/differing" ] || { echo "$items items of $(wc -l <"$work/units") runs are as recorded" && return 0; }
    head -n 20 "$work/differing"
    echo "$(wc -l <"$work/differing") of $items items differ from tests/data/golden.tsv; golden.sh check --keep DIR keeps their text"
    return 1
}

record() {
    [ -e "$recorded" ] || : >"$recorded"
    awk -F '\t' 'NR == FNR { gone[$1] = 1; next } !($1 in gone)' "$work/units" "$recorded" | sort - "$work/now" >"$work/recorded" &&
        cp "$work/recorded" "$recorded"
}

if [ "${1:-}" = one-unit ]; then # one of the units below
    one_unit "$2"
    exit
fi

action=${1:-}
case $action in
record | check) shift ;;
*) fail "takes record or check, not '$action'" ;;
esac
keep=
jobs=$(nproc)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
: >"$work/units"
while [ $# -gt 0 ]; do
    case $1 in
    --keep) keep=${2:?takes a directory} && mkdir -p "$keep" && keep=$(cd "$keep" && pwd) && shift ;;
    --jobs) jobs=${2:?takes a number} && shift ;;
    *) add_units "$1" ;;
    esac
    shift
done
[ -s "$work/units" ] || { add_units committed && add_units plans && add_units 1-200; }
[ -x "$top/$build/tests/make_run" ] || fail "there is no $build/tests/make_run: make $build/tests/make_run"
unset HWLOC_SYNTHETIC HWLOC_XMLFILE HWLOC_THISSYSTEM
export keep work
xargs -P "$jobs" -n 1 sh "$0" one-unit <"$work/units" &
trap 'kill $!; exit 1' INT TERM HUP
wait $! || fail "not all runs could be processed"
cat "$work"/lines.* | sort >"$work/now"
[ "$(cut -f1 "$work/now" | sort -u | wc -l)" -eq "$(sort -u "$work/units" | wc -l)" ] || fail "not all runs could be processed"
"$action"
