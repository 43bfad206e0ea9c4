#!/bin/sh
# bench: strategies against each other, interleaved, repeated, judged and drawn
#
# usage: ./run.sh bench [OPTIONS]
#
#   --strategies LIST               names, or all (racing,wakeone,fdpass,mutex); ./run.sh selftest
#                                   lists them all
#   --workers LIST                  worker processes; 2,8 or 2..64x2 (2,8,32,64)
#   --connections LIST              connections open at a time (16)
#   --requests-per-connection LIST  0 = as many as the server allows (1)
#   --rounds N                      how often each cell is measured (5)
#   --window D                      how long (1s)
#   --warmup D                      load before each window (200ms)
#   --instrument auto|ctxsw         what counts wakeups: context switches alone (ctxsw), or the counter in
#                                   the kernel beside them where it can be had, which tells absorbed
#                                   wakeups from others, and slows racing servers (docs/method.md)
#   --wire                          as many rounds more, in which the packets on loopback are captured:
#                                   latency as the network saw it, in wire.csv; takes root
#   --seed N                        of the random order (1)
#   --out DIR                       where the results go (results/<host>-<kernel>-<utc>)
#   --resume DIR                    go on with a run that was interrupted; takes no other option
#   --dry-run                       print the plan and how long it will take, and do nothing
#
# example: ./run.sh bench --strategies racing,wakeone --workers 8 --rounds 10

set -u
program=bench
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/strategies.sh"

strategies=racing,wakeone,fdpass,mutex
workers=2,8,32,64
connections=16
requests=1
rounds=5
window=1s
warmup=200ms
instrument=ctxsw
wire=
seed=1
out=
resume=
dry_run=
given=

# What a trial takes besides window and warm-up: start, drain, stop. Only for the estimate.
OVERHEAD_MS=150

read_options() {
    while [ $# -gt 0 ]; do
        case $1 in
        --help | -h) print_help "$top/harness/commands/bench.sh" && exit 0 ;;
        --dry-run) dry_run=1 && shift && continue ;;
        --wire) wire=--wire && given=$1 && shift && continue ;;
        --strategies | --workers | --connections | --requests-per-connection | --rounds | \
            --window | --warmup | --instrument | --seed | --out | --resume) needs_value "$1" $# ;;
        *) fail_usage "there is no option '$1': see --help" ;;
        esac
        case $1 in
        --strategies) strategies=$2 ;;
        --workers) workers=$2 ;;
        --connections) connections=$2 ;;
        --requests-per-connection) requests=$2 ;;
        --rounds) rounds=$2 ;;
        --window) window=$2 ;;
        --warmup) warmup=$2 ;;
        --instrument) instrument=$2 ;;
        --seed) seed=$2 ;;
        --out) out=$2 ;;
        --resume) resume=$2 ;;
        esac
        [ "$1" = --resume ] || given=$1
        shift 2
    done
}

check_options() {
    strategies=$(check_strategies "$strategies") || exit 2
    workers=$(expand_or_die --workers "$workers" 1 4096) || exit 2
    connections=$(expand_or_die --connections "$connections" 1 1000000) || exit 2
    requests=$(expand_or_die --requests-per-connection "$requests" 0 1000000000) || exit 2
    check_number --rounds "$rounds" 1 1000000
    check_number --seed "$seed" 0 999999999
    case $instrument in
    auto | ctxsw) ;;
    *) fail_usage "--instrument takes auto or ctxsw, not '$instrument'" ;;
    esac
    check_duration --window "$window" 10 86400000
    check_duration --warmup "$warmup" 1 3600000
    check_descriptors
}

# Told now rather than by the first trial that does not get them.
check_descriptors() {
    # shellcheck disable=SC3045 # dash and busybox have -H
    limit=$(ulimit -H -n)
    [ "$limit" != unlimited ] || return 0
    for number in $connections; do
        [ $((number + 64)) -le "$limit" ] || fail_usage \
            "--connections $number takes more descriptors than the $limit there are: raise 'ulimit -Hn'"
    done
}

# Whether packets may be captured is known now, not after the rounds that need none.
check_capture() {
    "$top/${BUILD:-build}/bin/trial" --strategy wakeone --window 10ms --wire >/dev/null
    [ $? -ne 1 ] || fail "cannot capture packets: see above, or leave out --wire"
}

# "strategy:most" of those that take no more workers than that
limits() {
    for name in $strategies; do
        most=$(workers_max "$name")
        [ -z "$most" ] || printf '%s:%s ' "$name" "$most"
    done
}

write_plan() {
    awk -f "$top/harness/lib/plan.awk" -v strategies="$strategies" -v backend=epoll \
        -v limits="$(limits)" -v workers="$workers" -v connections="$connections" -v requests="$requests" \
        -v rounds="$rounds" -v window="$window" -v warmup="$warmup" -v seed="$seed" \
        -v instrument="$instrument" -v wire_rounds="$([ "$wire" ] && echo "$rounds" || echo 0)"
}

# estimate TRIALS: seconds
estimate() {
    per_trial=$(($(milliseconds "$window") + $(milliseconds "$warmup") + OVERHEAD_MS))
    echo $((($1 * per_trial + 999) / 1000))
}

minutes() {
    printf '%d:%02d' $(($1 / 60)) $(($1 % 60))
}

# ---- the run's directory ----

make_directory() {
    [ -n "$out" ] || out=$top/results/$(uname -n)-$(uname -r)-$(date -u +%Y%m%dT%H%M%SZ)
    [ ! -e "$out" ] || fail_usage "$out exists: choose another --out, or go on with it with --resume"
    mkdir -p "$out/hist" 2>/dev/null || fail_usage "cannot make the directory $out: choose another --out"
    out=$(cd "$out" && pwd)
}

# What this kernel does not have is left out, and the run says why.
leave_out_unavailable() {
    available=
    for name in $strategies; do
        lacks=$(fact "$name" 'not available on this kernel')
        if [ "$lacks" ]; then
            say "$program: $name is left out: not available on this kernel: $lacks"
            printf '%s\t%s\n' "$name" "$lacks" >>"$out/skipped.tsv" || fail "cannot write to $out"
        else
            available="$available $name"
        fi
    done
    strategies=$available
    [ -n "$strategies" ] || fail "none of the strategies is available on this kernel"
}

fill_directory() {
    leave_out_unavailable
    write_plan >"$out/plan.tsv" &&
        sh "$top/harness/lib/environment.sh" >"$out/env.json" &&
        describe_strategies >"$out/strategies.tsv" &&
        write_reproduce >"$out/reproduce.sh" &&
        chmod +x "$out/reproduce.sh" || fail "cannot write to $out: is the disk full?"
}

# Name, wakeups expected per idle connection (in n), summary: figures draw from the run alone.
describe_strategies() {
    for name in $strategies; do
        printf '%s\t%s\t%s\n' "$name" "$(fact "$name" wakes)" "$(fact "$name" summary)"
    done
}

commas() {
    echo "$1" | tr -s ' ' ',' | sed 's/^,//;s/,$//'
}

write_reproduce() {
    cat <<END
#!/bin/sh
# Repeats this run: same cells, same order, same windows.
# usage: reproduce.sh [CHECKOUT [OPTIONS OF BENCH]]; the run was made with commit
# $(git -C "$top" rev-parse HEAD 2>/dev/null || echo unknown)
checkout=\${1:-.}
[ -x "\$checkout/run.sh" ] || { echo "reproduce.sh: there is no checkout in \$checkout: name it" >&2; exit 2; }
[ \$# -eq 0 ] || shift
exec "\$checkout/run.sh" bench --strategies $(commas "$strategies") --workers $(commas "$workers") \\
    --connections $(commas "$connections") --requests-per-connection $(commas "$requests") \\
    --rounds $rounds --window $window --warmup $warmup --instrument $instrument --seed $seed $wire "\$@"
END
}

# ---- resuming ----

open_directory() {
    [ -z "$given" ] || fail_usage "--resume takes its settings from the run: leave out $given"
    [ -f "$resume/plan.tsv" ] || fail_usage "there is no run in $resume: it has no plan.tsv"
    out=$(cd "$resume" && pwd)
    [ -w "$out" ] || fail_usage "cannot write to $out"
    window=$(awk -F '\t' 'NR == 2 { print $9 }' "$out/plan.tsv")
    warmup=$(awk -F '\t' 'NR == 2 { print $10 }' "$out/plan.tsv")
    instrument=$(awk -F '\t' 'NR == 2 { print $12 }' "$out/plan.tsv")
    mkdir -p "$out/hist"
    drop_half_rows
}

# A machine that went down in mid-write leaves a line without its end, and workers of a trial that
# has no row: a row of trials.csv is written last, so without it the trial did not happen.
drop_half_rows() {
    for file in "$out/trials.csv" "$out/workers.csv" "$out/wire.csv"; do
        [ -s "$file" ] && [ "$(tail -c 1 "$file" | wc -l)" -eq 0 ] || continue
        say "$program: dropped half a row at the end of $file"
        sed '$d' "$file" >"$file.new" && mv "$file.new" "$file" || fail "cannot write to $out"
    done
    [ -s "$out/workers.csv" ] || return 0
    finished_trials >"$out/finished.tmp" &&
        awk -F, 'NR == FNR { finished[$1] = 1; next } FNR == 1 || $1 in finished' \
            "$out/finished.tmp" "$out/workers.csv" >"$out/workers.new" &&
        mv "$out/workers.new" "$out/workers.csv" || fail "cannot write to $out"
    rm -f "$out/finished.tmp"
}

finished_trials() {
    for file in "$out/trials.csv" "$out/wire.csv"; do
        [ ! -f "$file" ] || awk -F, 'NR > 1 { print $1 }' "$file"
    done
}

# ---- running ----

trial_pid=

how_to_go_on() {
    say "$program: what was measured is in $out; go on with: ./run.sh bench --resume $out"
}

# Trials have sessions of their own for their servers and end them themselves.
# shellcheck disable=SC2317 # called by a trap
interrupted() {
    trap '' INT TERM HUP
    [ -z "$trial_pid" ] || kill -TERM "$trial_pid" 2>/dev/null
    wait
    [ ! -t 2 ] || printf '\r\033[K' >&2
    say "$program: interrupted"
    how_to_go_on
    exit 1
}

show_progress() {
    left=$(estimate $((total - trial + 1)))
    [ ! -t 2 ] || printf '\r\033[K[%d/%d] round %d: %s, %d workers; %s to go' \
        "$trial" "$total" "$round" "$strategy" "$cell_workers" "$(minutes "$left")" >&2
}

# The server cannot be had with so many workers here: the others can.
skip_cell() {
    printf '%s, %s workers\t%s\n' "$strategy" "$cell_workers" "$(tail -n 1 "$said")" >>"$out/skipped.tsv"
    skipped=$((skipped + 1))
}

run_trial() {
    [ "${cell_wire:-no}" = yes ] && look=--wire || look=
    # shellcheck disable=SC2086 # nothing, or one word
    "$top/${BUILD:-build}/bin/trial" --out "$out" --trial "$trial" --round "$round" --position "$position" \
        --strategy "$strategy" --backend "$backend" --workers "$cell_workers" \
        --connections "$cell_connections" --requests-per-connection "$cell_requests" \
        --window "$window" --warmup "$warmup" --instrument "${cell_instrument:-ctxsw}" $look </dev/null 2>"$said" &
    trial_pid=$!
    wait "$trial_pid"
    status=$?
    trial_pid=
    cat "$said" >&2
    if [ "$status" -eq 2 ]; then
        skip_cell
        return
    fi
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || {
        [ ! -t 2 ] || printf '\n' >&2
        say "$program: trial $trial ($strategy, $cell_workers workers) failed"
        how_to_go_on
        exit 1
    }
}

run_plan() {
    finished=" $(finished_trials | tr '\n' ' ') "
    total=$(($(wc -l <"$out/plan.tsv") - 1))
    last_round=0
    skipped=0
    tab=$(printf '\t')
    exec 3<"$out/plan.tsv"
    read -r _ <&3 # the names of the columns
    while IFS=$tab read -r trial round position strategy backend cell_workers cell_connections \
        cell_requests window warmup seed cell_instrument cell_wire <&3; do
        case $finished in
        *" $trial "*) continue ;;
        esac
        [ -t 2 ] || [ "$round" -eq "$last_round" ] || say "round $round: $total trials in all, $(minutes "$(estimate $((total - trial + 1)))") to go"
        last_round=$round
        show_progress
        run_trial
    done
    exec 3<&-
    [ ! -t 2 ] || printf '\r\033[K' >&2
}

# ---- the whole ----

read_options "$@"
if [ -n "$resume" ]; then
    open_directory
else
    check_options
fi
if [ -n "$dry_run" ]; then
    [ -z "$resume" ] || fail_usage "--dry-run and --resume do not go together"
    write_plan
    trials=$(($(write_plan | wc -l) - 1))
    say "$trials trials, about $(minutes "$(estimate "$trials")") minutes"
    exit 0
fi
"$top/harness/lib/install.sh" ${no_install:+"$no_install"} run || exit $?
build all
[ -z "$wire" ] || check_capture
if [ -z "$resume" ]; then
    make_directory
    fill_directory
fi
strategies=$(cut -f1 "$out/strategies.tsv")
said=$(mktemp) || fail "cannot make a temporary file"
trap 'rm -f "$said"' EXIT
trap interrupted INT TERM HUP
run_plan
trap - INT TERM HUP

[ -s "$out/trials.csv" ] || fail "nothing could be measured: see $out/skipped.tsv"
"$top/harness/stats/summarise.sh" "$out" || exit 1
[ ! -s "$out/wire.csv" ] || sh "$top/harness/stats/wire.sh" "$out" || exit 1
sh "$top/harness/commands/plot.sh" "$out" || exit 1
say "results: $out"
by_switches=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "instrument") at = i }
    NR > 1 && $at == "ctxsw"' "$out/trials.csv" | wc -l)
[ "$instrument" != auto ] || [ "$by_switches" -eq 0 ] || say "$program: in $by_switches trials wakeups are context switches: the counter in the kernel cannot be had; build/bin/wakeups --instrument bpf -p \$\$ says why"
not_ok=$(for file in "$out/trials.csv" "$out/wire.csv"; do
    [ ! -f "$file" ] || awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "verdict") at = i }
        NR > 1 && $at != "ok"' "$file"
done | wc -l)
[ "$skipped" -eq 0 ] || say "$program: $skipped of $total trials were left out: see $out/skipped.tsv"
[ "$not_ok" -eq 0 ] || {
    say "$program: $not_ok of $total rows are not ok and were left out: see the verdict column of $out/*.csv"
    exit 3
}
[ "$skipped" -eq 0 ] || exit 3
