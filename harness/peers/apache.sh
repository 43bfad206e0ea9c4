#!/bin/sh
# apache 2.4. apache-prefork: a process per worker, which waits in accept(2) on the shared listener; the kernel wakes the
# one that has slept longest. apache-event: in each process a thread waits for the listener with an epoll of its own,
# without EPOLLEXCLUSIVE, and passes connections to four others.

# SPDX-License-Identifier: BSD-2-Clause

# shellcheck disable=SC1091,SC2154 # common.sh names the arguments
set -u
. "$(dirname "$0")/common.sh"
need_command
write_page
modules=/usr/lib/apache2/modules
mpm=${name#apache-}
THREADS=4
kept_connections=
case $mpm in
event)
    threads=$((workers * (THREADS + 2) + 1)) # main, listener and its threads
    kept_connections="AsyncRequestWorkerFactor 20" # raises the load at which it closes kept-alive connections
    limits="ThreadsPerChild $THREADS
ThreadLimit $THREADS
MaxRequestWorkers $((THREADS * workers))
MinSpareThreads $((THREADS * workers))
MaxSpareThreads $((THREADS * workers))"
    ;;
*)
    threads=$((workers + 1))
    limits="MaxRequestWorkers $workers
MinSpareServers $workers
MaxSpareServers $((workers + 1))"
    ;;
esac
kept=Off
[ "$keepalive" = 0 ] || kept=On
configure <<END
ServerRoot $directory
ServerName localhost
DefaultRuntimeDir $directory
PidFile $directory/pid
ErrorLog $directory/error.log
ServerTokens Prod
Listen 127.0.0.1:$port
ListenBackLog 4096
LoadModule mpm_${mpm}_module $modules/mod_mpm_${mpm}.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule dir_module $modules/mod_dir.so
DocumentRoot $directory/www
DirectoryIndex index.html
FileETag None
EnableSendfile Off
KeepAlive $kept
MaxKeepAliveRequests 0
ServerLimit $workers
StartServers $workers
MaxConnectionsPerChild 0
$kept_connections
$limits
END
run "$threads" apache2 -D FOREGROUND -f "$directory/conf"
