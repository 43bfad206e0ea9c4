#!/bin/sh
# install.sh [--no-install] STAGE...
# Installs what the stages need (see deps.txt) and is not there yet. --no-install only says what is
# missing. Without network it works if nothing is missing.

top=$(cd "$(dirname "$0")/../.." && pwd)
program=install
. "$top/harness/lib/common.sh"

only_tell=
if [ "${1:-}" = --no-install ]; then
    only_tell=1
    shift
fi

# wanted STAGE...: their packages, one a line
wanted() {
    for stage in "$@"; do
        awk -v stage="$stage" '!/^#/ && index("," $2 ",", "," stage ",") { print $1 }' "$top/deps.txt"
    done
}

# missing STAGE...: dpkg is asked once for all: each bench waits for it
missing() {
    packages=$(wanted "$@")
    {
        # shellcheck disable=SC2086 # names of packages
        dpkg-query -W -f '${db:Status-Status} ${Package}\n' $packages 2>/dev/null
        printf '%s\n' "$packages"
    } | awk '$1 == "installed" { there[$2] } NF == 1 && !($1 in there) { printf "%s ", $1 }'
}

reason() {
    awk -v package="$1" '!/^#/ && $1 == package { $1 = $2 = ""; sub(/^ +/, ""); print }' "$top/deps.txt"
}

command -v dpkg-query >/dev/null || {
    say "$program: this is not Debian: cannot tell whether these are there: $(wanted "$@" | tr '\n' ' ')"
    exit 0
}
packages=$(missing "$@")
[ -n "$packages" ] || exit 0

command="apt-get install --yes --no-install-recommends ${packages% }"
if [ -n "$only_tell" ]; then
    say "missing:"
    for package in $packages; do
        say "  $package: $(reason "$package")"
    done
    fail_usage "to install: $command"
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail_usage "packages are missing; as root, run: apt-get update && $command"
    as_root="sudo env DEBIAN_FRONTEND=noninteractive"
fi
say "installing: $packages"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp) || fail "cannot make a temporary file"
# shellcheck disable=SC2086 # a command line in words
if ! $as_root apt-get update >"$log" 2>&1 || ! $as_root $command >>"$log" 2>&1; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    fail "the installation failed; is there a network? By hand: apt-get update && $command"
fi
rm -f "$log"
