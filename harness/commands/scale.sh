#!/bin/sh
# scale: throughput by CPUs, 2, 4, 8, ... up to all of them, against the ideal
#
# usage: ./run.sh scale [OPTIONS OF bench]
#
# This is bench with other defaults: --cpus 2, 4, 8, ... and all CPUs, --split half (server and client on
# separate cores), --workers 2/cpu,8/cpu, --connections 16/cpu, --rounds 30. Whole cores come before their
# SMT siblings and one NUMA node before the next; the placement is printed, and recorded in the rows. In addition
# to the files of bench it writes scale.csv and the figure scale.
#
#   --virtual   as ./run.sh kernels --virtual cloud: 2 to 64 CPUs of guests in virtual time, however few this machine has;
#               six strategies, and the options of kernels; results in a directory of that kernel
#
# example: ./run.sh scale --strategies racing,wakeone,reuseport --cpus 2..64x2
# example: ./run.sh scale --virtual

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=scale
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"

case " $* " in
*" --virtual "*)
    exec sh "$top/harness/commands/kernels.sh" cloud --cpus 2..64x2 --strategies racing,wakeone,mutex,fdpass,reuseport,shared-edge "$@"
    ;;
esac
exec_engine scale "$@"
