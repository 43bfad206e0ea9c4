#!/bin/sh
# wakeone: who should be woken when a connection arrives?
#
# usage: ./run.sh [--no-install] [COMMAND] [OPTIONS]
#
# Without a command: bench. Each command has --help. What is missing on the machine is installed
# first, from deps.txt; --no-install only says what that would be.

set -u
program=run.sh
trap '[ $? -ne 2 ] || exit 1' EXIT # a shell that cannot fork ends with 2; common.sh goes on with that
top=$(cd "$(dirname "$0")" && pwd)
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

no_install=
command=
while [ $# -gt 0 ] && [ -z "$command" ]; do
    case $1 in
    --no-install) no_install=--no-install && shift ;;
    --help | -h) print_usage | print_out && exit 0 || exit $? ;;
    -*) command=bench ;;
    *) command=$1 && shift ;;
    esac
done
command=${command:-bench}
case $command in
*/* | .*) fail_usage "there is no command '$command': see --help" ;;
esac
[ -f "$top/harness/commands/$command.sh" ] || fail_usage "there is no command '$command': see --help"

export no_install
exec sh "$top/harness/commands/$command.sh" "$@"
