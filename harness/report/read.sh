# What a report says of a run, from its files: everything goes into $about, one folder for each run. Sourced by
# commands/report.sh.
# shellcheck shell=sh disable=SC2154 # variables of report.sh
: "${top:?must be set by the caller}"

# "name TAB value" of what env.json has
known_facts() {
    [ -f "$run/env.json" ] || return 0
    jq -r "$PLAIN"'
        def text: if type == "string" then plain elif . == null then empty else tojson | plain end;
        (["host", (.host | text)], ["machine", (.machine | text)], ["system", (.system | text)],
         ["kernel", (.kernel | text) + " " + ((.kernel_build // "") | text)], ["CPU", (.cpu.model | text)],
         ["CPUs online", (.cpu.online | text)], ["boot line", (.boot_line | text)], ["date (UTC)", (.utc | text)],
         ["commit", (.commit | text) + (if .modified then ", modified" else "" end)]),
        ((.facts // {}) | to_entries[] | [(.key | plain), (.value | text)]),
        ((.sysctls // {}) | to_entries[] | [(.key | plain), (.value | text)]),
        ((.versions // {}) | to_entries[] | [(.key | plain), (.value | text)])
        | select(length == 2) | join("\t")' "$run/env.json" 2>/dev/null
}

# What flaws of the machine were there, and what they do: "fact TAB value TAB effect"
known_warnings() {
    [ -f "$run/env.json" ] || return 0
    jq -r "$PLAIN"'. as $env | (.warnings // [])[] | tostring | [plain, ($env.facts[.] // "" | tostring | plain)] | join("\t")' \
        "$run/env.json" 2>/dev/null |
        awk -F '\t' -v OFS='\t' '
            NR == FNR { if (!/^#/) effect[$1] = $4; next }
            { print $1, $2, ($1 in effect) ? effect[$1] : "not known to this version" }' \
            "$top/harness/doctor/checks.tsv" -
}

# plain_copy FILE: a table of the run with what means something in a terminal taken out; empty where it is not there
plain_copy() {
    if [ -f "$run/$1" ]; then plain_fields <"$run/$1"; fi >"$about/${1##*/}"
}

# read_about RUN DIR NAME: NAME is the run as it was typed
read_about() {
    run=$1
    about=$2
    mkdir -p "$about"
    for file in settings.tsv strategies.tsv skipped.tsv; do
        plain_copy $file
    done
    plain_copy figures/index.tsv
    cp "$run/summary.csv" "$about/summary.csv" || fail "cannot read $run/summary.csv"
    known_facts >"$about/facts"
    known_warnings >"$about/warnings"
    awk -F, '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { count[$(at["verdict"])]++ }
        END { for (verdict in count) print verdict "\t" count[verdict] }' "$run/trials.csv" | sort >"$about/verdicts"
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { print $(at["instrument"]) }' "$run/trials.csv" | sort -u | tr '\n' ' ' >"$about/instruments"
    sh "$stats/ratios.sh" "$run" server_cpu_us_per_req >"$about/cpu_ratios" || exit 1
    awk -f "$words" -f "$here/finding.awk" "$about/strategies.tsv" "$about/cpu_ratios" "$about/summary.csv" >"$about/finding"
    printf '%s' "$3" | printable >"$about/directory"
    printf '%s' "$(basename "$run")" | printable 60 >"$about/name"
}
