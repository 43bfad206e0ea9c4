# How claims are measured, and the steps that the table has of them: bench, halves, client. Each writes CSV with the columns round,
# strategy, ..., and perhaps verdict or failed, to $dir, the claim's own directory. Sourced by commands/claims.sh, which sets $dir,
# $work, $rounds and what the table says. A claim's hook may define measure() and derive() anew.
# shellcheck shell=sh disable=SC2034,SC2154 # shares its variables with commands/claims.sh
: "${top:?must be set by the caller}"

# measure: one step after the other; in this shell, so that the signal that ends it finds what they have started
measure() {
    [ -n "$steps" ] || { say "$program: $id takes more than one machine: $here" && return 1; }
    [ -z "$on_cpus" ] || use_cpus "$on_cpus"
    while read -r step options; do
        eval "run_$step $options" </dev/null || return 1
    done <<END
$steps
END
}

# derive: files in $dir that the verdicts take and no step has written; before each judgement
derive() {
    :
}

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
    is_checkout || { echo "a checkout: guests run programs that are built for them" && return; }
    missing=$("$top/harness/lib/install.sh" --no-install lab virtual 2>&1) || printf '%s\n' "$missing" | sed -n '$s/^install: //p'
}

# run_client ab|wrk CONNECTIONS WORKERS SERVER...: $rounds rounds without keep-alive, in $dir/clients.csv
run_client() {
    CLIENTS=$1
    CLIENT_CONNECTIONS=$2
    workers=$3
    shift 3
    strategies=$*
    peers=
    client_rounds=$rounds
    {
        echo "$CLIENT_COLUMNS"
        measure_clients 0
    } >"$dir/clients.csv"
}

# use_cpus N: of the CPUs there are only so many from now on, for all that is started
use_cpus() {
    [ "$(nproc)" -gt "$1" ] || return 0
    these=$("$top/${BUILD:-build}/bin/placement" --cpus "$1" --split shared | cut -f2)
    taskset -cp "$these" "$(exec sh -c 'echo $PPID')" >/dev/null
}
