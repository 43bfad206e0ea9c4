#!/bin/sh
# lighttpd: each worker waits for the shared listener with an epoll of its own, without EPOLLEXCLUSIVE.

# SPDX-License-Identifier: BSD-2-Clause

# shellcheck disable=SC1091,SC2154 # common.sh names the arguments
set -u
. "$(dirname "$0")/common.sh"
need_command
write_page
most=1000000
[ "$keepalive" = 1 ] || most=0
configure <<END
server.document-root = "$directory/www"
server.bind = "127.0.0.1"
server.port = $port
server.max-worker = $workers
server.errorlog = "$directory/error.log"
server.tag = ""
server.listen-backlog = 4096
server.max-keep-alive-requests = $most
server.max-keep-alive-idle = 5
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/plain" )
END
run $((workers + 1)) lighttpd -D -f "$directory/conf"
