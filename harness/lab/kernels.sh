# Finds the image of a kernel by its name. Sourced by commands/kernels.sh, after apt.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of kernels.sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

ARCH=amd64

# fail_kernel MESSAGE: reports an error of one kernel and exits the subshell that looks for it; the others continue.
fail_kernel() {
    message "$program: $asked: $*"
    exit 1
}

# package_of NAME: the package for a flavour, a version, the beginning of a version, or a package name
package_of() {
    case $1 in
    linux-*) echo "$1" ;;
    cloud | rt) echo "linux-image-$1-$ARCH" ;;
    generic) echo "linux-image-$ARCH" ;;
    *-$ARCH) echo "linux-image-$1" ;;
    [0-9]*) apt-cache pkgnames "linux-image-$1" | grep -E "^linux-image-[0-9.~+a-z-]*[0-9]-cloud-$ARCH$" | sort -V | tail -n 1 ;;
    esac
}

# image_in DIRECTORY: of an unpacked package; nothing if it has none
image_in() {
    find "$1" \( -path '*/boot/vmlinuz-*' -o -path '*/lib/modules/*/vmlinuz' \) -type f | head -n 1
}

# release_of IMAGE: the release of a kernel; nothing if the file is not a kernel image for $ARCH
release_of() {
    case $ARCH in
    arm64) release_of_arm64 "$1" ;;
    *) release_of_bzimage "$1" ;;
    esac
}

# Linux, Documentation/arch/x86/boot.rst: "HdrS" at 0x202, and at 0x20e the offset of the version, minus 0x200.
release_of_bzimage() {
    [ "$(dd if="$1" bs=1 skip=514 count=4 2>/dev/null)" = HdrS ] || return 0
    at=$(od -An -t u2 -j 526 -N 2 "$1" | tr -d ' ')
    dd if="$1" bs=1 skip=$((at + 512)) count=80 2>/dev/null | tr '\000' '\n' | head -n 1 | cut -d' ' -f1
}

# Linux, Documentation/arch/arm64/booting.rst: "ARM\x64" at 56. The version is in the kernel's banner; that of a compressed image
# (EFI zboot: "zimg" at 4) is in its file name.
release_of_arm64() {
    if [ "$(dd if="$1" bs=1 skip=56 count=4 2>/dev/null)" = ARMd ]; then
        grep -a -m 1 -o 'Linux version [0-9][0-9A-Za-z.+~-]*' "$1" | head -n 1 | cut -d' ' -f3
    elif [ "$(dd if="$1" bs=1 skip=4 count=4 2>/dev/null)" = zimg ]; then
        basename "$1" | sed 's/^vmlinuz-//'
    fi
}

# fetch_kernel SUITE NAME: prints the path of its image
fetch_kernel() {
    use_suite "$1"
    package=$(package_of "$2")
    [ -n "$package" ] && is_package "$package" ||
        fail_kernel "no such kernel: give a file, a package, a version such as 6.1.0-56-cloud-$ARCH, or cloud, rt, generic"
    while [ -n "$package" ]; do
        unpack "$package"
        found=$(image_in "$unpacked")
        [ -z "$found" ] || { echo "$found" && return; }
        package=$(kernel_dependency "$package")
    done
    fail_kernel "there is no kernel image in the package"
}

# find_kernel NAME: prints "IMAGE TAB RELEASE", or a message and status 1
find_kernel() (
    asked=$1
    case $asked in
    */*) found=$asked ;;
    *:*) found=$(fetch_kernel "${asked%%:*}" "${asked#*:}") ;;
    *) found=$(fetch_kernel - "$asked") ;;
    esac || exit 1
    [ -r "$found" ] || fail_kernel "no such file"
    release_found=$(release_of "$found")
    [ -n "$release_found" ] || fail_kernel "not a kernel image for $ARCH"
    printf "%s\t%s\n" "$found" "$release_found"
)
