#!/bin/sh
# gallery: a figure of runs from many machines: throughput by number of CPUs
#
# usage: ./run.sh gallery [OPTIONS]
#
# Draws the list of published runs: ratio of throughput of wakeone to racing by number of CPUs, with its 95 % interval, of all
# machines in the list. Filled points were measured on cores, hollow ones in virtual time. results/README.md describes the list, and
# how to add a run (./run.sh share).
#
#   --list FILE   the list (results/gallery.tsv of the checkout)
#   --out FILE    where the figure goes, .svg or .png (beside the list, as .svg)
#
# example: ./run.sh gallery --out gallery.png

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=gallery
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"

list=$top/results/gallery.tsv
out=
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$0" && exit 0 ;;
    --list | --out) needs_value "$1" $# && eval "$(option_variable "$1")=\$2" ;;
    *) fail_usage "there is no option '$1': see --help" ;;
    esac
    shift 2
done
[ -f "$list" ] && [ -r "$list" ] || fail_usage "cannot read the list $list: name one with --list"
case $list in
*.tsv) out=${out:-${list%.tsv}.svg} ;;
*) [ "$out" ] || fail_usage "$list does not end in .tsv: name a file for the figure with --out" ;;
esac
case $out in
*.svg | *.png) ;;
*) fail_usage "--out takes a file that ends in .svg or .png, not '$out'" ;;
esac
need_tools gnuplot build/bin/runs
"$top/${BUILD:-build}/bin/runs" gallery -- "$list" "$out" || end_as $?
message "picture: $out"
