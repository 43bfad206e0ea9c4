# Servers that outlive one trial, for commands that drive them with other people's clients. Sourced
# after common.sh; $work is a directory for their ready lines. Whoever starts servers has
# stop_servers in a trap on EXIT.
# shellcheck shell=sh
: "${top:?must be set by the caller}" "${work=}" "${program=}"

# What a server is started by: it ends with the shell that started it, whatever ends that. Whoever wants it to outlive
# the shell sets another.
with_us="setpriv --pdeathsig TERM"

# try_server NAME COMMAND...: one of the suite's servers, or a peer; its port goes to $work/NAME.port. Status 1 and a
# line if it does not start
try_server() {
    server_name=$1
    shift
    : >"$work/$server_name.ready" # the process may come to open it later than we look
    # shellcheck disable=SC2086 # words with blanks between
    setsid $with_us "$@" >"$work/$server_name.ready" 2>"$work/$server_name.log" &
    wait_for_line "$work/$server_name.ready" $! || {
        say "$program: $server_name did not start: $(tail -n 1 "$work/$server_name.log")"
        return 1
    }
    sed -n 's/.*port=\([0-9]*\).*/\1/p' "$work/$server_name.ready" >"$work/$server_name.port"
    sed -n 's/.*pid=\([0-9]*\).*/\1/p' "$work/$server_name.ready" >"$work/$server_name.pid"
}

# start_server NAME COMMAND...: the same, or the end
start_server() {
    try_server "$@" || exit 1
}

# wait_for_line FILE PID: until the file has a whole line; fails when the process ends first
wait_for_line() {
    while [ "$(wc -l <"$1")" -eq 0 ]; do
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.05
    done
}

# workers_of NAME: the processes of a server that have none of their own. Of a peer that is also its guardian, which sleeps.
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

# Ends every server whose pid is known, and waits until it is gone.
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

# shuffled ROUND NAMES: the names one a line, in an order that depends on the round only
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
