# The report as a page, and as Markdown. Sourced by commands/report.sh.
# shellcheck shell=sh disable=SC2154 # variables of report.sh
: "${top:?must be set by the caller}"

# section FORM PROGRAM FILES [OPTIONS]: a part of the document, by one of the programs here; that one failed is in
# $work/failed, since the parts go through pipes
section() {
    form=$1
    program_of_section=$2
    shift 2
    awk -f "$top/harness/lib/document.awk" -f "$words" -f "$stats/remarks.awk" -f "$here/$program_of_section.awk" -v form="$form" \
        -v printed=1 "$@" || : >"$work/failed"
}

# escaped: standard input as text of HTML
escaped() {
    awk -f "$top/harness/lib/document.awk" -f "$here/escaped.awk" -v form=html
}

# Lines of the index in the order of plots/figures.tsv
in_order() {
    awk -F '\t' 'NR == FNR { if (!/^#/) place[$1] = ++n; next }
        { printf "%d\t%s\n", place[$1], $0 }' "$plots/figures.tsv" "$1" | sort -s -n -k1,1 | cut -f2-
}

# ---- what each run has, in either form ----

# heading_of FORM LEVEL TEXT
heading_of() {
    case $1 in
    html) printf '<h%d>%s</h%d>\n' "$2" "$3" "$2" ;;
    *) printf '\n%.*s %s\n' "$2" '####' "$3" ;;
    esac
}

# summary_of FORM ABOUT WHOSE
summary_of() {
    heading_of "$1" 2 "Summary$3"
    section "$1" summary -v level=3 "$2/summary.csv"
}

# rest_of FORM ABOUT WHOSE: from the environment to how it is measured again
rest_of() {
    heading_of "$1" 2 "Environment$3"
    section "$1" environment "$2/warnings" "$2/facts"
    heading_of "$1" 2 "Method$3"
    section "$1" method "$2/settings.tsv" "$2/strategies.tsv" "$2/instruments"
    heading_of "$1" 2 "Verdicts, and what was left out$3"
    section "$1" verdicts "$here/verdicts.tsv" "$2/verdicts" "$2/skipped.tsv" "$2/index.tsv"
    heading_of "$1" 2 "How to reproduce$3"
    section "$1" reproduce "$2/facts" "$2/directory"
}

# ---- the page ----

# figure_of RUN PREFIX FILE TITLE REASON: one figure, or the sentence in its place
figure_of() {
    if [ "$5" = - ]; then
        printf '<figure><div class="scroll" tabindex="0" role="group" aria-label="%s">\n' "$(printf '%s' "$4" | escaped)"
        awk -f "$top/harness/lib/document.awk" -f "$plots/svg.awk" -v form=html -v caption="$4" -v prefix="$2$3-" "$1/figures/$3.svg"
        printf '</div></figure>\n'
    else
        printf '<p class="missing">%s: %s</p>\n' "$(printf '%s' "$4" | escaped)" "$(printf '%s' "$5" | escaped)"
    fi
}

# figures_of ABOUT RUN PREFIX: all in a row
figures_of() {
    in_order "$1/index.tsv" >"$work/ordered"
    while IFS="$TAB" read -r _ file title reason; do
        figure_of "$2" "$3" "$file" "$title" "$reason"
    done <"$work/ordered"
}

# Those that both runs have a line of, beside each other
figures_beside() {
    in_order "$work/A/index.tsv" >"$work/ordered"
    while IFS="$TAB" read -r _ file title reason; do
        other=$(awk -F '\t' -v file="$file" '$2 == file { print $4 }' "$work/B/index.tsv")
        printf '<h3>%s</h3>\n<div class="beside"><div>\n' "$(printf '%s' "$title" | escaped)"
        figure_of "$run_a" A- "$file" "$title, A" "$reason"
        printf '</div><div>\n'
        figure_of "$run_b" B- "$file" "$title, B" "${other:-this run has not measured that}"
        printf '</div></div>\n'
    done <"$work/ordered"
}

# page TITLE CLASS: the body on standard input -> the whole
page() {
    cat <<END
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>$(printf '%s' "$1" | escaped)</title>
<style>
$(cat "$here/style.css")
</style>
</head>
<body class="$2">
END
    cat
    printf '<footer>Made by wakeone (<code>./run.sh report</code>) from the files of the run, without measuring.</footer>\n<script>\n'
    cat "$here/sort.js"
    printf '</script>\n</body>\n</html>\n'
}

# title_of FORM ABOUT
title_of() {
    section "$1" title "$2/name" "$2/facts"
}

finding_html() {
    printf '<p class="finding">%s</p>\n' "$(escaped <"$1/finding")"
}

one_page() {
    {
        printf '<h1>Who is woken? %s</h1>\n' "$(title_of html "$work/A")"
        finding_html "$work/A"
        summary_of html "$work/A" ""
        printf '<h2>Figures</h2>\n'
        figures_of "$work/A" "$run_a" ""
        rest_of html "$work/A" ""
    } | page "wakeone: $(title_of text "$work/A")" one
}

one_markdown() {
    printf '# Who is woken? %s\n\n' "$(title_of markdown "$work/A")"
    cat "$work/A/finding"
    summary_of markdown "$work/A" ""
    rest_of markdown "$work/A" ""
}

# ---- two side by side ----

# compare_both: the comparison in both forms, and its figure, into $work
compare_both() {
    sh "$top/harness/commands/compare.sh" "$run_a" "$run_b" --overlap --html --out "$work/compare" \
        --metric throughput_rps,wakeups_per_conn,server_cpu_us_per_req >"$work/comparison.html" 2>"$work/complaint" &&
        mkdir -p "$work/forest/figures" && cp "$work/compare/forest.svg" "$work/forest/figures/forest.svg" &&
        cp "$work/compare/compare.md" "$work/comparison.markdown" || rm -f "$work"/comparison.*
}

# The comparison in a form, or why there is none
comparison() {
    if [ -s "$work/comparison.$1" ]; then
        cat "$work/comparison.$1"
    else
        heading_of "$1" 2 Comparison
        [ "$1" = markdown ] || printf '<p class="missing">'
        printf 'These two could not be compared cell by cell: '
        if [ "$1" = html ]; then escaped <"$work/complaint"; else cat "$work/complaint"; fi
        [ "$1" = markdown ] || printf '</p>\n'
    fi
}

two_pages() {
    {
        printf '<h1>Who is woken? Two runs side by side</h1>\n<div class="beside">\n'
        for letter in A B; do
            printf '<div><h2>%s: %s</h2>\n' "$letter" "$(title_of html "$work/$letter")"
            finding_html "$work/$letter"
            printf '</div>\n'
        done
        printf '</div>\n'
        comparison html
        if [ -f "$work/forest/figures/forest.svg" ]; then
            figure_of "$work/forest" "" forest "Ratios of B to A" -
        fi
        printf '<h2>Figures</h2>\n'
        figures_beside
        for letter in A B; do
            summary_of html "$work/$letter" " of $letter"
            rest_of html "$work/$letter" " of $letter"
        done
    } | page "wakeone: $(cat "$work/A/name") and $(cat "$work/B/name")" wide
}

two_markdown() {
    printf '# Who is woken? Two runs side by side\n'
    for letter in A B; do
        printf '\n**%s**, %s\n\n' "$letter" "$(title_of markdown "$work/$letter")"
        cat "$work/$letter/finding"
    done
    echo
    comparison markdown | sed 's/^# Runs compared/## Runs compared/'
    for letter in A B; do
        summary_of markdown "$work/$letter" " of $letter"
        rest_of markdown "$work/$letter" " of $letter"
    done
}
