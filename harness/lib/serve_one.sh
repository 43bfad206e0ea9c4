#!/bin/sh
# serve_one.sh start DIR NAME WORKERS | stop DIR: starts or stops a server of the suite, for hyperfine's --setup and
# --cleanup. DIR has its port and pid.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
program=serve_one
. "$top/harness/lib/common.sh"
. "$top/harness/lib/serve.sh"

with_us= # servers outlive this script
action=$1
work=$2
case $action in
start) start_server "$3" "$top/${BUILD:-build}/epoll/$3" --workers "$4" ;;
stop) stop_servers ;;
*) fail_usage "takes start or stop, not '$action'" ;;
esac
