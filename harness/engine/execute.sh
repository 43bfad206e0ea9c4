# From the plan to rows: one trial after the other, whatever ends it. Sourced after rounds.sh and directory.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # shares its variables with the other files of the engine
: "${top:?must be set by the caller}"

# What runs a trial. Tests put others in place of both, that need no time (tests/cli/fake_trial.c).
executor=${WAKEONE_EXECUTOR:-$top/${BUILD:-build}/bin/trial}
environment=${WAKEONE_ENVIRONMENT:-$top/harness/lib/environment.sh} # what describes the machine, as JSON
trial_pid=
capped=
skipped=0
tell_at=0
TELL_EACH_MS=10000 # where there is no terminal

how_to_go_on() {
    say "$program: what was measured is in $out; go on with: ./run.sh bench --resume $out"
}

# Trials have sessions of their own for their servers and end them themselves.
# shellcheck disable=SC2317 # called by a trap
interrupted() {
    trap '' INT TERM HUP
    [ -z "$trial_pid" ] || kill -TERM "$trial_pid" 2>/dev/null
    wait
    clear_line
    say "$program: interrupted"
    how_to_go_on
    exit 1
}

# Whether packets may be captured is known now, not after the rounds that need none.
check_capture() {
    [ "$wire_rounds" -gt 0 ] || return 0
    "$top/${BUILD:-build}/bin/trial" --strategy wakeone --window 10ms --wire >/dev/null
    [ $? -ne 1 ] || fail "cannot capture packets: see above, or leave out --wire"
}

time_to_go() {
    minutes $(((total - trial + 1) * trial_ms))
}

show_progress() {
    if is_terminal; then
        to_go=$(time_to_go)
        show_line "[$trial/$total] round $round: $strategy, $cell_workers workers; $to_go to go" \
            "[$trial/$total] $strategy; $to_go to go" "$to_go to go, [$trial/$total]"
    elif [ "$now" -ge "$tell_at" ]; then
        say "round $round, trial $trial of $total, $(time_to_go) to go"
        tell_at=$((now + TELL_EACH_MS))
    fi
}

# The server cannot be had with so many workers here: the others can.
skip_cell() {
    printf '%s, %s workers\t%s\n' "$strategy" "$cell_workers" "$(tail -n 1 "$work/said")" >>"$out/skipped.tsv" || cannot_fill
    skipped=$((skipped + 1))
}

# The words of a trial: of the line of the plan that was read
# shellcheck disable=SC2086 # words with blanks between
set_words() {
    [ "$cell_load" != - ] || cell_load=
    [ "$cell_rate" = - ] && amount="--connections $cell_connections" || amount="--rate $cell_rate"
    case $cell_kind in
    warm-up) mark=--warm-up-trial ;;
    wire) mark=--wire ;;
    *) mark= ;;
    esac
    place=
    [ "$cell_server_cpus" = - ] || place="--server-cpus $cell_server_cpus --client-cpus $cell_client_cpus"
    strategy_words="--strategy $(program_of "${server%% *}") --as $strategy"
    case $server in
    *' '*) options="-- ${server#* }" ;;
    *) options= ;;
    esac
    trial_words="--parent $$ --trial $trial --round $round --position $position $strategy_words
        --backend $cell_backend --workers $cell_workers --threads $cell_threads $amount
        --requests-per-connection $cell_requests --window $cell_window --warmup $cell_warmup
        --seed $((cell_seed + round)) --instrument $cell_instrument $mark $place $cell_load $options"
}

run_trial() {
    set_words
    # shellcheck disable=SC2086 # words with blanks between
    "$executor" --out "$out" $trial_words </dev/null 3<&- 2>"$work/said" &
    trial_pid=$!
    wait "$trial_pid"
    status=$?
    trial_pid=
    [ ! -s "$work/said" ] || { clear_line && cat "$work/said" >&2; }
    case $status in
    0 | 3) done_here=$((done_here + 1)) ;;
    2) [ -s "$work/said" ] && skip_cell || trial_failed ;; # a shell that could not start it is silent there
    *) trial_failed ;;
    esac
}

trial_failed() {
    clear_line
    say "$program: trial $trial ($strategy, $cell_workers workers) failed"
    how_to_go_on
    exit 1
}

# Goes through the plan, and runs what has no row yet. Sets `capped` where the time was over.
run_plan() {
    count_lines "$out/plan.tsv" && total=$((lines - 1))
    finished_trials >"$work/finished" || cannot_work
    awk -F '\t' 'NR == FNR { finished[$1] = 1; next } FNR > 1 && !($1 in finished)' \
        "$work/finished" "$out/plan.tsv" >"$work/left" || cannot_work
    exec 3<"$work/left"
    while IFS=$TAB read -r trial round position strategy server cell_backend cell_workers _ cell_server_cpus \
        cell_client_cpus cell_threads cell_connections cell_rate cell_requests cell_window cell_warmup cell_seed \
        cell_instrument cell_load cell_kind <&3; do
        is_time_for "$trial_ms" || { capped=1 && break; }
        update_trial_ms
        show_progress
        run_trial
    done
    exec 3<&-
    clear_line
}
