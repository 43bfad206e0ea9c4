# Builds the module of kernel/kqueue for the kernel that is booted: with Debian's headers for it, and with the compiler that they
# name, the one the kernel was built with, which usually differs from this machine's. Both are in a root of their own. Sourced by
# harness/lab/lab.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of kernels.sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

# Packages that make and the scripts of the headers need without depending on them
ROOT_TOOLS="base-files dash coreutils sed grep mawk findutils make"

# cross_packages HEADERS: of another architecture only the headers are needed. The kernel's tools and the cross compiler, in the
# version that the headers name, are packages of this machine's architecture.
cross_packages() {
    depends_on "$1" >"$work/depends"
    # shellcheck disable=SC2046,SC2086 # names of packages
    tools=$(packages_with $(sed -n "/^linux-kbuild-/p;s/^\(linux-compiler-\)*\(gcc-[0-9]*\).*/\2-$CROSS/p" "$work/depends") $ROOT_TOOLS)
    [ -z "$tools" ] || { echo "$1" && grep '^linux-headers-.*-common' "$work/depends" && echo "$tools"; }
}

# root_packages HEADERS: all packages of the root
root_packages() {
    if [ -n "$virtual" ]; then
        cross_packages "$1"
    else
        # shellcheck disable=SC2086 # names of packages
        packages_with "$1" $ROOT_TOOLS
    fi
}

# fetch_root RELEASE ROOT: unpacks them; nothing is installed, package scripts are not run
fetch_root() {
    headers=linux-headers-$1${virtual:+:$ARCH} new=$2.new
    is_package "$headers" || fail_kernel "its headers are unavailable: no package $headers"
    message "$program: fetching $headers and its compiler"
    # shellcheck disable=SC2046 # names of packages
    unpack_packages "$headers and its compiler" "$new" $(root_packages "$headers" 2>"$work/apt")
    mkdir -p "$new/dev" "$new/module" && ln -sf mawk "$new/usr/bin/awk" && : >"$new/dev/null" && mv "$new" "$2" || fail "cannot write to $lab: is the disk full?"
}

# root_of NAME RELEASE: prints the root with the headers for a kernel from a package
root_of() {
    [ -z "$virtual" ] || apt_arch=$(dpkg --print-architecture),$ARCH
    case $1 in
    *:*) use_suite "${1%%:*}" ;;
    *) use_suite - ;;
    esac
    [ -d "$lab/roots/$2" ] || fetch_root "$2" "$lab/roots/$2"
    echo "$lab/roots/$2"
}

# in_root ROOT COMMAND...: runs it with $work/module as /module, in its own namespaces, so that no privileges are needed and all
# mounts end with it.
in_root() {
    root=$1 && shift
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --map-root-user --mount sh -c '
        mount --bind /dev/null "$1/dev/null" && mount --rbind /proc "$1/proc" && mount --bind "$2" "$1/module" || exit 1
        root=$1 && shift 2
        PATH=/usr/sbin:/usr/bin:/sbin:/bin exec chroot "$root" "$@"' sh "$root" "$work/module" "$@"
}

# make_module NAME IMAGE RELEASE: in the build tree of a kernel, or in a root with Debian's headers
make_module() {
    case $1 in
    */*)
        tree=${2%/arch/*}
        [ -e "$tree/Module.symvers" ] ||
            fail_kernel "--module takes a kernel in its build tree, with Module.symvers"
        set -- make -C "$tree" M="$work/module"
        ;;
    *)
        root=$(root_of "$1" "$3") || exit 1
        set -- in_root "$root" make -C "/usr/src/linux-headers-$3" M=/module
        ;;
    esac
    [ -z "$virtual" ] || set -- "$@" ARCH="$ARCH" CROSS_COMPILE="$CROSS-"
    "$@" CONFIG_DEBUG_INFO_BTF_MODULES= modules >"$work/module.log" 2>&1
}

# build_module NAME IMAGE RELEASE: writes $work/module/kqueue.ko, or prints a message and returns status 1
build_module() (
    asked=$1
    rm -rf "$work/module" && cp -R "$top/kernel/kqueue" "$work/module" || fail "cannot write to $work: is the disk full?"
    make_module "$@" ||
        fail_kernel "the module does not build for $3: $(grep -m 1 -E 'error|[*][*][*]' "$work/module.log" | printable 160)"
)
