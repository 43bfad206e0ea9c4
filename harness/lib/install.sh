#!/bin/sh
# install.sh [--no-install | --installed] STAGE...
# Installs the missing packages of the stages (deps.txt). --no-install only reports what is missing. Without network it
# succeeds if nothing is missing.
# --installed, for an installed copy, reports missing packages in one line, without those of the stage build.
#
# Exit status: 0 nothing is missing any more, 1 installing failed, 2 packages are missing and must not be installed.

# SPDX-License-Identifier: BSD-2-Clause

trap '[ $? -ne 2 ] || exit 1' EXIT # dash exits with 2 if it cannot fork; common.sh handles this from here on
top=$(cd "$(dirname "$0")/../.." && pwd)
program=install
. "$top/harness/lib/common.sh"

only_report=
is_installed=
case ${1:-} in
--no-install) only_report=1 && shift ;;
--installed) is_installed=1 && shift ;;
esac

# wanted STAGE...: their packages, one a line; "A|B" if the name is B in another release, "A|-" if another release
# does not have it
wanted() {
    for stage in "$@"; do
        awk -v stage="$stage" -v without="${is_installed:+,build,}" '!/^#/ && index("," $2 ",", "," stage ",") &&
            !(without && index("," $2 ",", without)) && !seen[$1]++ { print $1 }' "$top/deps.txt"
    done
}

# missing STAGE...: prints missing packages. A single dpkg-query, because this delays each run
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
        END { exit !asked }' # the left side of the pipe may have failed to start
}

is_known() {
    apt-cache show "$1" >/dev/null 2>&1
}

# names_here PACKAGE...: their names in this release, space-separated: of several names the one that apt
# knows, or the first if apt has no lists
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
    message "$program: apt is not available: these packages, or their equivalents, must be installed already: $(wanted "$@" | tr '\n' ' ')"
    exit 0
}
packages=$(missing "$@") || fail "cannot list the installed packages: see above"
# shellcheck disable=SC2086 # names of packages
[ -n "$packages" ] && [ -n "$(names_here $packages)" ] || exit 0

install="apt-get install --yes --no-install-recommends"
# shellcheck disable=SC2086 # names of packages
[ -z "$is_installed" ] ||
    fail_usage "packages are missing; as root, run: $install $(names_here $packages | sed 's/ $//')"
if [ -n "$only_report" ]; then
    message "missing:"
    for package in $packages; do
        name=$(names_here "$package")
        [ -z "$name" ] || message "  ${name% }: $(reason "$package")"
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
# Outdated package lists may be sufficient.
# shellcheck disable=SC2086 # a command line
$as_root apt-get update >"$log" 2>&1
# shellcheck disable=SC2086
names=$(names_here $packages)
message "installing: $names"
# shellcheck disable=SC2086
$as_root $install $names >>"$log" 2>&1 && exit 0
why=$(grep -m 1 '^[EW]: Failed to fetch' "$log" || grep -m 1 '^E: ' "$log")
fail "cannot install: ${why:-$(tail -n 1 "$log")}; by hand, as root: apt-get update && $install ${names% }"
