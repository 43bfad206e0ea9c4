# The experiment engine: from axes to a run's directory. A command that measures sets `program`, changes
# defaults, and calls run_engine with its arguments. Sourced with $top set to the checkout.
# shellcheck shell=sh disable=SC2034,SC2154 # shares its variables with its files
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/strategies.sh"
. "$top/harness/engine/settings.sh"
. "$top/harness/engine/contestants.sh"
. "$top/harness/engine/directory.sh"
. "$top/harness/engine/rounds.sh"
. "$top/harness/engine/execute.sh"

# run_engine OPTIONS: exits with the status of the whole
run_engine() {
    read_options "$@"
    make_work ""
    if [ -n "$resume" ]; then
        [ -z "$dry_run" ] || fail_usage "--dry-run and --resume do not go together"
        go_on
    else
        begin
    fi
    measure
    measure_more >"$work/tables.1" || cannot_work
    finish
}

# What a command measures beside the plan; it may have one of its own
measure_more() {
    :
}

begin() {
    check_options
    check_contestants
    [ -z "$dry_run" ] || dry_run
    prepare
    write_plan "$out/plan.new" && put_plan || cannot_fill
    tell_total
    tell_placements
}

# From words that are right to a directory that lacks only its plan
prepare() {
    install_and_build run all
    check_capture
    leave_out_unavailable
    plan_axes
    check_total
    make_directory
    fill_directory
}

dry_run() {
    [ -z "$cpus$split" ] || need_tools build/bin/placement
    plan_axes
    check_total
    write_plan "$work/plan" || cannot_work
    print_out "$work/plan" || exit $?
    tell_total
    tell_placements
    exit 0
}

tell_placements() {
    [ -n "$cpus$split" ] || return 0
    while IFS=$TAB read -r size server client; do
        say "on $size CPUs: server on $server, client on $client"
    done <"$work/placements"
}

go_on() {
    install_and_build run all
    open_directory
    check_options
    check_contestants
    prepare_peers
    plan_axes
    check_total
}

# run_copy OF MAX_TIME: measures the plan of another run as it is, in the time that is given (none = any)
run_copy() {
    make_work ""
    copied=$1
    load_settings "$copied/settings.tsv"
    check_plan "$copied" copied
    max_time=$2
    precision=
    check_options
    check_contestants
    prepare
    awk -F '\t' -v names="strategy $names $reference$AGAIN" '
        BEGIN { n = split(names, name, " "); for (i = 1; i <= n; i++) there[name[i]] = 1 }
        $4 in there' "$copied/plan.tsv" >"$out/plan.new" && put_plan || cannot_fill
    measure
}

measure() {
    trap interrupted INT TERM HUP
    begin_cap
    run_plan
    run_until_precise
    trap - INT TERM HUP
}

# ---- what comes of it ----

# "VERDICT TAB COUNT" of the samples that are not ok, without the warm-up
invalid_samples() {
    set -- "$out/trials.csv"
    [ ! -f "$out/wire.csv" ] || set -- "$@" "$out/wire.csv"
    awk -F, -v OFS='\t' 'FNR == 1 { for (i = 1; i <= NF; i++) if ($i == "verdict") at = i; next }
        $at != "ok" && $at != "warm-up" { count[$at]++ }
        END { for (verdict in count) print verdict, count[verdict] }' "$@" >"$work/unsorted" && sort "$work/unsorted"
}

# "81 of 2001 samples (78 noisy, 3 errors)"
list_invalid() {
    awk -F '\t' -v total="$total" '
        { sum += $2; list = list (NR > 1 ? ", " : "") $2 " " $1 }
        END { printf "%d of %d samples (%s)", sum, total, list }' "$work/invalid"
}

# Comparisons that are not to be trusted, one a line
lost_comparisons() {
    "$top/${BUILD:-build}/bin/runs" lost "$out"
}

rows_by_switches() {
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "instrument") at = i }
        NR > 1 && $at == "ctxsw"' "$out/trials.csv"
}

finish() {
    conclude
    tell_what_is_missing
}

# The columns that tables may have where they are printed; none = any number
table_room() {
    room=
    [ ! -t 1 ] || { room=$(($(terminal_columns 2>&3) - 1)); } 3>&1
}

# Tables and figures, and where they are. What cannot be printed is in the directory still.
conclude() {
    [ -s "$out/trials.csv" ] || fail "nothing could be measured: see $out/skipped.tsv"
    table_room
    runs=$top/${BUILD:-build}/bin/runs
    "$runs" summary ${room:+--room "$room"} "$out" >"$work/tables.2" || exit 1
    [ ! -s "$out/wire.csv" ] || "$runs" wire "$out" >>"$work/tables.2" || exit 1
    # A run without a valid sample has a report that says so (status 3); the comparisons below are lost, too.
    [ -n "$no_figures" ] || "$runs" report "$out" || [ $? -eq 3 ] || exit 1
    [ -z "$cpus" ] || "$runs" scale "$out" >>"$work/tables.2" || exit 1
    print_results "results: $out" "$work"/tables.?
}

# The exit status: 3 if the run does not answer what it was asked (docs/metrics.md, "Verdicts and the exit status"). A
# noisy sample is the machine's doing, whatever is compared, and costs its round; any other verdict depends on what is
# compared, so that leaving such samples out would choose among results.
tell_what_is_missing() {
    by_switches=$(rows_by_switches | wc -l) || fail "cannot count the rows of $out: see above"
    [ "$instrument" != auto ] || [ "$by_switches" -eq 0 ] || say "$program: in $by_switches trials wakeups are context switches: the counter in the kernel cannot be had; build/bin/wakeups --instrument bpf -p \$\$ says why"
    count_lines "$out/plan.tsv" && total=$((lines - 1))
    finished_trials >"$work/finished" || cannot_work
    count_lines "$work/finished" && left=$((total - lines + 1 - skipped))
    invalid_samples >"$work/invalid" || cannot_work
    lost_comparisons >"$work/lost" || exit 1
    broken=$(awk -F '\t' '$1 != "noisy" { n++ } END { print n + 0 }' "$work/invalid") || fail "cannot count the verdicts of $out: see above"
    [ -z "$capped" ] || say "$program: --max-time $max_time was over with $left of $total trials not run; go on with --resume $out --max-time D"
    [ "$skipped" -eq 0 ] || say "$program: $skipped of $total trials were left out: see $out/skipped.tsv"
    [ ! -s "$work/invalid" ] || say "$program: $(list_invalid) are invalid and left out: see the verdict column of $out/*.csv"
    [ ! -s "$work/lost" ] || {
        say "$program: these comparisons lost more than a fifth of their rounds:"
        sed 's/^/  /' "$work/lost" >&2
    }
    [ "$broken" -eq 0 ] && [ ! -s "$work/lost" ] && [ "$skipped" -eq 0 ] && [ -z "$capped" ] && [ ! -s "$work/lacking" ] || exit 3
}
