# Shared by the scripts of peers. Sourced with "$@" as peer gives it: NAME DIRECTORY PORT WORKERS KEEPALIVE.
# shellcheck shell=sh disable=SC2034 # read by the scripts
name=$1
directory=$2
port=$3
workers=$4
keepalive=$5
PATH=$PATH:/usr/sbin

# Status 2, and what to do, where the command that peers.tsv names is not there
need_command() {
    command=$(awk -F '\t' -v name="$name" '$1 == name { print $4 }' "$(dirname "$0")/peers.tsv")
    command -v "$command" >/dev/null && return
    package=$(awk -F '\t' -v name="$name" '$1 == name { print $3 }' "$(dirname "$0")/peers.tsv")
    echo "peer: $name is left out: there is no $command: apt-get install $package" >&2
    exit 2
}

# cannot_write DIR
cannot_write() {
    echo "peer: $name cannot be configured: cannot write to $1: is the disk full?" >&2
    exit 1
}

# The configuration, which is kept with the run where it has a place for it
configure() {
    cat 2>/dev/null >"$directory/conf" || cannot_write "$directory"
    [ -z "${WAKEONE_PEERS:-}" ] || cp "$directory/conf" "$WAKEONE_PEERS/$name-$workers.conf" 2>/dev/null || cannot_write "$WAKEONE_PEERS"
}

# The file that those serve who cannot answer from their configuration
write_page() {
    { mkdir "$directory/www" && printf 'Hello, world\n' >"$directory/www/index.html"; } 2>/dev/null || cannot_write "$directory"
}

# run THREADS WORDS...: what peer is to run, and how many threads there are at the least when all have begun
run() {
    printf '%s\n' "$@"
}
