#!/bin/sh
# plot: draw the figures of a run again from its files
#
# usage: ./run.sh plot [--png] [--all-loads] [RUN...]
#
# Draws RUN/figures/*.svg and writes RUN/summary.csv, from RUN/trials.csv, workers.csv and hist/, or from a compact copy;
# without RUN, for all runs in results/reference/. The same files give the same figures, byte for byte.
# Invalid samples are not used. figures/index.tsv lists the figures, and records why a figure was skipped.
#
#   wakeups      wakeups per accepted connection by workers, the expected counts, and the thundering herd
#   throughput   requests per second by workers
#   scale        the same two by CPUs, of runs with several numbers of CPUs, with the fitted scalability law
#   where        of runs in virtual time: how the CPUs spend their time, by CPUs and strategy
#   surface      the cost of racing as a multiple of wakeone, by workers and load, of runs with several of both
#   rate         99th percentile by offered rate, of runs with several rates; the knee
#   latency      the percentiles of latency, by worker count
#   cpu          CPU time per request, server and client
#   share        the share of connections of each worker, by worker count; Jain's index
#   classes      useful, spurious and absorbed wakeups, of runs with --instrument auto
#   wire         with --wire: the time to the first byte, from the load generator and from the packet capture
#   timeline     the run, round by round: throughput, p99, verdicts
#
#   --png        also write PNG
#   --all-loads  draw the figures by workers for every load; without it, a run with more than four loads has
#                them for three
#
# example: ./run.sh plot results/reference/main

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=plot
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"

case " $* " in
*" --help "* | *" -h "*) print_help "$top/harness/commands/plot.sh" && exit 0 ;;
esac
need_tools gnuplot build/bin/runs
runs=0
for argument in "$@"; do
    case $argument in
    -*) ;;
    *) runs=1 ;;
    esac
done
[ $runs -eq 1 ] || is_checkout || fail_usage "takes a run: see --help"
[ $runs -eq 1 ] || for file in "$top"/results/reference/*/trials.csv; do set -- "$@" "${file%/trials.csv}"; done
exec "$top/${BUILD:-build}/bin/runs" plot "$@"
