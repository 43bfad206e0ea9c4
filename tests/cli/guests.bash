# Mock kernels and guests. $tools has a mock qemu-system-x86_64, too.

# SPDX-License-Identifier: BSD-2-Clause

# pc_image VERSION: prints a file with the header of a bzImage
pc_image() {
    head -c 514 /dev/zero
    printf 'HdrS'
    head -c 8 /dev/zero
    printf '\100\002'
    head -c 560 /dev/zero
    printf '%s\0' "$1"
}

# arm64_kernel NAME RELEASE: a file with the header of an arm64 Image
arm64_kernel() {
    local file=$BATS_TEST_TMPDIR/$1
    {
        head -c 56 /dev/zero
        printf 'ARMd'
        head -c 60 /dev/zero
        printf 'Linux version %s (test) #1\n' "$2"
    } >"$file"
    echo "$file"
}

# for_virtual: roots with mocks instead of downloads
for_virtual() {
    local roots=$BATS_TEST_TMPDIR/lab/roots
    export WAKEONE_LAB=$BATS_TEST_TMPDIR/lab
    mkdir -p "$roots/qemu-trixie/usr/lib/x86_64-linux-gnu" "$roots/arm64-bookworm/bin" "$roots/arm64-bookworm/lib"
    cp "$tools/qemu-system-x86_64" "$roots/qemu-trixie/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
    touch "$roots"/arm64-bookworm/bin/{busybox,jq} "$roots/arm64-bookworm/lib/ld-linux-aarch64.so.1"
    printf '#!/bin/sh\n' >"$tools/aarch64-linux-gnu-readelf"
    chmod +x "$tools/aarch64-linux-gnu-readelf"
    built "$build/lib/virtual.so"
}
