#!/bin/sh
# everywhere: the same benchmark on several hosts, and their runs side by side
#
# usage: ./run.sh everywhere [OPTIONS] HOSTFILE -- COMMAND [ARGUMENT...]
#
#   --at-once N     hosts at a time (1: one after the other; they may share a network, or a machine)
#   --out DIR       where the runs are collected, DIR/HOST each (results/everywhere-<utc>)
#   --ssh COMMAND   how a host is reached: COMMAND HOST WORDS (ssh -o BatchMode=yes)
#
# COMMAND is one that makes a run: bench, scale or peers. HOSTFILE has a line for each host: its name as ssh knows it, and
# the directory of its checkout (wakeone, in the home directory). Empty lines, and what is behind #, are skipped.
#
# On each host the command is run in the checkout there, with --out results/NAME of this run. Its run is fetched to DIR/HOST, its
# output is in DIR/HOST.log. A host that fails is reported, and the others go on. The same again with --out DIR
# goes on: a host whose run is in DIR is done, and one that has begun its run resumes it. If the connection is lost the host stops
# measuring. In the end the runs of all hosts are compared with that of the first.
#
# Exit status 1 if a host has failed; else that of the comparison.
#
# example: ./run.sh everywhere hosts.txt -- bench --strategies racing,wakeone --workers 8

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
*) fail_usage "'$1' makes no run that could be compared: bench, scale or peers" ;;
esac
for word in "$@"; do
    case $word in
    --out | --out=* | --resume | --resume=* | --dry-run) fail_usage "$word is not for all hosts: see --help" ;;
    esac
done
[ -f "$hostfile" ] && [ -r "$hostfile" ] || fail_usage "cannot read $hostfile"

make_work ""
trap 'exit 1' INT TERM HUP

# What a host is called is a word for ssh, and a file here.
awk '
    { sub(/#.*/, "") }
    NF == 0 { next }
    NF > 2 { print "line " NR ": not a host and a directory" > "/dev/stderr"; exit 2 }
    $1 !~ /^[A-Za-z0-9_][A-Za-z0-9_.@:-]*$/ { print "line " NR ": " $1 " is no name of a host" > "/dev/stderr"; exit 2 }
    $1 in seen { print "line " NR ": " $1 " is there twice" > "/dev/stderr"; exit 2 }
    NF == 2 && $2 !~ /^[A-Za-z0-9_.\/+@=-]+$/ { print "line " NR ": " $2 " is no directory without blanks and quotes" > "/dev/stderr"; exit 2 }
    { seen[$1]; print $1, (NF == 2 ? $2 : "wakeone") }
' "$hostfile" >"$work/hosts" 2>"$work/wrong" || fail_usage "$hostfile: $(head -n 1 "$work/wrong" | printable 120)"
[ -s "$work/hosts" ] || fail_usage "$hostfile has no hosts"

out=${out:-$WAKEONE_RESULTS/everywhere-$(date -u +%Y%m%dT%H%M%SZ)}
mkdir -p "$out" || fail "cannot make $out"
name=$(basename "$out")
case $name in
*[!A-Za-z0-9._-]* | [.-]*) fail_usage "--out: '$name' is to be a name on each host, of letters, digits, . _ and -" ;;
esac

export EVERYWHERE_SSH="$ssh" EVERYWHERE_OUT="$out" EVERYWHERE_NAME="$name" EVERYWHERE_COMMAND="$1"
shift
EVERYWHERE_WORDS=$(quoted "$@")
export EVERYWHERE_WORDS
failed=0
xargs -P "$at_once" -L 1 sh "$top/harness/everywhere/host.sh" <"$work/hosts" || failed=1

set --
while read -r host _; do
    [ ! -d "$out/$host" ] || set -- "$@" "$out/$host"
done <"$work/hosts"
say "$program: runs of $# of $(wc -l <"$work/hosts") hosts are in $out"
status=0
if [ $# -gt 1 ]; then
    sh "$top/run.sh" --no-install compare "$@"
    status=$?
fi
[ "$failed" -eq 0 ] || exit 1
exit $status
