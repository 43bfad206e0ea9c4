#!/bin/sh
# haproxy as a server: one process, a thread per worker, each of which waits for the shared listener with an epoll of its
# own; the accepting thread passes the connection to the thread with the fewest.

# SPDX-License-Identifier: BSD-2-Clause

# shellcheck disable=SC1091,SC2154 # common.sh names the arguments
set -u
. "$(dirname "$0")/common.sh"
need_command
close='option httpclose'
[ "$keepalive" = 0 ] || close='option http-keep-alive'
configure <<END
global
    nbthread $workers
    maxconn 4000
defaults
    mode http
    timeout client 60s
    timeout http-request 10s
    timeout http-keep-alive 60s
    timeout connect 1s
    timeout server 1s
    $close
frontend wakeone
    bind 127.0.0.1:$port backlog 4096
    http-request return status 200 content-type text/plain string "Hello, world\n"
END
run "$workers" haproxy -db -f "$directory/conf"
