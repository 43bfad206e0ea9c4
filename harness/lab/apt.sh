# Packages from Debian, unpacked and never installed. Downloads are kept in $lab. The machine's own apt configuration is only
# read; package lists of other suites are in a root of their own. Sourced by commands/kernels.sh.
# shellcheck shell=sh disable=SC2154 # variables of kernels.sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
LISTS_FRESH_MIN=1440 # a day
apt_arch= # another architecture; if there are several, AAA,BBB, packages of BBB are named PACKAGE:BBB
own_suite=

# mirror: the Debian mirror that this machine uses
mirror() {
    # shellcheck disable=SC2016 # variables of apt
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -v -e security -e ubuntu | head -n 1
}

# use_suite SUITE: selects the suite that apt uses from now on, for $apt_arch; - is $own_suite or, without one, the machine's own
use_suite() {
    unset APT_CONFIG
    [ "$1" != - ] || set -- "${own_suite:--}"
    [ "$1" != - ] || return 0
    root=$lab/apt/$1${apt_arch:+-$apt_arch}
    mkdir -p "$root/lists/partial" "$root/cache/archives/partial" || fail "cannot write to $lab: is the disk full?"
    from=$(mirror)
    echo "deb [signed-by=$KEYRING] ${from:-http://deb.debian.org/debian} $1 main" >"$root/sources.list"
    cat >"$root/apt.conf" <<END
Dir::Etc::sourcelist "$root/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$root/lists";
Dir::Cache "$root/cache";
${apt_arch:+APT::Architecture "${apt_arch%%,*}"; APT::Architectures "$apt_arch";}
END
    export APT_CONFIG="$root/apt.conf"
    [ -z "$(find "$root/updated" -mmin -$LISTS_FRESH_MIN 2>/dev/null)" ] || return 0
    apt-get update >"$root/log" 2>&1 && : >"$root/updated" && return
    [ -e "$root/updated" ] || fail_kernel "cannot fetch the lists of suite '$1': $(grep -m 1 '^[EW]:' "$root/log")"
}

is_package() {
    apt-cache show --no-all-versions "$1" >/dev/null 2>&1
}

# depends_on PACKAGE: the names of what a package depends on, one a line
depends_on() {
    apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Depends: //p' | sed 's/[,|]/\n/g' | sed 's/^ *//;s/[ (].*//'
}

# kernel_dependency PACKAGE: the first kernel package, or part of one, that a package depends on
kernel_dependency() {
    depends_on "$1" | grep -m 1 -E '^linux-(image|binary)-[0-9]'
}

# unpack PACKAGE: sets `unpacked`, its directory
unpack() {
    version=$(apt-cache show --no-all-versions "$1" | sed -n 's/^Version: //p' | head -n 1)
    unpacked=$lab/kernels/$1_$version
    [ ! -d "$unpacked" ] || return 0
    message "$program: fetching $1 $version"
    mkdir -p "$lab/packages" "$lab/kernels" || fail "cannot write to $lab: is the disk full?"
    (cd "$lab/packages" && rm -f "$1"_*.deb && apt-get download "$1") >"$work/apt" 2>&1 ||
        fail_kernel "cannot fetch $1: $(grep -m 1 '^[EW]:' "$work/apt")"
    rm -rf "$unpacked.new"
    dpkg-deb -x "$lab/packages/$1"_*.deb "$unpacked.new" 2>"$work/apt" && mv "$unpacked.new" "$unpacked" ||
        fail_kernel "cannot unpack $1: $(tail -n 1 "$work/apt")"
    rm -f "$lab/packages/$1"_*.deb
}

# packages_with PACKAGE...: the names of these and of all packages that they depend on
packages_with() {
    apt-get -qq --simulate -o Dir::State::status=/dev/null -o APT::Install-Recommends=0 install "$@" |
        sed -n 's/^Inst \([^ ]*\) .*/\1/p'
}

# unpack_packages WHAT DIRECTORY PACKAGE...: unpacks them into a new directory; WHAT describes them in messages. Nothing
# is installed: package scripts are not run.
unpack_packages() {
    what=$1 into=$2 && shift 2
    rm -rf "$into" && mkdir -p "$into/packages" || fail "cannot write to $lab: is the disk full?"
    [ $# -gt 0 ] && (cd "$into/packages" && apt-get download "$@") >"$work/apt" 2>&1 ||
        fail_kernel "cannot fetch $what: $(grep -m 1 '^[EW]:' "$work/apt")"
    # base-files first, since it has the link from /bin to /usr/bin
    for package in "$into"/packages/base-files_*.deb "$into"/packages/*.deb; do
        [ ! -e "$package" ] || dpkg-deb -x "$package" "$into" 2>"$work/apt" ||
            fail_kernel "cannot unpack $package: $(tail -n 1 "$work/apt")"
    done
    rm -rf "$into/packages"
}
