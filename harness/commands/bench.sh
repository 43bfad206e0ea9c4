#!/bin/sh
# bench: compare strategies: interleaved, repeated trials, ratios with intervals, figures
#
# usage: ./run.sh bench [OPTIONS]
#
# servers under test:
#   --strategies LIST               names, all, or none (racing,wakeone,fdpass,mutex); ./run.sh selftest
#                                   lists them all
#   --peers LIST                    third-party servers, or all: nginx-off, lighttpd, apache-event, ...
#                                   (harness/peers/peers.tsv); see also ./run.sh peers
#   --also "NAME=STRATEGY OPTIONS"  add a server under a name of its own, with server options:
#                                   "slow=wakeone --service-us 10"; may be given several times
#   --reference NAME                the baseline of all ratios (racing, or the first server); it is measured
#                                   twice, and this A/A control sets the noise threshold
# configurations; LIST is 2,8 or 2..64x2 (2,8,32,64), or 4/cpu where "per CPU" is allowed:
#   --workers LIST                  worker processes, also per CPU (2,8,32,64)
#   --cpus LIST                     CPUs of server and client together; each worker and each load thread is
#                                   pinned to one of them (all CPUs, not pinned)
#   --split half|shared|S:C         how server and client divide these: separate whole cores, all for both,
#                                   or two lists such as 0-3:4-7 (shared)
#   --connections LIST              concurrent connections of a closed loop, also per CPU (16)
#   --rate LIST                     open loop instead: requests per second, independent of the server
#   --arrivals constant|poisson     arrival process of --rate (constant)
#   --requests-per-connection LIST  0 = as many as the server allows (1)
#   --threads N                     threads of the load generator (one per client CPU; half as many in an
#                                   open loop that shares its CPUs with the server)
#   --load "OPTIONS"                further options of load, for all servers: "--close rst --timeout 2s"
# clients on other hosts (docs/cluster.md):
#   --clients HOSTS                 hosts that generate the load instead of this one: a,b:2 (two processes on b),
#                                   @FILE (a host file of mpirun), or job (a Slurm or PBS job); requires mpirun
#   --server-address A              address that servers listen on (127.0.0.1); required with --clients
# duration:
#   --rounds N                      samples per configuration and server (100)
#   --precision P                   add rounds until every interval of a ratio is within P, such as 2%, on
#                                   each side
#   --max-time D                    start no trial after D (unlimited; with --precision 30m)
#   --window D                      measurement window of a trial (50ms)
#   --warmup D                      load before each window (50ms)
#   --seed N                        seed of the random order (1)
# instruments:
#   --instrument auto|ctxsw         wakeups: context switches only (ctxsw), or also the BPF counter if it is
#                                   available (auto), which classifies wakeups and slows racing servers
#                                   (docs/method.md)
#   --wire                          as many rounds more with a packet capture on loopback: latency from the
#                                   packets, in wire.csv; requires root
# output:
#   --out DIR                       directory of the run (results/<host>-<kernel>-<utc>)
#   --resume DIR                    continue an interrupted run; the only other option allowed is --max-time
#   --no-figures                    measure and print the table, draw nothing
#   --dry-run                       print the plan and its estimated duration, and exit
#
# example: ./run.sh bench --strategies racing,wakeone --workers 8 --precision 3%

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=bench
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"

exec_engine bench "$@"
