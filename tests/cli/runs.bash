# Runs to draw and to report of that need not be measured.

# small_copy DIR: the first two rounds of results/reference/classes
small_copy() {
    local from=results/reference/classes trial
    mkdir -p "$1/hist"
    cp $from/env.json $from/settings.tsv $from/strategies.tsv $from/plan.tsv "$1/"
    awk -F, 'FNR == 1 || $2 <= 2' $from/trials.csv >"$1/trials.csv"
    awk -F, 'NR == FNR { there[$1] = 1; next } FNR == 1 || $1 in there' "$1/trials.csv" $from/workers.csv >"$1/workers.csv"
    for trial in $(tail -n +2 "$1/trials.csv" | cut -d, -f1); do
        cp "$from/hist/$trial.hgrm" "$1/hist/"
    done
}

# set_columns DIR "NAME=VALUE ..." [CONDITION]: in the rows for which the awk expression on at[] is true
set_columns() {
    awk -F, -v OFS=, -v words="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(words, word, " "); print; next }
        '"(${3:-1})"' { for (i = 1; i <= n; i++) { split(word[i], part, "="); $(at[part[1]]) = part[2] } }
        { print }' "$1/trials.csv" >"$1/trials.new"
    mv "$1/trials.new" "$1/trials.csv"
}

# drop_column DIR NAME
drop_column() {
    awk -F, -v OFS=, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) gone = i }
        { line = ""; for (i = 1; i <= NF; i++) if (i != gone) line = line (line == "" && i < 3 ? "" : ",") $i; sub(/^,/, "", line); print line }' \
        "$1/trials.csv" >"$1/trials.new"
    mv "$1/trials.new" "$1/trials.csv"
}

# Each figure that index.tsv says is drawn is a valid SVG, and each that is not says why.
figures_are_whole() {
    local name file title reason
    [ -s "$1/figures/index.tsv" ]
    while IFS=$'\t' read -r name file title reason; do
        if [ "$reason" = - ]; then
            xmllint --nonet --noout --dtdvalid /usr/share/xml/w3c-sgml-lib/schema/dtd/REC-SVG11-20110816/svg11.dtd \
                "$1/figures/$file.svg" || return 1
        else
            [ ! -e "$1/figures/$file.svg" ] || { echo "$file is drawn, and is said not to be"; return 1; }
            [ "${#reason}" -ge 15 ] || { echo "$file: '$reason' is no sentence"; return 1; }
        fi
    done <"$1/figures/index.tsv"
    [ "$(ls "$1"/figures/*.svg | wc -l)" -eq "$(awk -F '\t' '$4 == "-"' "$1/figures/index.tsv" | wc -l)" ]
}

# why DIR FIGURE: why it is not drawn
why() {
    awk -F '\t' -v figure="$2" '$1 == figure { print $4; exit }' "$1/figures/index.tsv"
}
