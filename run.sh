#!/bin/sh
# wakeone: benchmarks of the ways in which several processes share a listening socket
#
# usage: ./run.sh [--no-install] [COMMAND] [OPTIONS]
#
# Without a command: bench. Each command has --help. In a checkout, what is missing on the machine is installed first, from
# deps.txt, and the programs are built. An installed copy (make install) does neither, and reports what is missing.
#
#   --no-install  installs nothing, and reports what is missing
#   --version     prints the version
#
# Results go where --out says. Without it, a checkout writes to its results/; an installed copy writes to results/ in the
# working directory or, if that is not writable, to $XDG_STATE_HOME/wakeone (~/.local/state/wakeone). WAKEONE_RESULTS=DIR
# sets another directory for both.
#
# example: ./run.sh bench --strategies racing,wakeone --workers 8

set -u
program=${0##*/}
trap '[ $? -ne 2 ] || exit 1' EXIT # a shell that cannot fork ends with 2; common.sh goes on with that
self=$0
[ ! -h "$self" ] || self=$(readlink -f "$self") # bin/wakeone of an installed copy
top=$(cd "$(dirname "$self")" && pwd)
export top WAKEONE_TOP="$top" # for programs, too
. "$top/harness/lib/common.sh"

print_usage() {
    print_help "$top/run.sh"
    echo
    echo "commands:"
    for file in "$top"/harness/commands/*.sh; do
        printf '  %-10s %s\n' "$(basename "$file" .sh)" "$(sed -n '2s/^# [a-z]*: //p' "$file")"
    done
}

print_version() {
    . "$top/harness/lib/version.sh"
    version=$(suite_version) || fail "cannot read the version in $top/harness/lib/version.h"
    echo "wakeone $version" | print_out && exit 0 || exit $?
}

no_install=
command=
while [ $# -gt 0 ] && [ -z "$command" ]; do
    case $1 in
    --no-install) no_install=--no-install && shift ;;
    --help | -h) print_usage | print_out && exit 0 || exit $? ;;
    --version) print_version ;;
    -*) command=bench ;;
    *) command=$1 && shift ;;
    esac
done
command=${command:-bench}
case $command in
*/* | .*) fail_usage "there is no command '$command': see --help" ;;
esac
[ -f "$top/harness/commands/$command.sh" ] || fail_usage "there is no command '$command': see --help"
[ "${1:-}" != --version ] || print_version

export no_install
exec sh "$top/harness/commands/$command.sh" "$@"
