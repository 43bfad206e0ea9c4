# What figures need to know of a run. Sourced by commands/plot.sh.
# shellcheck shell=sh disable=SC2154 # variables of plot.sh
: "${top:?must be set by the caller}"

metrics='throughput_rps wakeups_per_conn latency_p99_us server_cpu_us_per_req client_cpu_us_per_req jain'

# From lines "key TAB round TAB values..." of cells.awk to points, one a line: the key's six fields, a metric, how many
# rounds, their median, and the ends of its 95 % interval or, of fewer than 6 rounds, the least and the greatest; all
# with tabs between.
# points_of "METRICS" FIRST: the values of the metrics begin at field FIRST
points_of() {
    awk -F '\t' -v OFS='\t' -v names="$1" -v first="$2" '
        BEGIN { count = split(names, name, " ") }
        { for (i = 1; i <= count; i++) if ($(first + i - 1) != "NA") print $1 "|" name[i], $(first + i - 1) }' |
        "$top/${BUILD:-build}/bin/stats" --median |
        awk -F '\t' -v OFS='\t' '{
            gsub(/[|]/, OFS, $1)
            print $1, $2, $3, ($4 == "" ? $6 : $4), ($4 == "" ? $7 : $5)
        }'
}

# read_run: of $run into $work
#   all       every row but the warm-up: key, round, trial, verdict, machine, conns, useful, spurious, absorbed, metrics
#   rows      those that are ok
#   points    of these; and what an idle connection should cost, as the metric expected_wakes
#   loads     "cpus connections rate requests" of each load
read_run() {
    awk -f "$stats/cells.awk" -v all=1 \
        -v columns="trial verdict machine conns useful spurious absorbed $metrics" "$run/trials.csv" >"$work/all" || return 1
    awk -F '\t' '$4 == "ok"' "$work/all" >"$work/rows" || return 1
    points_of "$metrics" 10 <"$work/rows" >"$work/points" || return 1
    awk -F, -v OFS='\t' '
        function known(value) { return value == "" ? "-" : value }
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $(at["expected_wakes"]) != "" {
            v = $(at["expected_wakes"])
            print $1, $2, $3, known($4), known($5), known($6), "expected_wakes", 1, v, v, v
        }' "$run/summary.csv" >>"$work/points" || return 1
    cut -f1 "$work/rows" | cut -d'|' -f3- | tr '|' ' ' | sort -u | sort -n -k1,1 -k2,2 -k3,3 -k4,4 >"$work/loads" || return 1
}

# What stands below every figure: what the rows were measured on, kernel, day, seed, run
read_footer() {
    if [ -f "$run/env.json" ]; then
        footer=$(jq -r '"Linux \(.kernel // "?"), \(.utc // "" | tostring | .[0:10])" + (.lab.virtual as $v | if $v then
            ", \($v.model | tostring)" + (if $v.model == "coherent" then " (\($v.prices)): \($v.price_ns), \($v.miss_ns), \($v.upgrade_ns) ns"
            else ": \($v.price_ns | tostring) ns an instruction" end) + ", quantum \($v.quantum_us | tostring) us" else "" end)' "$run/env.json" 2>/dev/null) ||
            footer="env.json cannot be read"
    else
        footer="no env.json"
    fi
    footer="$(cut -f5 "$work/rows" | sort -u | paste -s -d' '), $footer; "
    seed=$(awk -F '\t' '$1 == "seed" { print $2; exit }' "$run/settings.tsv" 2>/dev/null)
    footer=$(printf '%sseed %s; run %s' "$footer" "${seed:-not known}" "$(basename "$run")" | printable 140)
}

# "name colour point" of each strategy in the lines of rows on standard input; those that strategies.tsv knows first,
# in its order
looks_of() {
    cut -d'|' -f1 | sort -u | awk -F '\t' '
        FNR == NR { if (!/^#/) { look[$1] = $0; order[++known] = $1 }; next }
        { there[$1] = 1; name[++count] = $1 }
        END {
            for (i = 1; i <= known; i++) if (order[i] in there) print look[order[i]]
            for (i = 1; i <= count; i++) if (!(name[i] in look)) print name[i], "#5F5F5F", 15
        }' "$plots/strategies.tsv" - | tr '\t' ' '
}
