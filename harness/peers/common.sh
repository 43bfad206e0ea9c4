# Shared by the scripts of third-party servers. Sourced with the arguments of peer: NAME DIRECTORY PORT WORKERS KEEPALIVE.
# shellcheck shell=sh disable=SC2034 # read by the scripts

# SPDX-License-Identifier: BSD-2-Clause

name=$1
directory=$2
port=$3
workers=$4
keepalive=$5
PATH=$PATH:/usr/sbin

# Exits with 2 and a message if the command of peers.tsv is not installed
need_command() {
    command=$(awk -F '\t' -v name="$name" '$1 == name { print $4 }' "$(dirname "$0")/peers.tsv")
    command -v "$command" >/dev/null && return
    package=$(awk -F '\t' -v name="$name" '$1 == name { print $3 }' "$(dirname "$0")/peers.tsv")
    echo "peer: $name is skipped: $command is not installed: apt-get install $package" >&2
    exit 2
}

# cannot_write DIR
cannot_write() {
    echo "peer: $name cannot be configured: cannot write to $1: is the disk full?" >&2
    exit 1
}

# Writes the configuration from standard input; also into the run, if WAKEONE_PEERS is set
configure() {
    cat 2>/dev/null >"$directory/conf" || cannot_write "$directory"
    [ -z "${WAKEONE_PEERS:-}" ] || cp "$directory/conf" "$WAKEONE_PEERS/$name-$workers.conf" 2>/dev/null || cannot_write "$WAKEONE_PEERS"
}

# The file that is served by servers that cannot reply from their configuration
write_page() {
    { mkdir "$directory/www" && printf 'Hello, world\n' >"$directory/www/index.html"; } 2>/dev/null || cannot_write "$directory"
}

# run THREADS COMMAND...: prints for peer the least number of threads when all have started, and the command
run() {
    printf '%s\n' "$@"
}
