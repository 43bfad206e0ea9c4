#!/bin/sh
# load_size.sh: 10,000 connections open at once from one thread, and 1,000,000 requests without a leak
#
# Leaks are detected by comparing memory and descriptors of the process at the beginning and at the end of
# a run. `make validate-load` runs it.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=load_size
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"
[ $# -eq 0 ] || fail_usage "takes no options"
build all

make_work stop_servers
trap 'exit 1' INT TERM HUP
start_server server "$top/build/epoll/wakeone" --workers 4 --keepalive
url=http://127.0.0.1:$(cat "$work/server.port")/

# watched NAME OPTIONS...: runs load; prints memory and descriptors after one second, and the largest values
watched() {
    name=$1
    shift
    "$top/build/bin/load" --json="$work/json" "$@" "$url" >"$work/out" 2>"$work/err" &
    client=$!
    sleep 1
    : >"$work/seen"
    while kill -0 $client 2>/dev/null; do
        resident=$(awk '/^VmRSS/ { print $2 }' /proc/$client/status 2>/dev/null)
        descriptors=$(find /proc/$client/fd 2>/dev/null | wc -l)
        [ -z "$resident" ] || echo "$resident $descriptors" >>"$work/seen"
        sleep 0.2
    done
    wait $client
    status=$?
    jq -r --arg name "$name" --arg first "$(head -n 1 "$work/seen")" \
        --arg most "$("$top/build/bin/stats" --columns max:1,max:2 <"$work/seen" | cut -f 2,3 | tr '\t' ' ')" --arg status $status '.summary |
        "\($name): \(.requests) requests on \(.conns) connections, status \($status), verdict \(.verdict); " +
        "KiB resident and descriptors after 1 s: \($first), most: \($most)"' "$work/json"
}

watched "10,000 connections at once" --connections 10000 --requests-per-connection 0 --duration 5s
watched "1,000,000 requests, one a connection" --connections 16 --count 1000000
