# The run's directory: made, filled, locked, opened again. Sourced after settings.sh and contestants.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # shares its variables with the other files of the engine
: "${top:?must be set by the caller}"

make_directory() {
    [ -n "$out" ] || out=$top/results/$(uname -n)-$(uname -r)-$(date -u +%Y%m%dT%H%M%SZ)
    [ ! -e "$out" ] || fail_usage "$out exists: choose another --out, or go on with it with --resume"
    make_directory_for "$out/hist" "$out: choose another --out"
    out=$(cd "$out" && pwd)
    lock_directory
}

LOCK_WAIT_S=10

# The trial that is running has the lock too: whoever goes on with a run waits for it to end.
lock_directory() {
    exec 9>"$out/.lock" || fail "cannot write to $out: is the disk full?"
    flock --wait $LOCK_WAIT_S 9 || fail "another bench is at work in $out"
}

# A plan that is there is whole.
put_plan() {
    sync "$out/plan.new" && mv "$out/plan.new" "$out/plan.tsv"
}

fill_directory() {
    [ ! -s "$work/skipped" ] || cp "$work/skipped" "$out/skipped.tsv" || cannot_fill
    sh "$environment" >"$out/env.json" &&
        describe_contestants >"$out/strategies.tsv" &&
        save_settings >"$out/settings.tsv" &&
        write_reproduce >"$out/reproduce.sh" &&
        chmod +x "$out/reproduce.sh" || cannot_fill
    prepare_peers
}

# What peers were told, and answer, is kept with the run; so are their versions.
prepare_peers() {
    [ -n "$peers" ] || return 0
    mkdir -p "$out/peers" || cannot_fill
    WAKEONE_PEERS=$(cd "$out/peers" && pwd) && export WAKEONE_PEERS || cannot_fill
    for name in $peers; do
        printf '%s\t%s\n' "$name" "$(peer_version "$name")"
    done >"$out/peers/versions.tsv" || cannot_fill
}

cannot_fill() {
    fail "cannot write to $out: is the disk full?"
}

write_reproduce() {
    cat <<'END'
#!/bin/sh
# Measures this run's plan again, the same cells in the same order, and compares the two.
# usage: reproduce.sh [CHECKOUT [OPTIONS OF reproduce]]
END
    cat <<END
# It was made with commit $(git -C "$top" rev-parse HEAD 2>/dev/null || echo unknown)
END
    cat <<'END'
checkout=${1:-.}
[ -x "$checkout/run.sh" ] || { echo "reproduce.sh: there is no checkout in $checkout: name it" >&2; exit 2; }
[ $# -eq 0 ] || shift
exec "$checkout/run.sh" reproduce "$(dirname "$0")" "$@"
END
}

# ---- the plan of a run that is there ----

PLAN_COLUMNS="trial round position strategy server backend workers cpus server_cpus client_cpus threads connections \
rate requests_per_connection window warmup seed instrument load_words kind"

# check_plan RUN [copied]: a line that somebody changed or that has lost its end is named
check_plan() {
    awk -F '\t' -v program="$program" -v columns="$PLAN_COLUMNS" -v copied="${2:+1}" -f "$top/harness/engine/check_plan.awk" "$1/plan.tsv" || awk_ended $? "$1/plan.tsv"
}

# ---- going on ----

open_directory() {
    [ -z "$given" ] || fail_usage "--resume takes its settings from the run: leave out $given"
    for file in plan.tsv settings.tsv strategies.tsv; do
        [ -f "$resume/$file" ] || fail_usage "there is no run in $resume to go on with: it has no $file"
    done
    if [ -f "$resume/shares.csv" ] || [ -d "$resume/latency" ]; then fail_usage "$resume is a compact copy: go on with the run it was made of"; fi
    out=$(cd "$resume" && pwd)
    [ -w "$out" ] || fail_usage "cannot write to $out"
    lock_directory
    new_max_time=$max_time
    load_settings "$out/settings.tsv"
    max_time=${new_max_time:-$max_time}
    drop_half_rows
    check_plan "$out"
    mkdir -p "$out/hist" || cannot_fill
}

# A machine that went down in mid-write leaves a line without its end, and workers of a trial that
# has no row: a row of trials.csv is written last, so without it the trial did not happen.
drop_half_rows() {
    for file in "$out/trials.csv" "$out/workers.csv" "$out/wire.csv"; do
        [ -s "$file" ] || continue
        drop_zeros
        end=$(tail -c 1 "$file" && echo x) || fail "cannot read $file: see above"
        [ "$end" != "${LINE}x" ] || continue
        say "$program: dropped half a row at the end of $file"
        sed '$d' "$file" >"$file.new" && mv "$file.new" "$file" || fail "cannot write to $out"
    done
    [ -s "$out/workers.csv" ] || return 0
    finished_trials >"$work/finished" || cannot_work
    awk -F, 'NR == FNR { finished[$1] = 1; next } FNR == 1 || $1 in finished' \
        "$work/finished" "$out/workers.csv" >"$out/workers.new" &&
        mv "$out/workers.new" "$out/workers.csv" || fail "cannot write to $out"
}

# What a file system leaves where data was not on the disk yet when the power went
drop_zeros() {
    zeros=$(tr -dc '\0' <"$file" | wc -c) || fail "cannot read $file: see above"
    [ "$zeros" -gt 0 ] || return 0
    say "$program: dropped what was not on the disk yet of $file"
    tr -d '\0' <"$file" >"$file.new" && mv "$file.new" "$file" || fail "cannot write to $out"
}

# The numbers of the trials that have a row; a word before them, since awk cannot tell an empty first file.
finished_trials() {
    echo none
    for file in "$out/trials.csv" "$out/wire.csv"; do
        [ ! -f "$file" ] || awk -F, 'NR > 1 { print $1 }' "$file" || return 1
    done
}
