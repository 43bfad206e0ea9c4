#!/bin/sh
# wakeone: benchmarks of the ways in which several processes share a listening socket
#
# usage: ./run.sh [--no-install] [COMMAND] [OPTIONS]
#
# The default command is bench. Each command has --help. In a checkout, missing packages (deps.txt) are installed first and
# the programs are built. An installed copy (make install) does neither; it reports what is missing.
#
#   --no-install  install nothing; report missing packages
#   --version     print the version
#
# Results are written to --out. The default is results/ of a checkout; for an installed copy it is results/ in the working
# directory or, if that is not writable, $XDG_STATE_HOME/wakeone (~/.local/state/wakeone). WAKEONE_RESULTS=DIR replaces
# both defaults.
#
# example: ./run.sh bench --strategies racing,wakeone --workers 8

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=${0##*/}
trap '[ $? -ne 2 ] || exit 1' EXIT # dash exits with 2 if it cannot fork; common.sh handles this from here on
self=$0
[ ! -h "$self" ] || self=$(readlink -f "$self") # bin/wakeone of an installed copy
top=$(cd "$(dirname "$self")" && pwd)
export top WAKEONE_TOP="$top" # WAKEONE_TOP is read by the C programs
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
