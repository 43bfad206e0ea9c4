#!/bin/sh
# peers_herd.sh [--rounds N] [--workers N]: wakeups per connection of real servers
#
#   nginx        accept_mutex off, accept_mutex on, listen ... reuseport
#   lighttpd     server.max-worker
#   apache       mpm_event (4 threads each) and mpm_prefork
#   racing, wakeone   the suite's own, to compare with
#
# All at once, each on a port of its own, only one of them loaded at a time: first 200 connections, 20 ms
# apart, so that all workers sleep (low), then 16 connections as fast as they go for 2 seconds (full).
# One request per connection. Counted by `wakeups --port`; medians over the rounds, and the range. `make
# bench-herd` runs it.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=peers_herd
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

rounds=3
workers=8
read_numbers "rounds:1:1000 workers:1:64" "$@"
PATH=$PATH:/usr/sbin
for tool in nginx lighttpd apache2; do
    command -v $tool >/dev/null || fail "there is no $tool: run harness/lib/install.sh peers"
done
build all
why=$("$top/build/bin/wakeups" --instrument bpf --pid $$ --duration 10ms --json 2>&1 >/dev/null) || fail "${why#wakeups: }"

work=$(mktemp -d) || fail "cannot make a temporary directory"
chmod 755 "$work" # workers of the others give up root
trap 'stop_servers; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
mkdir "$work/www"
printf 'Hello, world\n' >"$work/www/index.html"

lighttpd_configuration() {
    cat <<END
server.document-root = "$work/www"
server.bind = "127.0.0.1"
server.port = $2
server.max-worker = $workers
server.errorlog = "$work/$1.log"
index-file.names = ( "index.html" )
END
}

apache_configuration() {
    modules=/usr/lib/apache2/modules
    case $1 in
    apache-event) limits="ThreadsPerChild 4
MaxRequestWorkers $((4 * workers))
MinSpareThreads $((4 * workers))
MaxSpareThreads $((4 * workers))" ;;
    *) limits="MaxRequestWorkers $workers
MinSpareServers $workers
MaxSpareServers $workers" ;;
    esac
    cat <<END
ServerRoot $work
ServerName localhost
DefaultRuntimeDir $work
PidFile $work/$1.own-pid
ErrorLog $work/$1.log
Listen 127.0.0.1:$2
LoadModule mpm_${1#apache-}_module $modules/mod_mpm_${1#apache-}.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule dir_module $modules/mod_dir.so
DocumentRoot $work/www
ServerLimit $workers
StartServers $workers
$limits
END
}

low() {
    for _ in $(seq 200); do
        one_request "$1" || fail "a request failed, at port $1"
        sleep 0.02
    done
}

full() {
    "$top/build/bin/load" --connections 16 --duration 2s "http://127.0.0.1:$1/" >/dev/null || fail "requests failed, at port $1"
}

# measure SERVER LOAD: wakeups per connection, of these useful, spurious, absorbed, by time-out
measure() {
    port=$(cat "$work/$1.port")
    "$top/build/bin/wakeups" --instrument bpf --port "$port" --json >"$work/wakeups.json" &
    wakeups_pid=$!
    sleep 0.5
    "$2" "$port"
    kill -INT $wakeups_pid
    wait $wakeups_pid || fail "wakeups failed: see above"
    jq -er '.summary.connections as $n | .workers[-1] |
        [.wakeups, .useful, .spurious - .timeouts, .absorbed, .timeouts] | map(. / $n) | @tsv' "$work/wakeups.json" ||
        fail "no connection to $1 was counted"
}

nginx_location="root $work/www;"
for way in off on reuseport; do
    start_peer nginx-$way nginx_configuration nginx -c
done
start_peer lighttpd lighttpd_configuration lighttpd -D -f
for mpm in event prefork; do
    start_peer apache-$mpm apache_configuration apache2 -D FOREGROUND -f
done
for name in racing wakeone; do
    start_server $name "$top/build/epoll/$name" --workers "$workers"
done
servers="nginx-off nginx-on nginx-reuseport lighttpd apache-event apache-prefork racing wakeone"
sleep 1 # apache starts its processes one after the other

for round in $(seq "$rounds"); do
    for server in $(shuffled "$round" "$servers"); do
        for load in low full; do
            counted=$(measure "$server" $load) || exit 1
            printf '%s\t%s\t%s\n' "$server" "$load" "$counted"
        done
    done
done >"$work/samples"

printf '%-16s %-5s %9s %15s %8s %9s %9s %9s\n' server load wakeups 'least to most' useful spurious absorbed time-outs
for server in $servers; do
    for load in low full; do
        awk -F '\t' -v server="$server" -v load="$load" '$1 == server && $2 == load' "$work/samples" |
            datamash -g 1,2 median 3 min 3 max 3 median 4 median 5 median 6 median 7
    done
done | awk -F '\t' '{ printf "%-16s %-5s %9.2f %7.2f %7.2f %8.2f %9.2f %9.2f %9.2f\n", $1, $2, $3, $4, $5, $6, $7, $8, $9 }'
