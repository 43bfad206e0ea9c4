#!/bin/sh
# host.sh HOST DIRECTORY: the part of ./run.sh everywhere for one host. Arguments are in EVERYWHERE_*; several run at once.
#
# Standard input of the command on the host stays open as long as this script runs. Its end stops the command, which would
# otherwise continue after a lost connection.

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=everywhere
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/harness/lib/common.sh"
. "$top/harness/lib/plain.sh"
. "$top/harness/everywhere/quoted.sh"
: "${EVERYWHERE_SSH:?}" "${EVERYWHERE_OUT:?}" "${EVERYWHERE_NAME:?}" "${EVERYWHERE_COMMAND:?}" "${EVERYWHERE_ARGUMENTS?}"

host=$1
directory=$2
run=$EVERYWHERE_OUT/$host
log=$run.log
[ ! -d "$run" ] || exit 0

make_work "rm -rf \"\$run.new\""
trap 'exit 1' INT TERM HUP

# Runs on the host, in the checkout; $1 is its directory
# shellcheck disable=SC2016 # expanded on the host
measure='cd "$1" || exit 1
if [ -d "results/$2" ]; then set -- "$3" --resume "results/$2"; else eval "set -- \"\$3\" --out \"results/\$2\" $4"; fi
exec 3<&0
./run.sh "$@" </dev/null & run=$!
{ cat >/dev/null; kill -TERM $run; } <&3 >/dev/null 2>&1 & watch=$!
wait $run
status=$?
kill $watch 2>/dev/null
exit $status'

# there SCRIPT ARGUMENT...: runs SCRIPT on the host
there() {
    script=$(quoted "$1")
    shift
    # shellcheck disable=SC2086 # space-separated
    $EVERYWHERE_SSH "$host" "sh -c ${script}sh $(quoted "$@")"
}

mkfifo "$work/in" && exec 4<>"$work/in" || cannot_work
there "$measure" "$directory" "$EVERYWHERE_NAME" "$EVERYWHERE_COMMAND" "$EVERYWHERE_ARGUMENTS" <"$work/in" 4>&- >"$log" 2>&1
status=$?
exec 4>&-
# 3: done, but a comparison within the run is not to be trusted, as its summary shows
case $status in
0 | 3) ;;
*) fail "$host: $EVERYWHERE_COMMAND failed with status $status: $(tail -n 1 "$log" | printable 160)" ;;
esac

mkdir "$run.new" 2>/dev/null || fail "cannot make $run.new"
# shellcheck disable=SC2016
there 'cd "$1/results/$2" && exec tar -cf - .' "$directory" "$EVERYWHERE_NAME" </dev/null 2>>"$log" |
    tar -C "$run.new" -xf - --no-same-owner --no-same-permissions 2>>"$log"
[ -f "$run.new/trials.csv" ] || fail "$host: its run could not be fetched: $(tail -n 1 "$log" | printable 160)"
mv "$run.new" "$run" || fail "cannot make $run"
message "$program: $host: done"
