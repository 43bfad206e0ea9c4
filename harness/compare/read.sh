# From runs to what is compared: checked, read, matched and put through stats. Everything goes into $work: rows.A,
# plan.A, env.A, ... by letter. Sourced by compare.sh.
# shellcheck shell=sh disable=SC2154,SC2317 # variables of compare.sh, which calls most of this through each
: "${top:?must be set by the caller}"

# Without which a row is not known
KEY_COLUMNS='trial round strategy workers cpus connections rate_offered requests_per_connection machine verdict'

TAB=$(printf "\t")
NEWLINE='
'
seen_metrics=

# ---- what can be compared ----

check_metrics() {
    case $metrics in
    '' | ,* | *, | *,,* | *[!a-z0-9_,]*) fail_usage "--metric takes columns of trials.csv with commas between, not '$metrics'" ;;
    esac
    metrics=$(printf '%s' "$metrics" | tr ',' ' ')
    for metric in $metrics; do
        case " $seen_metrics " in
        *" $metric "*) fail_usage "--metric names $metric twice" ;;
        esac
        seen_metrics="$seen_metrics $metric"
        awk -F '\t' -v name="$metric" '!/^#/ && $2 == "-" && name ~ ("^(" $1 ")$") { found = 1 } END { exit !found }' \
            "$here/directions.tsv" && fail_usage "$metric says what was measured, and is nothing to compare: choose another --metric"
    done
}

check_not_twice() {
    printf '%s\n' "$2" >>"$work/directories" || cannot_work
    [ -z "$(sort "$work/directories" | uniq -d)" ] || fail_usage "$2 is named twice: a run is like itself"
}

# Without those that runs of an earlier version lack, and that say nothing of what was measured
columns_of() {
    head -n 1 "$1" | tr ',' '\n' | grep -vxE 'nr_throttled|throttled_us' | sort -u
}

check_columns() {
    columns_of "$2/trials.csv" >"$work/columns.$1" || cannot_work
    there="$NEWLINE$(cat "$work/columns.$1")$NEWLINE"
    for column in $KEY_COLUMNS $metrics; do
        case $there in
        *"$NEWLINE$column$NEWLINE"*) ;;
        *) fail_usage "$2/trials.csv has no column $column: $(advice_without "$column")" ;;
        esac
    done
    [ -z "$overlap" ] || return 0
    differ=$(comm -3 "$work/columns.A" "$work/columns.$1" | awk -F '\t' -v run="$1" '
        { text = text (NR > 1 ? ", " : "") ($1 != "" ? $1 " only in A" : $2 " only in " run) }
        NR == 6 { text = text ", ..."; exit }
        END { print text }' | tr -d '\n' | printable)
    [ -z "$differ" ] || fail_usage "the columns of trials.csv differ: $differ: --overlap compares what both have"
}

advice_without() {
    case " $KEY_COLUMNS " in
    *" $1 "*) echo "it is no file of bench" ;;
    *) echo "choose another --metric" ;;
    esac
}

check_schema() {
    [ -z "$overlap" ] && [ -s "$work/env.A" ] && [ -s "$work/env.$1" ] || return 0
    [ "$(known A schema)" = "$(known "$1" schema)" ] ||
        fail_usage "schema of env.json is $(known A schema) in A and $(known "$1" schema) in $1: --overlap compares them all the same"
}

# ---- reading ----

# read_environment LETTER RUN: env.json as lines "section TAB name TAB value", the name with dots between
read_environment() {
    [ -f "$2/env.json" ] || {
        : >"$work/env.$1"
        return
    }
    jq -n -r "$PLAIN"'
        def text: if . == null then "-" elif type == "array" then map(text) | join(", ")
            elif type == "object" then (if . == {} then "-" else tojson end) else tostring end;
        def leaves(path): if type == "object" and . != {} then to_entries[] | .key as $key | .value | leaves(path + [$key])
            else [path, text] end;
        [inputs] | if length != 1 or (.[0] | type) != "object" then error("no object") else .[0] end |
        leaves([]) | select(.[0] != []) | [.[0][0], (.[0] | join(".")), .[1]] | map(plain) | join("\t")' \
        "$2/env.json" >"$work/env.$1" 2>/dev/null || fail "$2/env.json is no JSON object: mend it, or take it away"
}

# known LETTER NAME: what env.json says, or "-"
known() {
    awk -F '\t' -v name="$2" '$2 == name { text = $3 } END { print (text == "" ? "-" : text) }' "$work/env.$1"
}

read_rows() {
    awk -f "$top/harness/stats/cells.awk" -v all=1 -v columns="verdict trial $metrics" "$2/trials.csv" >"$work/rows.$1" || exit 1
    : >"$work/plan.$1" || cannot_work
    [ ! -f "$2/plan.tsv" ] || cp "$2/plan.tsv" "$work/plan.$1" || fail "cannot read $2/plan.tsv"
    counts=$(awk -F '\t' '$3 == "ok" { ok++ } END { print ok + 0 "\t" NR }' "$work/rows.$1") || cannot_work
    [ "${counts%%"$TAB"*}" -gt 0 ] || fail_usage "no row of $2 is ok: there is nothing to compare; its verdict column says why"
    cut -d'|' -f3 "$work/rows.$1" | sort -n -u | tr '\n' '+' | sed 's/+$//' >"$work/cpus.$1" || cannot_work
    reference_of "$2" | plain_fields >"$work/reference.$1" || cannot_work
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$(printf '%s' "$2" | printable | plain_fields)" "$(known "$1" host)" "$(known "$1" kernel)" \
        "$(known "$1" utc)" "$counts" "$(cat "$work/cpus.$1")" "$(cat "$work/reference.$1")" >>"$work/runs" || cannot_work
}

# As in ratios.sh
reference_of() {
    name=$(awk -F '\t' '$5 == "reference" { print $1 }' "$1/strategies.tsv" 2>/dev/null | head -n 1)
    echo "${name:-racing}"
}

match_cells() {
    : >"$work/common" || cannot_work
    cpus_are_machines=$(awk -f "$here/match.awk" -v overlap="$overlap" -v work="$work" "$work"/rows.? "$work"/plan.?) || awk_ended $? "the rows of these runs"
}

# ---- the environment ----

facts_of_rows() {
    {
        awk -F, -f "$here/facts.awk" -v section=trials -v columns="machine backend load instrument cpus server_cpus client_cpus" \
            "$2/trials.csv"
        awk -F '\t' -f "$here/facts.awk" -v section=plan -v columns="window warmup threads load_words seed" "$work/plan.$1"
    } | plain_fields >>"$work/env.$1" || cannot_work
}

# Whether servers and load are the same at the commits of all: same, other, or unknown
suite() {
    base=$(known A commit)
    answer=same
    for letter in $letters; do
        commit=$(known "$letter" commit)
        case $base$commit in
        *[!0-9a-f]*) echo unknown && return ;;
        esac
        git -C "$top" diff --quiet "$base" "$commit" -- servers harness/load harness/trial harness/lib 2>/dev/null
        case $? in
        0) ;;
        1) answer=other ;;
        *) echo unknown && return ;;
        esac
    done
    echo $answer
}

compare_environments() {
    have_env=
    for letter in $letters; do
        [ ! -s "$work/env.$letter" ] || have_env="$have_env $letter"
    done
    suite=$(suite)
    each facts_of_rows "$@"
    : >"$work/unknown" || cannot_work
    awk -f "$here/environment.awk" -v letters="$letters" -v suite="$suite" -v unknown="$work/unknown" \
        "$here/unfair.tsv" "$work"/env.? >"$work/environment" || cannot_work
}

# ---- the cells ----

# The rows are read already; what was not measured is nothing to form ratios of.
ratios_within() {
    at=5
    for metric in $metrics; do
        awk -F '\t' -v OFS='\t' -v at=$at '$3 == "ok" && $at != "NA" { print $1, $2, $at }' "$work/rows.$1" >"$work/measured" || cannot_work
        sh "$top/harness/stats/ratios.sh" "$2" "$metric" "$work/measured" >"$work/within.$metric.$1" || exit 1
        at=$((at + 1))
    done
}

compare_cells() {
    awk -f "$words" -f "$here/floors.awk" -v metrics="$metrics" -v base=A -v cpus_are_machines="$cpus_are_machines" \
        "$work/common" "$work"/within.*.? >"$work/floors" || exit 1
    awk -f "$here/values.awk" -v metrics="$metrics" -v cpus_are_machines="$cpus_are_machines" \
        "$work/common" "$work"/rows.? >"$work/values" || awk_ended $? "the rows of these runs"
    stats --unpaired --base base --floors "$work/floors" <"$work/values" >"$work/unpaired" || exit 1
    awk -f "$here/judge.awk" -v metrics="$metrics" -v base=A "$here/directions.tsv" "$work/floors" "$work/unpaired" \
        "$work/common" | sort -t "$TAB" -k1,1n -k3,3 -k7,7n -k8,8n -k9,9n -k6,6n -k5,5n -k4,4 >"$work/cells" || cannot_work
}

compare_within() {
    : >"$work/within" || cannot_work
    [ "$(cat "$work"/reference.? | sort -u | wc -l)" -eq 1 ] || return 0
    awk -f "$words" -f "$here/within.awk" -v metrics="$metrics" -v letters="$letters" -v cpus_are_machines="$cpus_are_machines" \
        "$work/common" "$work/floors" "$work"/within.*.? |
        sort -t "$TAB" -k1,1n -k6,6n -k7,7n -k8,8n -k5,5n -k4,4n -k3,3 >"$work/within" || cannot_work
}
