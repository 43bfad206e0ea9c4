#!/bin/sh
# everywhere: run the same benchmark on several hosts, and compare the runs
#
# usage: ./run.sh everywhere [OPTIONS] HOSTFILE -- COMMAND [ARGUMENT...]
#
#   --at-once N     hosts at a time (1: one after the other; they may share a network, or a machine)
#   --out DIR       where the runs are collected, DIR/HOST each (results/everywhere-<utc>)
#   --ssh COMMAND   how a host is reached: COMMAND HOST ARGUMENTS (ssh -o BatchMode=yes)
#
# COMMAND is one that makes a run: bench, scale or peers. HOSTFILE has a line for each host: its name for ssh, and the
# directory of its checkout (wakeone, in the home directory). Empty lines and comments (#) are skipped.
#
# On each host the command is run in the checkout there, with --out results/NAME of this run. Its run is fetched to DIR/HOST, its
# output to DIR/HOST.log. A host that fails is reported, and the others continue. The same command with --out DIR continues:
# hosts whose run is in DIR are done, and a host that has started its run resumes it. If the connection is lost the host stops
# measuring. At the end the runs of all hosts are compared with the run of the first one.
#
# Exit status 1 if a host has failed; otherwise that of the comparison.
#
# example: ./run.sh everywhere hosts.txt -- bench --strategies racing,wakeone --workers 8

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=everywhere
: "${top:?is set by run.sh}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/plain.sh"
. "$top/harness/everywhere/quoted.sh"

at_once=1
out=
ssh="ssh -o BatchMode=yes"
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$top/harness/commands/everywhere.sh" && exit 0 ;;
    --at-once | --out | --ssh) needs_value "$1" $# ;;
    -*) fail_usage "there is no option '$1': see --help" ;;
    *) break ;;
    esac
    case $1 in
    --at-once) check_number "$1" "$2" 1 1000 && at_once=$2 ;;
    --out) out=${2%/} ;;
    --ssh) ssh=$2 ;;
    esac
    shift 2
done
[ $# -ge 3 ] && [ "$2" = -- ] || fail_usage "takes a file of hosts, -- and a command: see --help"
hostfile=$1
shift 2
case $1 in
bench | scale | peers) ;;
*) fail_usage "'$1' makes no run to compare: use bench, scale or peers" ;;
esac
for argument in "$@"; do
    case $argument in
    --out | --out=* | --resume | --resume=* | --dry-run) fail_usage "$argument cannot be used for several hosts: see --help" ;;
    esac
done
[ -f "$hostfile" ] && [ -r "$hostfile" ] || fail_usage "cannot read $hostfile"

make_work ""
trap 'exit 1' INT TERM HUP

# A host's name is an argument of ssh, and the name of a local file.
awk '
    { sub(/#.*/, "") }
    NF == 0 { next }
    NF > 2 { print "line " NR ": expected a host and, optionally, a directory" > "/dev/stderr"; exit 2 }
    $1 !~ /^[A-Za-z0-9_][A-Za-z0-9_.@:-]*$/ { print "line " NR ": " $1 " is not a valid host name" > "/dev/stderr"; exit 2 }
    $1 in seen { print "line " NR ": " $1 " is given more than once" > "/dev/stderr"; exit 2 }
    NF == 2 && $2 !~ /^[A-Za-z0-9_.\/+@=-]+$/ { print "line " NR ": " $2 ": a directory must not contain spaces or quotes" > "/dev/stderr"; exit 2 }
    { seen[$1]; print $1, (NF == 2 ? $2 : "wakeone") }
' "$hostfile" >"$work/hosts" 2>"$work/wrong" || fail_usage "$hostfile: $(head -n 1 "$work/wrong" | printable 120)"
[ -s "$work/hosts" ] || fail_usage "$hostfile has no hosts"

out=${out:-$WAKEONE_RESULTS/everywhere-$(date -u +%Y%m%dT%H%M%SZ)}
mkdir -p "$out" || fail "cannot make $out"
name=$(basename "$out")
case $name in
*[!A-Za-z0-9._-]* | [.-]*) fail_usage "--out: '$name' must be a valid name on each host: letters, digits, . _ and -" ;;
esac

export EVERYWHERE_SSH="$ssh" EVERYWHERE_OUT="$out" EVERYWHERE_NAME="$name" EVERYWHERE_COMMAND="$1"
shift
EVERYWHERE_ARGUMENTS=$(quoted "$@")
export EVERYWHERE_ARGUMENTS
failed=0
xargs -P "$at_once" -L 1 sh "$top/harness/everywhere/host.sh" <"$work/hosts" || failed=1

set --
while read -r host _; do
    [ ! -d "$out/$host" ] || set -- "$@" "$out/$host"
done <"$work/hosts"
message "$program: runs of $# of $(wc -l <"$work/hosts") hosts are in $out"
status=0
if [ $# -gt 1 ]; then
    sh "$top/run.sh" --no-install compare "$@"
    status=$?
fi
[ "$failed" -eq 0 ] || exit 1
exit $status
