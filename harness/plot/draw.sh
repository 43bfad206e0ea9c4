# From data to pictures. Sourced by commands/plot.sh.
# shellcheck shell=sh disable=SC2154,SC2034 # variables of plot.sh, and of data.sh
: "${top:?must be set by the caller}"

# Lines as words
words() {
    tr '\n' ' ' | sed 's/ $//'
}

# distinct FIELD: what the rows that are drawn have in that field of their key
distinct() {
    cut -f1 "$work/rows_of_load" | tr '|' '\t' | cut -f"$1" | sort -n -u | words
}

# about TICKS_FIELD: sets what figures of $work/rows_of_load have in common; the ticks are in that field of the key
about() {
    looks=$(looks_of <"$work/rows_of_load")
    names=$(echo "$looks" | cut -d' ' -f1 | words)
    looks=$(echo "$looks" | words)
    ticks=$(distinct "$1")
    cells=$(($(echo "$names" | wc -w) * $(echo "$ticks" | wc -w)))
    rounds=$(cut -f2 "$work/rows_of_load" | sort -u | wc -l)
    intervals="medians of $rounds rounds, 95 % intervals"
    [ "$rounds" -ge 6 ] || intervals="medians of $rounds rounds, least to greatest"
}

# load_words: "16 connections, one request each, 2 CPUs"
load_words() {
    printf '%s, %s CPUs' "$(awk -f "$stats/words.awk" -f "$plots/load.awk" -v connections="$connections" -v rate="$rate" \
        -v requests="$requests")" "$cpus"
}

# group_words: "2/cpu workers, 1/2cpu connections or rate, 1 requests each"
group_words() {
    echo "$group" | sed 's/,/ workers, /;s/,\([^,]*\)$/ connections or rate, \1 requests each/'
}

# What is said below the title: the load, and what the marks are
subtitle() {
    case $1 in
    latency) echo "$(load_words); all rounds added up" ;;
    share) echo "$(load_words); means of the rounds" ;;
    classes) echo "$(load_words); in brackets: absorbed" ;;
    wire) echo "$(load_words); p50 to p99; filled: wire, from the SYN; hollow: load" ;;
    wakeups) echo "$(load_words); $intervals; dashed: idle workers" ;;
    scale) echo "$(group_words); $intervals" ;;
    where) echo "$(group_words); means of $rounds rounds; above: CPU time a request (us)" ;;
    rate) echo "$intervals; ring: knee, the last below twice the first; cross: most rows fell behind" ;;
    surface) echo "contours at 1.16 (solid) and 1 (dashed); (no difference shown); grey: fell behind the load" ;;
    ratios) echo "to $reference in the same rounds; points with 95 % intervals; grey: what it differs from itself by" ;;
    timeline) echo "medians over the cells of a round; band: the reference against itself, 95 % interval" ;;
    *) echo "$(load_words); $intervals" ;;
    esac
}

# picture FIGURE DATA OUT TITLE SUBTITLE: of the words that are set by `about`
picture() {
    (cd "$plots" && gnuplot -c style.gp "$1.gp" "$2" "$work/picture.${3##*.}" "$4" "$5" "$footer" "$looks" "$ticks" "$cpus") \
        >"$work/log" 2>&1 || return 1
    case $3 in
    *.svg) awk -f "$top/harness/lib/document.awk" -f "$plots/svg.awk" -v form=html -v caption="$4" \
            -v data="$(cksum <"$2")" "$work/picture.svg" >"$3" ;;
    *) mv "$work/picture.png" "$3" ;;
    esac
}

# in_index FIGURE TITLE: a line of index.tsv: figure, file without its ending, title, and why it is not drawn, or "-"
in_index() {
    printf '%s\t%s\t%s\t%s\n' "$1" "$1$suffix" "$2" "$(cat "$work/reason" 2>/dev/null || echo -)" >>"$new/index.tsv"
    [ ! -e "$work/broken" ] || { check_scratch && say "$program: $run: $1 is not drawn: $(cat "$work/reason")" && status=1; }
}

# draw FIGURE TITLE: $new/FIGURE$suffix.svg, or the reason why not
draw() {
    rm -f "$work/reason" "$work/broken"
    kept_looks=$looks kept_ticks=$ticks kept_cpus=$cpus # a figure may have its own
    "data_$1" >"$work/data" 3>>"$work/told" || broken "its data could not be made"
    for kind in svg ${png:+png}; do
        [ ! -s "$work/reason" ] || break
        picture "$1" "$work/data" "$new/$1$suffix.$kind" "$2" "$(subtitle "$1")" ||
            broken "gnuplot could not draw it: $(grep -v '^ *$' "$work/log" | tail -n 1)"
    done
    [ ! -s "$work/reason" ] || rm -f "$new/$1$suffix.svg" "$new/$1$suffix.png"
    looks=$kept_looks ticks=$kept_ticks cpus=$kept_cpus
    in_index "$1" "$2"
}

title_of() {
    awk -F '\t' -v name="$1" '$1 == name { print $3 }' "$plots/figures.tsv"
}

# draw_all SCOPE: the figures of that scope
draw_all() {
    awk -F '\t' -v OFS='\t' -v scope="$1" '!/^#/ && $2 == scope { print $1, $3 }' "$plots/figures.tsv" >"$work/list.$1"
    while IFS="$TAB" read -r figure title; do
        draw "$figure" "$title"
    done <"$work/list.$1"
}

# ---- the figures of one load, one for each ----

# Only what the run has several of is in the name: -p CPUs, -c connections, -r rate, -k requests each.
name_of_load() {
    awk -v line="$cpus $connections $rate $requests" '
        BEGIN { split(line, value, " "); split("p c r k", letter, " ") }
        { for (i = 1; i <= 4; i++) if ($i != value[i]) several[i] = 1 }
        END { for (i = 1; i <= 4; i++) if (several[i] && value[i] != "-") name = name "-" letter[i] value[i]; print name }
    ' "$work/loads"
}

# points_of_load POINTS: those of the load that is drawn
points_of_load() {
    awk -F '\t' -v wanted="$load" '$3 "|" $4 "|" $5 "|" $6 == wanted' "$1"
}

draw_load() {
    load="$cpus|$connections|$rate|$requests"
    awk -F '\t' -v end="|$load" 'index($1, end) && substr($1, index($1, end)) == end { print }' "$work/rows" \
        >"$work/rows_of_load"
    points_of_load "$work/points" >"$work/points_of_load"
    about 2
    draw_all load
}

# Of many loads the first, the middle and the last: a reader takes in three, and the figures by load have the others.
loads_to_draw() {
    loads=$(wc -l <"$work/loads")
    if [ -n "$all_loads" ] || [ "$loads" -le "$LOADS_MOST" ]; then
        cat "$work/loads"
    else
        awk -v n="$loads" 'NR == 1 || NR == int((n + 1) / 2) || NR == n' "$work/loads"
        leave_out "$((loads - 3)) of $loads loads have no figures of their own: the first, the middle and the last have; ./run.sh plot --all-loads draws all"
        suffix=
        in_index loads "Figures by workers"
    fi
}

draw_loads() {
    loads_to_draw >"$work/drawn_loads"
    while read -r cpus connections rate requests; do
        suffix=
        [ "$(wc -l <"$work/loads")" -eq 1 ] || suffix=$(name_of_load)
        draw_load
    done <"$work/drawn_loads"
}

# ---- the figures of the whole run ----

draw_whole() {
    cp "$work/rows" "$work/rows_of_load"
    about 2
    cpus=$(distinct 3)
    cpus=${cpus##* }
    suffix=
    draw_all run
}

# A figure for each way in which workers and load go with the CPUs
draw_groups() {
    cp "$work/rows" "$work/rows_of_load"
    suffix=
    if [ ! -f "$run/settings.tsv" ] || [ "$(cut -d' ' -f1 "$work/loads" | sort -u | wc -l)" -lt 2 ]; then
        leave_out "the run has one number of CPUs (./run.sh scale has several)"
        awk -F '\t' '$2 == "group" { print $1 }' "$plots/figures.tsv" >"$work/list.group"
        while read -r figure; do
            in_index "$figure" "$(title_of "$figure")"
        done <"$work/list.group"
        return
    fi
    sh "$stats/scale.sh" "$run" >/dev/null || return 1
    about 3
    cpus=${ticks##* }
    tail -n +2 "$run/scale.csv" | cut -d, -f2-4 | sort -u >"$work/groups"
    while read -r group; do
        [ "$(wc -l <"$work/groups")" -eq 1 ] || suffix=-$(echo "$group" | tr -c 'a-z0-9\n' -)
        draw_all group
    done <"$work/groups"
}

# New figures take the old ones' place when all are there; what is no longer drawn goes.
put_figures() {
    mkdir -p "$run/figures" || fail "cannot make $run/figures"
    put_files "$run/figures" "$new"/*
    for old in "$run"/figures/*.svg "$run"/figures/*.png; do
        [ -e "$new/${old##*/}" ] || rm -f "$old"
    done
}

draw_run() {
    new=$work/new
    rm -rf "$new" && mkdir "$new" || fail "cannot make a temporary directory"
    : >"$work/told"
    sh "$stats/summarise.sh" "$run" >/dev/null && read_run || exit 1
    [ ! -s "$run/wire.csv" ] || sh "$stats/wire.sh" "$run" >/dev/null || exit 1
    [ -s "$work/rows" ] || {
        rm -f "$run"/figures/*.svg "$run"/figures/*.png "$run/figures/index.tsv"
        rmdir "$run/figures" 2>/dev/null
        say "$program: no row of $run is ok: there is nothing to draw"
        status=3
        return
    }
    read_footer
    reference=$(awk -F '\t' '$5 == "reference" { print $1; exit }' "$run/strategies.tsv" 2>/dev/null)
    reference=${reference:-racing}
    draw_loads
    draw_groups || exit 1
    draw_whole
    put_figures
    cat "$work/told" >&2
    say "figures: $run/figures"
}
