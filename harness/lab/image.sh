# The guest's initramfs: one for all kernels, with the suite's programs, and a second one for each job, which the kernel unpacks
# over it. Sourced by commands/kernels.sh.
# shellcheck shell=sh disable=SC2154 # variables of kernels.sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

# archive DIRECTORY: prints a cpio archive for the kernel; uncompressed, because decompression is slow in an emulated machine, and
# reproducible, so that guests in virtual time are deterministic
archive() {
    (cd "$1" && find . -exec touch -h -d @0 {} + && find . | LC_ALL=C sort | cpio -o -H newc --reproducible --quiet)
}

# guest_program NAME: the path of a third-party program for the guest's architecture
guest_program() {
    [ -z "$virtual" ] || { find "$sysroot" -type f -path "*/bin/$1" | head -n 1 && return; }
    command -v "$1"
}

# put_program PROGRAM ROOT: copies a third-party program and its libraries
put_program() {
    [ -z "$virtual" ] || { put_foreign "$@"; return; }
    mkdir -p "$2/bin" && cp "$1" "$2/bin/" || return 1
    ldd "$1" | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\//) { print $i; next } }' | while read -r library; do
        mkdir -p "$2$(dirname "$library")" && cp -L "$library" "$2$library" || return 1
    done
}

# make_image: writes $work/initramfs, each time, since it takes only a second
make_image() {
    tree=$work/tree initramfs=$work/initramfs
    mkdir -p "$tree/bin" "$tree/wakeone/build/bin" "$tree/wakeone/servers" &&
        cp "$(guest_program busybox)" "$tree/bin/busybox" &&
        cp "$top/harness/lab/init" "$tree/init" &&
        cp -R "$top/harness" "$tree/wakeone/harness" &&
        cp "$top"/servers/*.c "$tree/wakeone/servers/" &&
        cp "$guest_build"/bin/trial "$guest_build"/bin/selftest "$guest_build"/bin/wakeups "$guest_build"/bin/path "$tree/wakeone/build/bin/" &&
        cp -R "$guest_build/epoll" "$guest_build/kqueue" "$guest_build/kqueue-check" "$tree/wakeone/build/" &&
        put_program "$(guest_program jq)" "$tree" &&
        chmod +x "$tree/init" &&
        archive "$tree" >"$initramfs" || fail "cannot make the guest's initramfs: is the disk full?"
}

# make_job DIRECTORY: writes $work/initrd, the image followed by the job
make_job() {
    cat "$initramfs" >"$work/initrd" && archive "$1" >>"$work/initrd" || fail "cannot write to $work: is the disk full?"
}
