# What claims are measured with: the engine's bench, the clients of others, a burst, a stopped worker. Each writes CSV
# with the columns round, strategy, ..., and perhaps verdict or failed, to $dir, the claim's own directory. Sourced by
# commands/claims.sh, which sets $dir, $work and $rounds.
# shellcheck shell=sh disable=SC2034,SC2154 # shares its variables with the claims
: "${top:?must be set by the caller}"

# run_command COMMAND OPTIONS...: one that measures, in the background, so that the signal that ends this shell finds it; its
# status goes to part_status
run_command() {
    command=$1
    shift
    sh "$top/harness/commands/$command.sh" --no-figures --rounds "$rounds" "$@" >/dev/null &
    part_pid=$!
    wait "$part_pid"
    part_status=$?
    part_pid=
}

# run_bench NAME OPTIONS OF bench...: a run, in $dir/NAME. That rows are not ok is seen in the rows.
run_bench() {
    part=$1
    shift
    rm -rf "${dir:?}/$part"
    run_command bench --out "$dir/$part" "$@"
    [ "$part_status" -eq 0 ] || [ "$part_status" -eq 3 ]
}

part_pid=

# end_command: if one is at work
end_command() {
    [ -z "$part_pid" ] || { kill -TERM "$part_pid" 2>/dev/null; wait "$part_pid"; }
}

# ---- more CPUs than there are ----

# What `kernels` takes for claims: which kernel, its clock, how long. Prices are flat: with those of cache lines the CPUs of the load are the
# limit (client-bound) where one listener is, since they deliver the connections.
VIRTUAL_TIME="cloud --virtual --window 20ms --warmup 20ms --known 2 --time-limit 60m"

# run_halves NAME OPTIONS OF bench...: a run in $dir/NAME in which the first half of $cpus CPUs serves and the other has the
# load: those of this machine, or of a guest in virtual time, which is what `clock` says
run_halves() {
    part=$1
    shift
    if [ "$clock" = virtual ]; then
        run_virtual "$part" --cpus "$cpus" --split half "$@"
    else
        run_bench "$part" --cpus "$cpus" --split half --window 200ms "$@"
    fi
}

# run_virtual NAME OPTIONS OF kernels...: what a guest has measured, in $dir/NAME, and in $work/clock what its clock is. If none was
# booted, its parts cannot be had, and what `kernels` said is what the claim needs.
run_virtual() {
    part=$1
    shift
    rm -rf "${dir:?}/$part" "$dir/guests"
    # shellcheck disable=SC2086 # options
    run_command kernels --out "$dir/guests" $VIRTUAL_TIME "$@" 2>"$work/kernels"
    if [ "$part_status" -ne 0 ]; then
        cat "$work/kernels" >&2
        [ -n "$(find "$dir/guests" -name 'boot-*.log' 2>/dev/null)" ] || few_cpus "$(tail -n 1 "$work/kernels")" >"$dir/needs"
        return 1
    fi
    set -- "$dir"/guests/*/trials.csv # of the one kernel
    mv "${1%/*}" "$dir/$part" && rm -r "$dir/guests" && describe_clock "$dir/$part/env.json" >"$work/clock"
}

# describe_clock ENVIRONMENT: of a run in virtual time
describe_clock() {
    jq -r '"Linux \(.kernel), " + (.lab.virtual | (to_entries | map("\(.key | gsub("_"; " ")) \(.value)") | join(", ")) +
        if .model == "flat" then ": each instruction costs the same, a cache line that another CPU has no more" else "" end)' "$1"
}

has_few_cpus() {
    [ -n "$cpus" ] && [ "$(nproc)" -lt "$cpus" ]
}

# few_cpus [WHY]: what a claim needs that takes more CPUs than there are, and why virtual time is no way out
few_cpus() {
    echo "$cpus CPUs, and here are $(nproc): $cpus_why${1:+; in virtual time: $1}"
}

# lacks_virtual_time: what guests in virtual time take and is not here; nothing if they can be tried. Whether their parts can be
# fetched is seen by `kernels`.
lacks_virtual_time() {
    [ "$(uname -m)" = x86_64 ] || { echo "an x86-64 machine" && return; }
    missing=$("$top/harness/lib/install.sh" --no-install lab virtual 2>&1) || printf '%s\n' "$missing" | sed -n '$s/^install: //p'
}

# run_client ab|wrk CONNECTIONS KEPT WORKERS "STRATEGIES" "PEERS": $rounds rounds, in $dir/clients.csv
run_client() {
    CLIENTS=$1
    CLIENT_CONNECTIONS=$2
    workers=$4
    strategies=$5
    peers=$6
    client_rounds=$rounds
    {
        echo "$CLIENT_COLUMNS"
        measure_clients "$3"
    } >"$dir/clients.csv"
}

# on_two_cpus: of the CPUs there are only two from now on, for all that is started
on_two_cpus() {
    [ "$(nproc)" -gt 2 ] || return 0
    two=$("$top/${BUILD:-build}/bin/placement" --cpus 2 --split shared | cut -f2)
    taskset -cp "$two" "$(exec sh -c 'echo $PPID')" >/dev/null
}

# ---- from CSV to pairs ----

# values FILE COLUMN...: "strategy TAB round TAB value..." of the rows that may be believed, and were timed by `clock`; and of
# invalid ones, with "!verdict" behind the round (values.awk)
values() {
    file=$1
    shift
    awk -f "$top/harness/claims/common/values.awk" -v clock="$clock" -v columns="$*" "$dir/$file"
}

# valid < lines of values: without the invalid ones
valid() {
    awk -F '\t' '$2 !~ /!/'
}

# pairs KEY A B < lines of values: "KEY TAB a TAB b" of each round that has both; what is left out goes to $work/left_out
pairs() {
    awk -f "$top/harness/claims/common/pairs.awk" -v key="$1" -v a="$2" -v b="$3" -v left_out="$work/left_out"
}

# against KEY A NUMBER < lines of values: the same to a number that is known
against() {
    awk -f "$top/harness/claims/common/pairs.awk" -v key="$1" -v a="$2" -v number="$3" -v left_out="$work/left_out"
}

# by_workers < lines of values, the first of which is the number of workers: it goes before the strategy, "8:racing"
by_workers() {
    awk -F '\t' -v OFS='\t' '{ print $3 ":" $1, $2, $4 }'
}

# with_floor KEY A B < lines of values: the pairs, and those of B against itself, which are the noise floor
with_floor() {
    cat >"$work/values"
    pairs "$1" "$2" "$3" <"$work/values"
    pairs "$1-floor" "$3-again" "$3" <"$work/values"
}

# ---- what bench has no column for ----

# run_spread NAME=STRATEGY...: latencies of requests that take 2 ms of CPU time; the spread of each trial, from its
# histogram, in $dir/spread.csv. The first is the reference.
run_spread() {
    reference=${1%%=*}
    for server in "$@"; do
        set -- "$@" --also "$server --service-us 2000"
        shift
    done
    run_bench bench --strategies none "$@" --reference "$reference" --workers 1/cpu --connections 17/cpu --window 2s --warmup 200ms || return 1
    {
        echo round,strategy,mean_per_sd,max_per_mean
        values bench/trials.csv trial | valid | while IFS=$TAB read -r name round trial; do
            awk -v OFS=, -v name="$name" -v round="$round" '
                /^#.Mean/ { gsub(/[^0-9. ]/, ""); mean = $1; sd = $2 }
                /^#.Max/ { gsub(/[^0-9. ]/, ""); most = $1 }
                END { if (sd > 0 && mean > 0) print round, name, mean / sd, most / mean }' "$dir/bench/hist/$trial.hgrm"
        done
    } >"$dir/spread.csv"
}
