# Servers that outlive one trial, for commands that drive them with other people's clients. Sourced
# after common.sh; $work is a directory for their ready lines. Whoever starts servers has
# stop_servers in a trap on EXIT.
# shellcheck shell=sh
: "${top:?is set by whoever sources this}" "${work=}" "${workers=}" "${nginx_location=}"

# start_server NAME COMMAND...: one of the suite's servers; its port goes to $work/NAME.port
start_server() {
    server_name=$1
    shift
    : >"$work/$server_name.ready" # the process may come to open it later than we look
    setsid "$@" >"$work/$server_name.ready" 2>"$work/$server_name.log" &
    wait_for_line "$work/$server_name.ready" $! ||
        fail "$server_name did not start: $(tail -n 1 "$work/$server_name.log")"
    sed -n 's/.*port=\([0-9]*\).*/\1/p' "$work/$server_name.ready" >"$work/$server_name.port"
    sed -n 's/.*pid=\([0-9]*\).*/\1/p' "$work/$server_name.ready" >"$work/$server_name.pid"
}

# wait_for_line FILE PID: until the file has a whole line; fails when the process ends first
wait_for_line() {
    while [ "$(wc -l <"$1")" -eq 0 ]; do
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.05
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

# ---- servers of others ----

# Others cannot choose a port of their own: a server of ours finds a free one and leaves it again.
free_port() {
    start_server probe "$top/build/epoll/racing"
    cat "$work/probe.port"
    stop_probe=$(cat "$work/probe.pid")
    kill "$stop_probe"
    while kill -0 "$stop_probe" 2>/dev/null; do sleep 0.05; done
    rm -f "$work/probe.pid"
}

one_request() {
    "$top/build/bin/load" --count 1 --connections 1 "http://127.0.0.1:$1/" >/dev/null 2>&1
}

# start_peer NAME CONFIGURE COMMAND...: in a session of its own (lighttpd ends its process group)
start_peer() {
    peer=$1
    port=$(free_port) || exit 1
    "$2" "$peer" "$port" >"$work/$peer.conf"
    shift 2
    setsid "$@" "$work/$peer.conf" >>"$work/$peer.log" 2>&1 &
    echo $! >"$work/$peer.pid"
    echo "$port" >"$work/$peer.port"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        one_request "$port" && return
        sleep 0.1
    done
    fail "$peer did not start: $(tail -n 1 "$work/$peer.log")"
}

# nginx_configuration nginx-off|nginx-on|nginx-reuseport PORT: its accept_mutex, or a listener for each;
# $nginx_location is what it answers with
nginx_configuration() {
    accept_mutex=off
    [ "$1" != nginx-on ] || accept_mutex=on
    listen_option=
    [ "$1" != nginx-reuseport ] || listen_option=reuseport
    cat <<END
worker_processes $workers;
daemon off;
pid $work/$1.own-pid;
error_log $work/$1.log;
events { worker_connections 1024; accept_mutex $accept_mutex; }
http {
    access_log off;
    client_body_temp_path $work/body;
    fastcgi_temp_path $work/fastcgi;
    proxy_temp_path $work/proxy;
    scgi_temp_path $work/scgi;
    uwsgi_temp_path $work/uwsgi;
    server {
        listen 127.0.0.1:$2 backlog=4096 $listen_option;
        $nginx_location
    }
}
END
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
