# Shared by the scripts of peers. Sourced with "$@" as peer gives it: NAME DIRECTORY PORT WORKERS KEEPALIVE.
# shellcheck shell=sh disable=SC2034 # read by the scripts
name=$1
directory=$2
port=$3
workers=$4
keepalive=$5
PATH=$PATH:/usr/sbin

# need COMMAND PACKAGE: status 2, and what to do, where there is no such command
need() {
    command -v "$1" >/dev/null && return
    echo "peer: $name is left out: there is no $1: apt-get install $2" >&2
    exit 2
}

# The configuration, which is kept with the run where it has a place for it
configure() {
    cat >"$directory/conf" || exit 1
    [ -z "${WAKEONE_PEERS:-}" ] || cp "$directory/conf" "$WAKEONE_PEERS/$name-$workers.conf"
}

# The file that those serve who cannot answer from their configuration
write_page() {
    mkdir "$directory/www" && printf 'Hello, world\n' >"$directory/www/index.html" || exit 1
}

# run THREADS WORDS...: what peer is to run, and how many threads there are at the least when all have begun
run() {
    printf '%s\n' "$@"
}
