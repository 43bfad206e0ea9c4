# How many rounds, and how long they take: estimates, the cap, and rounds until the intervals are narrow
# enough. Sourced after settings.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # shares its variables with the other files of the engine
: "${top:?must be set by the caller}"

# What a trial takes besides window and warm-up: start, drain, stop. Only for the first estimate.
OVERHEAD_MS=20
TRIALS_MAX=1000000

# ---- the plan ----

# One line for each number of CPUs: that number, the server's, the client's
list_placements() {
    if [ -z "$cpus$split" ]; then
        all=$(nproc) || fail "cannot count the CPUs: see above"
        printf '%s\t-\t-\n' "$all"
        return
    fi
    case $split in
    *:*) sizes=given ;;
    *) sizes=${cpus:-$(nproc)} ;;
    esac
    for size in $sizes; do
        [ "$size" != given ] && of="--cpus $size" || of=
        # shellcheck disable=SC2086 # nothing, or two words
        "$top/${BUILD:-build}/bin/placement" $of --split "${split:-shared}" || end_as $?
    done
}

# rows_of_plan KIND FIRST_ROUND LAST_ROUND FIRST_TRIAL [BLOCKS]
rows_of_plan() {
    words=$load
    [ -z "$arrivals" ] || words="--arrivals $arrivals${words:+ $words}"
    awk -f "$top/harness/lib/per_cpu.awk" -f "$top/harness/engine/plan.awk" -v workers="$workers" -v connections="$connections" -v rates="$rate" \
        -v requests="$requests_per_connection" -v threads="$threads" -v window="$window" \
        -v warmup="$warmup" -v seed="$seed" -v instrument="$instrument" -v words="${words:--}" -v reference="$reference" \
        -v kind="$1" -v first_round="$2" -v last_round="$3" -v first_trial="$4" -v blocks="${5:-}" \
        -v header="$([ "$1" = warm-up ] && echo 1)" "$work/contestants" "$work/placements"
}

# A warm-up that is not counted, the rounds, and as many with the wire, if it is wanted
write_plan() {
    {
        rows_of_plan warm-up 0 0 1 &&
            rows_of_plan measured 1 "$rounds" 2 &&
            { [ "$wire_rounds" -eq 0 ] || rows_of_plan wire $((rounds + 1)) $((rounds + wire_rounds)) $((rounds * trials_a_round + 2)); }
    } >"$1"
}

plan_axes() {
    contestants_with_limits >"$work/contestants" || cannot_work
    list_placements >"$work/placements" || cannot_work
    rows_of_plan measured 1 1 1 >"$work/round" || cannot_work
    count_lines "$work/round" && trials_a_round=$lines
    [ "$trials_a_round" -gt 0 ] || fail_usage "there is nothing to measure: none of these can have so many workers"
    milliseconds "$window" && trial_ms=$ms
    milliseconds "$warmup" && trial_ms=$((trial_ms + ms + OVERHEAD_MS))
}

# ---- time ----

# What the time is read from, as of proc(5), /proc/uptime. Tests put a clock of their own in its place, which
# fake_trial.c advances.
uptime=${WAKEONE_UPTIME:-/proc/uptime}

# Milliseconds since the machine was started, times in which it was suspended included; setting the clock does
# not change it (proc(5), /proc/uptime).
set_now() {
    read -r now _ <"$uptime"
    now=${now%.*}${now#*.}0
}

minutes() {
    printf '%d:%02d' $(($1 / 60000)) $(($1 / 1000 % 60))
}

# Nobody waits for a year; whoever wants to says for how long.
check_total() {
    total_trials=$((trials_a_round * (rounds + wire_rounds)))
    [ $((trials_a_round + rounds)) -le $TRIALS_MAX ] && [ $total_trials -le $TRIALS_MAX ] ||
        fail_usage "$trials_a_round trials a round and $rounds rounds are more than $TRIALS_MAX trials: take fewer cells or --rounds"
    total_ms=$((total_trials * trial_ms))
    if [ -z "$max_time" ]; then
        [ -z "$precision" ] || max_time=$PRECISION_MAX_TIME
        [ "$total_ms" -le "$DAY_MS" ] ||
            fail_usage "$total_trials trials take $((total_ms / DAY_MS + 1)) days: take fewer cells or --rounds, or say --max-time"
    fi
    [ -n "$max_time" ] || return 0
    milliseconds "$max_time" && [ $((trials_a_round * trial_ms)) -le "$ms" ] ||
        fail_usage "one round takes about $(minutes $((trials_a_round * trial_ms))) minutes, more than --max-time $max_time"
}

tell_total() {
    say "$total_trials trials: $trials_a_round a round, about $(minutes "$total_ms") minutes${max_time:+, $max_time at most}"
}

begin_cap() {
    set_now
    begin_ms=$now
    done_here=0
    cap_ms=
    [ -z "$max_time" ] || { milliseconds "$max_time" && cap_ms=$((now + ms)); }
}

# How long a trial takes here, of those that were run
update_trial_ms() {
    set_now
    [ "$done_here" -lt 10 ] || trial_ms=$(((now - begin_ms) / done_here + 1))
}

is_time_for() {
    [ -z "$cap_ms" ] && return 0
    set_now
    [ $((now + $1)) -le "$cap_ms" ]
}

# ---- until precise ----

# "name TAB pairs TAB half width" of the cells whose interval is wider than wanted
not_precise() {
    "$top/${BUILD:-build}/bin/runs" ratios "$out" >"$work/ratios" || exit 1
    awk -F '\t' -v wanted="$share" '$6 == "" || $6 > wanted { print $1 "\t" $2 "\t" $6 }' \
        "$work/ratios" >"$work/lacking" || cannot_work
}

# How many rounds more the cell that lacks the least should need: the width goes with the root of their number.
rounds_wanted() {
    awk -F '\t' -v wanted="$share" '
        $3 == "" { need = 2 }
        $3 != "" { need = int($2 * ($3 / wanted) ^ 2) + 1 - $2 }
        { if (least == "" || need < least) least = need; if ($2 > most) most = $2 }
        END { if (least > most) least = most; print least < 2 ? 2 : least }' "$work/lacking"
}

# Only the blocks with a cell that lacks something, whole: a pair needs both.
append_rounds() {
    awk -F '\t' '{ split($1, key, "|"); print key[2] "|" key[3] "|" key[4] "|" key[5] "|" key[6] }' \
        "$work/lacking" | sort -u >"$work/blocks" || cannot_work
    last=$(awk -F '\t' 'NR > 1 && $2 > last { last = $2 } END { print last }' "$out/plan.tsv")
    count_lines "$out/plan.tsv" && trials=$((lines - 1))
    rows_of_plan measured $((last + 1)) $((last + $1)) $((trials + 1)) "$work/blocks" >"$work/more" || cannot_work
    [ -s "$work/more" ] || fail "the rows of $out are not of its plan: were they measured on another machine?"
    cat "$out/plan.tsv" "$work/more" >"$out/plan.new" && put_plan || cannot_fill
}

run_until_precise() {
    [ -n "$precision" ] || return 0
    while not_precise && [ -s "$work/lacking" ]; do
        append=$(rounds_wanted) || fail "cannot say how many rounds more: see above"
        one=$(cut -d'|' -f2- "$work/lacking" | cut -f1 | sort -u | wc -l) || fail "cannot count what is not precise: see above"
        count_lines "$work/contestants" && one=$((one * lines * trial_ms))
        is_time_for "$one" || break
        say "$program: $(wc -l <"$work/lacking") intervals are wider than $precision: $append rounds more of these cells"
        append_rounds "$append"
        run_plan
        [ -z "$capped" ] || break
    done
    not_precise
    count_lines "$work/contestants" && tell_lacking $((trial_ms * lines))
}

# tell_lacking MS: of a block's round
tell_lacking() {
    [ -s "$work/lacking" ] || return 0
    say "$program: after $max_time these intervals are wider than $precision:"
    awk -F '\t' -v wanted="$share" -v round_ms="$1" '
        $3 == "" { printf "  %s: no interval\n", $1; next }
        { printf "  %s: %.1f %% after %d rounds; it would take about %.0f minutes more\n", $1, 100 * $3, $2,
              ($2 * ($3 / wanted) ^ 2 - $2) * round_ms / 60000 + 0.5 }' "$work/lacking" >&2
}
