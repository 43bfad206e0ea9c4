# Runs for tests of figures and reports, without measuring.

# SPDX-License-Identifier: BSD-2-Clause

# small_copy DIR: the run in tests/data: racing, wakeone and racing-again, 2 and 8 workers, 2 rounds, one load
small_copy() {
    mkdir -p "$1"
    cp -r tests/data/run/. "$1/"
}

# copy_by_cpus DIR: the same with as many CPUs as workers, 2 and 8, and where.csv and functions.csv with simulated times: of 100 us
# per request 20 are idle, and as many as there are workers are spent in the wait-queue walk and in locks
copy_by_cpus() {
    small_copy "$1"
    sed -i 's/^workers\t.*/workers\t1\/cpu/' "$1/settings.tsv"
    set_columns "$1" cpus=8 '$(at["workers"]) == 8'
    awk -F, -v OFS=, '
        NR == 1 {
            for (i = 1; i <= NF; i++) at[$i] = i
            print "cpus,strategy,backend,workers,trial,side,part,us_per_req,stall_us_per_req,instructions_per_req"
            next
        }
        $(at["verdict"]) == "ok" {
            n = $(at["workers"])
            parts = split("programs 2 network 40 kernel 20 waiting 4 wakeups 3 switches 11 walk " n " lock " n " idle 20", part, " ")
            for (i = 1; i < parts; i += 2)
                print $(at["cpus"]), $(at["strategy"]), "epoll", n, $1, i % 4 == 1 ? "server" : "client", part[i], part[i + 1] ".000", "0.000", "1.0"
        }' "$1/trials.csv" >"$1/where.csv"
    printf 'cpus,strategy,backend,workers,trial,side,function,part,us_per_req,stall_us_per_req,instructions_per_req\n2,racing,epoll,2,3,server,do_idle,idle,1.000,0.000,1.0\n' >"$1/functions.csv"
}

# reference_runs: the committed runs with figures, one a line
reference_runs() {
    local trials
    for trials in results/reference/*/trials.csv; do
        echo "${trials%/trials.csv}"
    done
}

# mock_gnuplot DIR: a gnuplot that draws nothing and appends its input to DIR/given: arguments, and data
mock_gnuplot() {
    mkdir -p "$1"
    cat >"$1/gnuplot" <<'END'
#!/bin/sh
# gnuplot -c style.gp FIGURE.gp DATA OUT TITLE SUBTITLE FOOTER LOOKS TICKS CPUS
given=${0%/*}/given
figure=$3 data=$4 out=$5
shift 5
{
    echo "# ${figure%.gp}"
    printf '%s\n' "$@"
    cat "$data"
} >>"$given"
printf '<svg\n>\n</svg>\n' >"$out" # on lines of their own, as gnuplot has it
END
    chmod +x "$1/gnuplot"
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

# figures_are_whole DIR: each figure that index.tsv lists as drawn is well-formed XML, and each other has a reason
figures_are_whole() {
    local name file title reason drawn=()
    [ -s "$1/figures/index.tsv" ] || { echo "no index.tsv"; return 1; }
    while IFS=$'\t' read -r name file title reason; do
        if [ "$reason" = - ]; then
            drawn+=("$1/figures/$file.svg")
        else
            [ ! -e "$1/figures/$file.svg" ] || { echo "$file is drawn, and index.tsv says it is not"; return 1; }
            [ "${#reason}" -ge 15 ] || { echo "$file: '$reason' is no sentence"; return 1; }
        fi
    done <"$1/figures/index.tsv"
    [ "${#drawn[@]}" -eq 0 ] || xmllint --nonet --noout "${drawn[@]}" || return 1
    [ "$(ls "$1"/figures/*.svg | wc -l)" -eq "${#drawn[@]}" ]
}

SVG_DTD="-//W3C//DTD SVG 1.1//EN"

# figures_are_valid DIR: complete, and valid by the DTD of SVG. Skips the test if the XML catalog does not have the DTD.
figures_are_valid() {
    figures_are_whole "$1" || return 1
    xmllint --nonet --noout --dtdvalidfpi "$SVG_DTD" "$1"/figures/*.svg 2>"$BATS_TEST_TMPDIR/invalid" && return 0
    grep -q 'Could not parse DTD' "$BATS_TEST_TMPDIR/invalid" || { cat "$BATS_TEST_TMPDIR/invalid"; return 1; }
    skip "no DTD of SVG 1.1 in the XML catalog (w3c-sgml-lib)"
}

# why DIR FIGURE: why it is not drawn
why() {
    awk -F '\t' -v figure="$2" '$1 == figure { print $4; exit }' "$1/figures/index.tsv"
}

# has_control_characters FILE...: except line ends and tabs; including bidirectional ones, and U+0085. By bytes, independent of
# the locale
has_control_characters() {
    LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80[\x8e\x8f\xaa-\xae]|\xc2[\x80-\x9f]' "$@"
}

# rows_run DIR COLUMNS: a run of rows alone, from lines on standard input: strategy workers cpus connections rate verdict round VALUES...; "-"
# is empty
rows_run() {
    mkdir -p "$1"
    awk -v columns="$2" -v OFS=, '
        BEGIN { print "trial,machine,requests_per_connection,strategy,workers,cpus,connections,rate_offered,verdict,round" (columns != "" ? "," columns : "") }
        { line = NR OFS "metal" OFS 1; for (i = 1; i <= NF; i++) line = line OFS ($i == "-" ? "" : $i); print line }' >"$1/trials.csv"
}

# words_of SVG: its texts except the numbers at the axes, whose steps and leading spaces depend on gnuplot
words_of() {
    grep -o '<text>[^<>]\+</' "$1" | sed 's/^<text> *//;s/ *<\/$//' | grep -v '^[-0-9.]*$' | sort
}

# structure SVG: its content without positions: texts, kinds of elements (their number depends on gnuplot), and the checksum of
# its data
structure() {
    words_of "$1"
    grep -o '<[a-z]\+' "$1" | sort -u
    grep -o '<!-- data: cksum [0-9]\+ [0-9]\+ -->' "$1" || echo "no checksum of data: ./run.sh plot draws it again"
}
