#!/bin/sh
# bench: strategies against each other, interleaved, repeated, judged and drawn
#
# usage: ./run.sh bench [OPTIONS]
#
# who:
#   --strategies LIST               names, all, or none (racing,wakeone,fdpass,mutex); ./run.sh selftest
#                                   lists them all
#   --peers LIST                    servers of others beside them, or all: nginx-off, lighttpd, apache-event, ...
#                                   (harness/peers/peers.tsv); ./run.sh peers has more of it
#   --also "NAME=STRATEGY OPTIONS"  one more, under a name of its own and with options of its server:
#                                   "slow=wakeone --service-us 10"; may be given several times
#   --reference NAME                whom ratios are to (racing, or the first); it is measured twice, and
#                                   what it differs from itself by is the noise floor
# axes; a list is 2,8 or 2..64x2 (2,8,32,64), or 4/cpu where that is said:
#   --workers LIST                  worker processes, also per CPU (2,8,32,64)
#   --cpus LIST                     CPUs that server and client have between them, each worker and each
#                                   thread of the load on one of them (all, and nothing on any one)
#   --split half|shared|S:C         how they share these: whole cores apart, all for both, or two lists
#                                   such as 0-3:4-7 (shared)
#   --connections LIST              open at a time, also per CPU (16)
#   --rate LIST                     an open loop instead: requests per second, whatever the server does
#   --arrivals constant|poisson     of --rate (constant)
#   --requests-per-connection LIST  0 = as many as the server allows (1)
#   --threads N                     of the load (one per CPU of the client, in an open loop half as many
#                                   where the server is there too)
#   --load "OPTIONS"                more for the load, for all: "--close rst --timeout 2s"
# from other hosts (docs/cluster.md):
#   --clients HOSTS                 make the load instead of this one: a,b:2 (two processes on b), @FILE (one a line,
#                                   as of mpirun), or job (those of a Slurm or PBS job); takes mpirun
#   --server-address A              where servers listen (127.0.0.1): needed with --clients
# how long:
#   --rounds N                      how often each cell is measured (100)
#   --precision P                   goes on with cells until no interval of a ratio is wider than, say, 2%
#                                   to each side
#   --max-time D                    no trial begins after that (none; with --precision 30m)
#   --window D                      what is measured of each (50ms)
#   --warmup D                      load before each window (50ms)
#   --seed N                        of the random order (1)
# what:
#   --instrument auto|ctxsw         what counts wakeups: context switches alone (ctxsw), or the counter in
#                                   the kernel beside them where it can be had, which tells absorbed
#                                   wakeups from others, and slows racing servers (docs/method.md)
#   --wire                          as many rounds more, in which the packets on loopback are captured:
#                                   latency as the network saw it, in wire.csv; takes root
# where:
#   --out DIR                       where the results go (results/<host>-<kernel>-<utc>)
#   --resume DIR                    go on with a run that was interrupted; takes no other option but
#                                   --max-time
#   --no-figures                    only measure, and the table
#   --dry-run                       print the plan and how long it will take, and do nothing
#
# example: ./run.sh bench --strategies racing,wakeone --workers 8 --precision 3%

set -u
program=bench
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"

exec_engine bench "$@"
