#!/bin/sh
# plot: the figures of a run, drawn again from its files
#
# usage: ./run.sh plot [--png] [--all-loads] [RUN...]
#
# Draws RUN/figures/*.svg and writes RUN/summary.csv, from RUN/trials.csv, workers.csv and hist/, or from a compact copy;
# without RUN, of all in results/reference/. The same files give the same figures, byte for byte.
# Rows whose verdict is not ok are left out. figures/index.tsv lists the figures, and says
# of those that this run cannot have why.
#
#   wakeups      wakeups per accepted connection by workers, what they should be, and the herd
#   throughput   requests a second by workers
#   scale        the same two by CPUs, of runs with several numbers of them, and the law that was fitted
#   where        of runs in virtual time: what the CPUs spend their time on, by CPUs and strategy
#   surface      what racing costs as a multiple of wakeone, by workers and load, of runs with several of both
#   rate         99th percentile by offered rate, of runs with several; the knee
#   latency      the percentiles of latency, by worker count
#   cpu          CPU time per request, server and client
#   share        who took the connections, by worker count; Jain's index
#   classes      useful, spurious and absorbed wakeups, of runs with --instrument auto
#   wire         with --wire: the first byte of the answer, as the load and as the network saw it
#   timeline     the run, round by round: throughput, p99, verdicts
#
#   --png        as PNG too
#   --all-loads  a run with more than four loads has the figures by workers of three of them; with this, of all
#
# example: ./run.sh plot results/reference/main

set -u
program=plot
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"

case " $* " in
*" --help "* | *" -h "*) print_help "$top/harness/commands/plot.sh" && exit 0 ;;
esac
need_tools gnuplot build/bin/runs
runs=0
for word in "$@"; do
    case $word in
    -*) ;;
    *) runs=1 ;;
    esac
done
[ $runs -eq 1 ] || is_checkout || fail_usage "takes a run: see --help"
[ $runs -eq 1 ] || for file in "$top"/results/reference/*/trials.csv; do set -- "$@" "${file%/trials.csv}"; done
exec "$top/${BUILD:-build}/bin/runs" plot "$@"
