# The guest's disk, which is its memory: one initramfs for all kernels, with the suite's own programs, and a second one
# for each job, which the kernel unpacks over it. Sourced by commands/kernels.sh.
# shellcheck shell=sh disable=SC2154 # variables of kernels.sh
: "${top:?must be set by the caller}"

# archive DIRECTORY: as the kernel reads it; not compressed, which an emulated machine would take long to undo; the same whenever
# it is made, so that a guest in virtual time is the same again
archive() {
    (cd "$1" && find . -exec touch -h -d @0 {} + && find . | LC_ALL=C sort | cpio -o -H newc --reproducible --quiet)
}

# guest_program NAME: where a program is that is not ours, for the guest's processor
guest_program() {
    [ -z "$virtual" ] || { find "$sysroot" -type f -path "*/bin/$1" | head -n 1 && return; }
    command -v "$1"
}

# put_program PROGRAM ROOT: a program that is not ours, and what it is linked with
put_program() {
    [ -z "$virtual" ] || { put_foreign "$@"; return; }
    mkdir -p "$2/bin" && cp "$1" "$2/bin/" || return 1
    ldd "$1" | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\//) { print $i; next } }' | while read -r library; do
        mkdir -p "$2$(dirname "$library")" && cp -L "$library" "$2$library" || return 1
    done
}

# make_image: $lab/initramfs, made anew each time, since all is there and it takes a second
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

# make_job DIRECTORY: what this boot is to do, after the image
make_job() {
    cat "$initramfs" >"$work/initrd" && archive "$1" >>"$work/initrd" || fail "cannot write to $work: is the disk full?"
}
