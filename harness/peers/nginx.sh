#!/bin/sh
# nginx: an epoll per worker. nginx-off: accept_mutex off, the listener is shared with EPOLLEXCLUSIVE (since
# 1.11.3); nginx-on: accept_mutex on, only the lock's holder waits for the listener; nginx-reuseport: a listener each.

# SPDX-License-Identifier: BSD-2-Clause

# shellcheck disable=SC1091,SC2154 # common.sh names the arguments
set -u
. "$(dirname "$0")/common.sh"
need_command
accept_mutex=off
[ "$name" != nginx-on ] || accept_mutex=on
reuseport=
[ "$name" != nginx-reuseport ] || reuseport=reuseport
timeout=0
[ "$keepalive" = 0 ] || timeout=60s
configure <<END
worker_processes $workers;
daemon off;
pid $directory/pid;
events { worker_connections 4096; accept_mutex $accept_mutex; }
http {
    access_log off;
    server_tokens off;
    client_body_temp_path $directory/body;
    fastcgi_temp_path $directory/fastcgi;
    proxy_temp_path $directory/proxy;
    scgi_temp_path $directory/scgi;
    uwsgi_temp_path $directory/uwsgi;
    keepalive_timeout $timeout;
    keepalive_requests 1000000000;
    server {
        listen 127.0.0.1:$port backlog=4096 $reuseport;
        location / { default_type text/plain; return 200 "Hello, world\n"; }
    }
}
END
run $((workers + 1)) nginx -e "$directory/error.log" -c "$directory/conf"
