# How published results are measured: the steps of a stanza, bench, halves and client. Each writes CSV with the columns round,
# strategy, ..., and possibly verdict or failed, to $dir, the directory of the result. Sourced by commands/claims.sh, which sets
# $dir, $work, $rounds and the keys of the stanza. A hook may redefine measure() and derive().
# shellcheck shell=sh disable=SC2034,SC2154 # shares its variables with commands/claims.sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

# measure: runs the steps one after the other, in this shell, so that its trap can end what they have started
measure() {
    [ -n "$steps" ] || { message "$program: $id needs more than one machine: $here" && return 1; }
    [ -z "$on_cpus" ] || use_cpus "$on_cpus"
    while read -r step options; do
        eval "run_$step $options" </dev/null || return 1
    done <<END
$steps
END
}

# derive: writes files in $dir that the verdict needs and no step writes; runs before each evaluation
derive() {
    :
}

# run_command COMMAND OPTIONS...: a command that measures, in the background, so that the trap of this shell can end it; its
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

# run_bench NAME OPTIONS OF bench...: a run in $dir/NAME. Invalid samples are marked in its rows.
run_bench() {
    part=$1
    shift
    rm -rf "${dir:?}/$part"
    run_command bench --out "$dir/$part" "$@"
    [ "$part_status" -eq 0 ] || [ "$part_status" -eq 3 ]
}

part_pid=

# end_command: ends the running command, if there is one
end_command() {
    [ -z "$part_pid" ] || { kill -TERM "$part_pid" 2>/dev/null; wait "$part_pid"; }
}

# ---- more CPUs than this machine has ----

# Arguments of `kernels`: kernel, clock, duration. Costs are flat: with those of cache lines the CPUs of the load are the
# limit (client-bound) with one listener, since they deliver the connections.
VIRTUAL_TIME="cloud --virtual --window 20ms --warmup 20ms --known 2 --time-limit 60m"

# run_halves NAME OPTIONS OF bench...: a run in $dir/NAME with the server on the first half of $cpus CPUs and the load on the
# other: CPUs of this machine, or of a guest in virtual time, depending on $clock
run_halves() {
    part=$1
    shift
    if [ "$clock" = virtual ]; then
        run_virtual "$part" --cpus "$cpus" --split half "$@"
    else
        run_bench "$part" --cpus "$cpus" --split half --window 200ms "$@"
    fi
}

# run_virtual NAME OPTIONS OF kernels...: a run of a guest in $dir/NAME, and its clock in $work/clock. If no guest was booted, its
# packages are unavailable, and the message of `kernels` is the missing requirement.
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
    set -- "$dir"/guests/*/trials.csv # there is one kernel
    mv "${1%/*}" "$dir/$part" && rm -r "$dir/guests" && describe_clock "$dir/$part/env.json" >"$work/clock"
}

# describe_clock ENVIRONMENT: of a run in virtual time
describe_clock() {
    jq -r '"Linux \(.kernel), " + (.lab.virtual | (to_entries | map("\(.key | gsub("_"; " ")) \(.value)") | join(", ")) +
        if .model == "flat" then ": each instruction costs the same, and a cache line of another CPU costs no more" else "" end)' "$1"
}

has_few_cpus() {
    [ -n "$cpus" ] && [ "$(nproc)" -lt "$cpus" ]
}

# few_cpus [WHY]: the requirement of a result that needs more CPUs, and why virtual time is unavailable
few_cpus() {
    echo "$cpus CPUs, and this machine has $(nproc): $cpus_why${1:+; in virtual time: $1}"
}

# virtual_time_needs: a missing requirement of guests in virtual time; nothing if they can be tried. Whether their packages can be
# downloaded is known only to `kernels`.
virtual_time_needs() {
    [ "$(uname -m)" = x86_64 ] || { echo "an x86-64 machine" && return; }
    is_checkout || { echo "a checkout, since programs are built for guests" && return; }
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

# use_cpus N: restricts this shell and its children to N CPUs from now on
use_cpus() {
    [ "$(nproc)" -gt "$1" ] || return 0
    these=$("$top/${BUILD:-build}/bin/placement" --cpus "$1" --split shared | cut -f2)
    taskset -cp "$these" "$(exec sh -c 'echo $PPID')" >/dev/null
}
