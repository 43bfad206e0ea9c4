#!/bin/sh
# install.sh [--no-install | --installed] STAGE...
# Installs what the stages need (see deps.txt) and is not there yet. --no-install only says what is
# missing. Without network it works if nothing is missing.
# --installed does so in one line, of what does not only build: for an installed copy.
#
# Exit status: 0 all is there, 1 it could not be installed, 2 packages are missing and may not be installed.

trap '[ $? -ne 2 ] || exit 1' EXIT # a shell that cannot fork ends with 2; common.sh goes on with that
top=$(cd "$(dirname "$0")/../.." && pwd)
program=install
. "$top/harness/lib/common.sh"

only_tell=
is_installed=
case ${1:-} in
--no-install) only_tell=1 && shift ;;
--installed) is_installed=1 && shift ;;
esac

# wanted STAGE...: their packages, one a line; "A|B" where it has another name in another release, "A|-" where another
# release does not have it
wanted() {
    for stage in "$@"; do
        awk -v stage="$stage" -v without="${is_installed:+,build,}" '!/^#/ && index("," $2 ",", "," stage ",") &&
            !(without && index("," $2 ",", without)) && !seen[$1]++ { print $1 }' "$top/deps.txt"
    done
}

# missing STAGE...: dpkg is asked once for all: each bench waits for it
missing() {
    packages=$(wanted "$@") && [ "$packages" ] || exit 1
    {
        # shellcheck disable=SC2046 # names of packages
        dpkg-query -W -f '${db:Status-Status} ${Package}\n' $(printf '%s' "$packages" | tr '|' '\n') 2>/dev/null
        printf '%s\n' "$packages"
    } | awk '$1 == "installed" { there[$2]; next }
        NF == 1 {
            asked++
            n = split($1, name, "|")
            for (i = 1; i <= n; i++) if (name[i] in there) next
            printf "%s ", $1
        }
        END { exit !asked }' # what is before the pipe may not have been started
}

is_known() {
    apt-cache show "$1" >/dev/null 2>&1
}

# names_here PACKAGE...: what they are called in this release, with blanks between: of several names the one that apt
# knows, or the first where it has no lists
names_here() {
    for package in "$@"; do
        case $package in
        *'|'*) ;;
        *) printf '%s ' "$package" && continue ;;
        esac
        name=${package%%|*}
        for other in $(printf '%s' "$package" | tr '|' ' '); do
            [ "$other" != - ] || { is_known apt && name= ; break; }
            is_known "$other" && name=$other && break
        done
        printf '%s' "${name:+$name }"
    done
}

reason() {
    awk -v package="$1" '!/^#/ && $1 == package { $1 = $2 = ""; sub(/^ +/, ""); print }' "$top/deps.txt"
}

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || {
    say "$program: no apt here: these packages, or what they are called here, must be installed already: $(wanted "$@" | tr '\n' ' ')"
    exit 0
}
packages=$(missing "$@") || fail "cannot find out which packages are installed: see above"
# shellcheck disable=SC2086 # names of packages
[ -n "$packages" ] && [ -n "$(names_here $packages)" ] || exit 0

install="apt-get install --yes --no-install-recommends"
# shellcheck disable=SC2086 # names of packages
[ -z "$is_installed" ] ||
    fail_usage "packages are missing; as root, run: $install $(names_here $packages | sed 's/ $//')"
if [ -n "$only_tell" ]; then
    say "missing:"
    for package in $packages; do
        name=$(names_here "$package")
        [ -z "$name" ] || say "  ${name% }: $(reason "$package")"
    done
    # shellcheck disable=SC2086 # names of packages
    fail_usage "packages are missing; as root, run: $install $(names_here $packages | sed 's/ $//')"
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    # shellcheck disable=SC2086
    command -v sudo >/dev/null ||
        fail_usage "packages are missing; as root, run: apt-get update && $install $(names_here $packages | sed 's/ $//')"
    as_root="sudo env DEBIAN_FRONTEND=noninteractive"
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp 2>/dev/null) || fail "cannot make a temporary file in ${TMPDIR:-/tmp}: is it full?"
at_exit "rm -f \"\$log\""
# Lists that could not be fetched anew may still do.
# shellcheck disable=SC2086 # a command line in words
$as_root apt-get update >"$log" 2>&1
# shellcheck disable=SC2086
names=$(names_here $packages)
say "installing: $names"
# shellcheck disable=SC2086
$as_root $install $names >>"$log" 2>&1 && exit 0
why=$(grep -m 1 '^[EW]: Failed to fetch' "$log" || grep -m 1 '^E: ' "$log")
fail "cannot install: ${why:-$(tail -n 1 "$log")}; by hand, as root: apt-get update && $install ${names% }"
