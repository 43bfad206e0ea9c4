#!/bin/sh
# soak.sh [--strategies LIST] [--duration D] [--at-a-time N] [--build DIR]: full load for a long time
#
# Each strategy serves the load with 8 workers for the duration (10m): one request per connection, seven, and as many as
# the server allows, from three load processes at the same time. Descriptors and memory (resident, anonymous) of all its
# processes are read sixty times. The result is flat if neither grows after the first tenth, in which pools and caches
# fill. --build build/sanitize uses ASan and UBSan, without the check of memory. `make soak` runs both. Exit status 1 if
# a request failed, a server did not exit with status 0, or something grew.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=soak
. "$top/harness/lib/common.sh"
. "$top/harness/lib/strategies.sh"

strategies=all
duration=10m
at_a_time=1
build=build
while [ $# -gt 0 ]; do
    needs_value "$1" $#
    case $1 in
    --strategies) strategies=$2 ;;
    --duration) check_duration "$1" "$2" 1000 86400000 && duration=$2 ;;
    --at-a-time) check_number "$1" "$2" 1 64 && at_a_time=$2 ;;
    --build) build=$2 ;;
    *) fail_usage "there is no option '$1'" ;;
    esac
    shift 2
done
check_strategies "$strategies" && strategies=$list
servers=$top/$build/epoll
[ -x "$servers/racing" ] || fail_usage "$build has no programs: run make, or make sanitize"
load=$top/build/bin/load
milliseconds "$duration" && interval=$((ms / 60000))
[ "$interval" -ge 1 ] || interval=1
GROWTH_KIB=512 # of all processes together; less than one connection's buffers per worker

work=$(mktemp -d) || fail "cannot make a temporary directory"
trap 'for file in "$work"/*/*.pid; do [ -s "$file" ] && kill -TERM "$(cat "$file")" 2>/dev/null; done; wait; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# usage PID: descriptors and KiB of it and its children; a process that is exiting is not counted
usage() {
    for pid in $1 $(pgrep -P "$1"); do
        kib=$(sed -n 's/^RssAnon:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null)
        [ -z "$kib" ] || echo "$(find "/proc/$pid/fd" -mindepth 1 2>/dev/null | wc -l) $kib"
    done | awk '{ fds += $1; kib += $2 } END { print fds + 0, kib + 0 }'
}

watch_usage() {
    while kill -0 "$1" 2>/dev/null && [ ! -e "$2/over" ]; do
        usage "$1" >>"$2/usage"
        sleep "$interval"
    done
}

# Compares the peaks of the second half with those of the first, without the first tenth. Numbers of open
# connections vary, a leak only grows.
check_usage() {
    awk -v growth="$GROWTH_KIB" -v memory="$2" '
        { fds[NR] = $1; kib[NR] = $2 }
        END {
            first = int(NR / 10) + 1
            for (i = first; i <= NR; i++) {
                late = i > (first + NR) / 2
                if (fds[i] > max_fds[late]) max_fds[late] = fds[i]
                if (kib[i] > max_kib[late]) max_kib[late] = kib[i]
            }
            printf "descriptors %d then %d, KiB %d then %d", max_fds[0], max_fds[1], max_kib[0], max_kib[1]
            exit max_fds[1] > max_fds[0] + 24 || (memory && max_kib[1] > max_kib[0] + growth)
        }' "$1/usage"
}

# soak STRATEGY: prints one line; status 1 if it failed
soak() {
    place=$work/$1
    mkdir "$place"
    workers=$(workers_max "$1")
    # with keep-alive, a client would occupy the only worker forever
    keep=--keepalive
    [ -z "$workers" ] || keep=
    : >"$place/ready" # read below, perhaps before the server opens it
    "$servers/$1" --workers "${workers:-8}" $keep >"$place/ready" 2>"$place/log" &
    server=$!
    echo $server >"$place/$1.pid"
    until grep -q '^ready' "$place/ready"; do
        kill -0 $server 2>/dev/null || { echo "$1: did not start: $(tail -n 1 "$place/log")"; return 1; }
        sleep 0.05
    done
    url=http://127.0.0.1:$(sed -n 's/.*port=\([0-9]*\).*/\1/p' "$place/ready")/
    watch_usage $server "$place" &
    loads=
    for requests in 1 7 0; do
        "$load" --duration "$duration" --connections 2 --requests-per-connection $requests \
            --timeout 60s --json="$place/load-$requests" "$url" >/dev/null 2>>"$place/errors" &
        loads="$loads $!"
    done
    status=0
    for pid in $loads; do
        wait "$pid" || status=1
    done
    touch "$place/over"
    kill -TERM $server
    wait $server || { status=1; tail -n 3 "$place/log"; }
    rm -f "$place/$1.pid"
    made=$(jq -s 'map(.summary.requests) | add' "$place"/load-*)
    grown=$(check_usage "$place" "$memory") || status=1
    [ -s "$place/errors" ] && cat "$place/errors"
    [ -s "$place/log" ] && { cat "$place/log"; status=1; }
    [ $status -eq 0 ] && word=flat || word=WRONG
    printf '%-24s %12s requests, %s: %s\n' "$1" "$made" "$grown" "$word"
    return $status
}

memory=1
[ "$build" = build ] || memory=0
number=0
pids=
failed=0
for strategy in $strategies; do
    why=$(why_unavailable "$strategy")
    [ -z "$why" ] || { message "$strategy: $why"; continue; }
    # starts are staggered, because at the end each has only a few seconds to stop
    [ "$at_a_time" -eq 1 ] || sleep 3
    soak "$strategy" &
    pids="$pids $!"
    number=$((number + 1))
    [ $((number % at_a_time)) -ne 0 ] || {
        for pid in $pids; do wait "$pid" || failed=1; done
        pids=
    }
done
for pid in $pids; do wait "$pid" || failed=1; done
exit $failed
