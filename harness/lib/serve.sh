# Starting and stopping servers that run longer than one trial, for commands that use third-party clients. Sourced after
# common.sh; $work is a directory for their ready lines. The caller must have stop_servers in a trap on EXIT.
# shellcheck shell=sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}" "${work=}" "${program=}"

# Command in front of a server, which makes it end with the shell that started it, however that ends. Set it to nothing for
# servers that must outlive the shell.
with_us="setpriv --pdeathsig TERM"

# try_server NAME COMMAND...: starts a server, of the suite or third-party; writes its port to $work/NAME.port. Status 1 and a
# message if it does not start
try_server() {
    server_name=$1
    shift
    : >"$work/$server_name.ready" # read below, perhaps before the new process opens it
    # shellcheck disable=SC2086 # space-separated
    setsid $with_us "$@" >"$work/$server_name.ready" 2>"$work/$server_name.log" &
    wait_for_line "$work/$server_name.ready" $! || {
        message "$program: $server_name did not start: $(tail -n 1 "$work/$server_name.log")"
        return 1
    }
    sed -n 's/.*port=\([0-9]*\).*/\1/p' "$work/$server_name.ready" >"$work/$server_name.port"
    sed -n 's/.*pid=\([0-9]*\).*/\1/p' "$work/$server_name.ready" >"$work/$server_name.pid"
}

# start_server NAME COMMAND...: the same, but exits on failure
start_server() {
    try_server "$@" || exit 1
}

# wait_for_line FILE PID: waits until the file has a complete line; fails if the process ends first
wait_for_line() {
    while [ "$(wc -l <"$1")" -eq 0 ]; do
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.05
    done
}

# workers_of NAME: the processes of a server without children. For third-party servers this includes the watchdog, which sleeps.
workers_of() {
    leaves "$(cat "$work/$1.pid")"
}

leaves() {
    children=$(pgrep -P "$1")
    [ -n "$children" ] || echo "$1"
    for child in $children; do
        leaves "$child"
    done
}

# Ends all servers with a pid file, and waits until they have ended.
stop_servers() {
    for file in "$work"/*.pid; do
        [ -s "$file" ] || continue
        server_pid=$(cat "$file")
        kill -TERM "$server_pid" 2>/dev/null
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            kill -0 "$server_pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$server_pid" 2>/dev/null
        rm -f "$file"
    done
}

# ---- order ----

# shuffled ROUND NAMES: the names, one a line, in an order that depends only on the round
shuffled() {
    awk -v seed="$1" -v names="$2" 'BEGIN {
        count = split(names, name, " ")
        state = seed * 48271 % 2147483647
        for (i = count; i > 1; i--) {
            state = state * 48271 % 2147483647
            j = 1 + int(state / 2147483647 * i)
            swap = name[i]; name[i] = name[j]; name[j] = swap
        }
        for (i = 1; i <= count; i++) print name[i]
    }'
}
