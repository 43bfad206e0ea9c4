# From what was compared to text, Markdown, CSV, JSON and a figure. Sourced by compare.sh.
# shellcheck shell=sh disable=SC2154 # variables of compare.sh
: "${top:?must be set by the caller}"

# known_answers LETTER RUN: of a run that has them
known_answers() {
    [ ! -s "$2/selftest.csv" ] || tail -n +2 "$2/selftest.csv" | sed "s/^/$1$TAB/"
}

# document text|markdown|html
document() {
    awk -f "$words" -f "$top/harness/lib/document.awk" -f "$here/render.awk" -v form="$1" -v directions="$here/directions.tsv" -v have_env="$have_env" \
        "$work/runs" "$work/environment" "$work/unknown" "$work/left_out" "$work/cells" "$work/within"
    awk -f "$top/harness/lib/document.awk" -f "$here/exact.awk" -v form="$1" -v printed=1 -v letters="$letters" "$work/exact"
}

csv() {
    awk -f "$here/csv.awk" -v letters="$letters" "$work/within" "$work/cells"
}

json() {
    jq -n --rawfile runs "$work/runs" --rawfile environment "$work/environment" --rawfile unknown "$work/unknown" \
        --rawfile left_out "$work/left_out" --rawfile cells "$work/cells" --rawfile within "$work/within" \
        --rawfile exact "$work/exact" '
        def table: split("\n") | map(select(length > 0) | split("\t"));
        def number: tonumber? // null;
        def known: if . == "-" or . == "" then null else . end;
        def cell: {strategy: .[0], workers: (.[1] | number), cpus: (.[2] | number), connections: (.[3] | number),
            rate_offered: (.[4] | number), requests_per_connection: (.[5] | number)};
        def own: {pairs: (.[0] | number), ratio: (.[1] | number), ratio_low: (.[2] | number), ratio_high: (.[3] | number),
            outcome: (.[4] | known)};
        ($runs | table) as $runs | ($cells | table) as $cells |
        def named($metric; $run; $judgement):
            $cells | map(select(.[0] == "1" and .[2] == $run and .[22] == $judgement) | .[3:9] | cell);
        {
            runs: ($runs | map({run: .[0], directory: .[1], host: (.[2] | known), kernel: (.[3] | known),
                utc: (.[4] | known), ok: (.[5] | number), rows: (.[6] | number), cpus: .[7], reference: .[8]})),
            environment: ($environment | table | map({name: .[1], unfair: (.[0] | known), values: (.[2:] | map(known))})),
            not_said: ($unknown | table | map({run: .[0], section: .[1]})),
            left_out: ($left_out | table | map({run: .[0], only_in_base: (.[1] | number),
                only_in_run: (.[2] | number), other_server_or_load: (.[3] | number)})),
            cells: ($cells | map({metric: .[1], run: .[2]} + (.[3:9] | cell) + {
                n_base: (.[9] | number), n_run: (.[10] | number),
                median_base: (.[11] | number), median_run: (.[12] | number), difference: (.[13] | number),
                difference_low: (.[14] | number), difference_high: (.[15] | number), ratio: (.[16] | number),
                ratio_low: (.[17] | number), ratio_high: (.[18] | number), p: (.[19] | number),
                floor: (.[20] | number), outcome: .[21], judgement: .[22], sentence: .[23]})),
            within: ($within | table | map(. as $line | {metric: .[1]} + (.[2:8] | cell) + {
                runs: [range($runs | length) as $r | {run: $runs[$r][0]} + if $r == 0 then ($line[8:13] | own)
                    else ($line[7 + 6 * $r:13 + 6 * $r] | own + {lies: (.[5] | known)}) end]})),
            known_answers: ($exact | table | map(.[0] as $run | .[1] | split(",") | {run: $run, strategy: .[1],
                workers: (.[2] | number), cpus: (.[0] | number), expected: .[3], counted: .[4], order: .[6], verdict: .[7]})),
            result: ($cells[0][1] as $metric | $runs[1:] | map(.[0] as $run |
                ($cells | map(select(.[0] == "1" and .[2] == $run and .[24] == "1")) | length)
                as $tested | {metric: $metric, run: $run, better: named($metric; $run; "better"),
                worse: named($metric; $run; "worse"), different: named($metric; $run; "different"),
                undecided: named($metric; $run; "undecided"), tested: $tested, by_chance: ($tested * 5 / 100)}))
        }'
}

# ---- the figure ----

# The colours of plots/strategies.tsv, with a point of their own each: here they stand for runs.
looks() {
    awk -F '\t' 'BEGIN { n = split("#005FA3 5 #D55E00 7 #009E73 9 #D0649F 11 #5E4300 13 #2B9AD4 15 #000000 4", look, " ") / 2 }
        NR > 1 { i = (NR - 2) % n; printf "%s%s/A %s %s", (NR > 2 ? " " : ""), $1, look[2 * i + 1], look[2 * i + 2] }' "$work/runs"
}

better() {
    awk -F '\t' -v name="$1" '!/^#/ && name ~ ("^(" $1 ")$") { print ", " $2 " is better"; exit }' "$here/directions.tsv"
}

unit() {
    case $1 in
    *_rps) echo ' (requests a second)' ;;
    *_us | *_us_per_req) echo ' (us)' ;;
    *_pct) echo ' (%)' ;;
    esac
}

# draw_metric NUMBER METRIC FILE
draw_metric() {
    sort -t "$TAB" -k7,7n -k8,8n -k9,9n -k6,6n -k5,5n -k4,4 -k3,3 "$work/cells" |
        awk -f "$words" -f "$here/forest.awk" -v metric="$1" "$work/runs" - >"$work/forest" || exit 1
    axis=$(head -n 1 "$work/forest")
    tail -n +2 "$work/forest" >"$work/forest.data"
    (cd "$top/plots" && gnuplot -c style.gp forest.gp "$work/forest.data" "$work/$3" \
        "$2$(unit "$2"): medians as a ratio to those of A" \
        "points with 95 % intervals, unpaired$(better "$2"); grey: what the reference differs from itself by" \
        "" "$(looks)" "${axis%%"$TAB"*}" "${axis##*"$TAB"}") >"$work/log" 2>&1 ||
        fail "gnuplot could not draw the comparison: $(grep -v '^ *$' "$work/log" | tail -n 1 | printable)"
}

draw() {
    number=1
    for metric in $metrics; do
        [ "$number" -eq 1 ] && figure=forest.svg || figure=forest-$metric.svg
        draw_metric $number "$metric" "$figure"
        number=$((number + 1))
    done
}

# ---- where it goes ----

make_documents() {
    csv >"$work/compare.csv" && json >"$work/compare.json" && document markdown >"$work/compare.md" || fail "could not write the comparison"
}

# Two in the same second have names of their own.
make_out() {
    if [ -n "$out" ]; then
        make_directory_for "$out" "$out: choose another --out"
        return
    fi
    name=$top/results/compare-$(date -u +%Y%m%dT%H%M%SZ)
    out=$name
    number=1
    until mkdir "$out" 2>/dev/null; do
        [ -e "$out" ] && [ "$number" -lt 100 ] || fail_usage "cannot make the directory $out: choose another --out"
        number=$((number + 1))
        out=$name-$number
    done
}

put_documents() {
    make_out
    put_files "$out" "$work"/compare.csv "$work"/compare.json "$work"/compare.md "$work"/forest*.svg
}
