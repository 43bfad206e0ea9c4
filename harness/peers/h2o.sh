#!/bin/sh
# h2o: one process, a thread per worker, each of which waits for the shared listener with an epoll of its own.

# SPDX-License-Identifier: BSD-2-Clause

# shellcheck disable=SC1091,SC2154 # common.sh names the arguments
set -u
. "$(dirname "$0")/common.sh"
need_command
write_page
configure <<END
num-threads: $workers
pid-file: $directory/pid
error-log: $directory/error.log
server-name: ""
http1-request-timeout: 10
hosts:
  default:
    listen:
      host: 127.0.0.1
      port: $port
    paths:
      "/":
        file.dir: $directory/www
        file.etag: OFF
END
run "$workers" h2o -m worker -c "$directory/conf"
