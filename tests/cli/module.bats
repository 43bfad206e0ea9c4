#!/usr/bin/env bats
# module: outcomes of the checks. qemu is a mock: it acts by the name of its kernel; the checks themselves run in a
# real guest (.ci/run).
# Measures nothing.

# SPDX-License-Identifier: BSD-2-Clause

load support
load guests

setup() {
    built "$build"/bin/{trial,selftest,wakeups,path} "$build"/epoll/racing "$build"/kqueue/racing "$build"/kqueue-check/suite
    tools=$BATS_TEST_TMPDIR/tools
    out=$BATS_TEST_TMPDIR/out
    mkdir -p "$tools"
    printf '#!/bin/sh\ncat >/dev/null\n' >"$tools/busybox"
    printf '#!/bin/sh\nfor word; do case $word in M=*) : >"${word#M=}/kqueue.ko" ;; esac; done\n' >"$tools/make"
    cat >"$tools/qemu-system-x86_64" <<'END'
#!/bin/sh
# Mock QEMU
log=
while [ $# -gt 0 ]; do
    case $1 in
    -initrd) place=$(dirname "$2") ;;
    -kernel) kernel=$2 ;;
    -accel) accelerator=$2 ;;
    -icount) echo "icount" >>"$FAKE_LOG" ;;
    -plugin) echo "virtual" >>"$FAKE_LOG" ;;
    -smp) echo "smp $2" >>"$FAKE_LOG" ;;
    -serial) [ -n "$log" ] && results=${2#file:} || log=${2#file:} ;;
    esac
    shift
done
case $accelerator in
kvm*)
    [ "${FAKE_KVM:-}" ] || exit 1
    echo kvm >>"$FAKE_LOG"
    ;;
esac
case $log in *probe.log) echo wakeone-guest-alive >"$log"; exit ;; esac
case $kernel in *hang*) exit 124 ;; esac # the status of timeout(1) (kernels.bats)
out=$place/mock.$$ # goes with the place where the mock is killed
mkdir "$out"
cat "$place"/job-*/job/checks >>"$FAKE_LOG"
echo "ok suite" >"$out/checks.txt"
case $kernel in *bad*) echo "not ok cases: exit status 1" >>"$out/checks.txt" ;; esac
tar -C "$out" -czf "$results" .
printf 'wakeone-guest-end %s %s\r\n' "$(wc -c <"$results")" "$(sha256sum "$results" | cut -d' ' -f1)" >"$log"
rm -rf "$out"
END
    chmod +x "$tools"/*
    export FAKE_LOG=$BATS_TEST_TMPDIR/log WAKEONE_KVM=$BATS_TEST_TMPDIR/kvm # does not exist
    : >"$FAKE_LOG"
}

# tree NAME: a kernel in its build tree
tree() {
    local place=$BATS_TEST_TMPDIR/$1/arch/x86/boot
    mkdir -p "$place"
    : >"$BATS_TEST_TMPDIR/$1/Module.symvers"
    pc_image "6.1.0-$1 (test)" >"$place/bzImage"
    echo "$place/bzImage"
}

module() {
    BUILT=1 GUEST_BUILD=$build PATH="$tools:$PATH" ./run.sh module "$@"
}

@test "the checks run in a guest, cost in a guest with one CPU that counts instructions; outcomes are printed and kept" {
    run module "$(tree good)" --checks suite,strand,storm,cost --connections 7 --seconds 3 --out "$out"
    [ "$status" -eq 0 ]
    [[ "$output" == *"6.1.0-good: ok suite"* ]]
    [ "$(sed 's/,.*//' "$FAKE_LOG" | paste -sd,)" = "smp 4,suite,strand kqueue 7,strand epoll 7,storm 3,icount,smp 1,suite,strand kqueue 7,strand epoll 7,storm 3,cost" ] ||
        [ "$(sed 's/,.*//' "$FAKE_LOG" | paste -sd,)" = "smp 4,suite,strand kqueue 7,strand epoll 7,storm 3,icount,smp 1,cost,suite,strand kqueue 7,strand epoll 7,storm 3" ]
    [ "$(grep -c 'ok suite' "$out/6.1.0-good.txt")" -eq 2 ]
    [ -s "$out/6.1.0-good-checks.log" ]
    [ -s "$out/6.1.0-good-cost.log" ]
}

@test "KVM is probed with one guest, and used if that guest makes progress" {
    : >"$WAKEONE_KVM"
    run module "$(tree good)" --checks suite --out "$out"
    [ "$status" -eq 0 ]
    [[ "$output" == *"$WAKEONE_KVM exists, but the probe guest made no progress on it: guests are emulated"* ]]
    [ "$(sed 's/,.*//' "$FAKE_LOG" | paste -sd,)" = "smp 1,smp 4,suite" ]
    : >"$FAKE_LOG"
    FAKE_KVM=works run module "$(tree good)" --checks suite --out "$out-2"
    [ "$status" -eq 0 ]
    refute grep -q emulated <<<"$output"
    [ "$(sed 's/,.*//' "$FAKE_LOG" | paste -sd,)" = "smp 1,kvm,smp 4,kvm,suite" ]
}

@test "a check that fails, a guest that hangs: not ok, status 1; the other kernels are checked" {
    run module "$(tree bad)" "$(tree hang)" "$(tree good)" --checks suite --out "$out"
    [ "$status" -eq 1 ]
    [[ "$output" == *"6.1.0-bad: not ok cases: exit status 1"* ]]
    [[ "$output" == *"6.1.0-hang: not ok guest: timeout after 30m"* ]]
    [[ "$output" == *"6.1.0-good: ok suite"* ]]
}

@test "--virtual: shorter checks run in a virtual-time guest; cost counts instructions there without -icount" {
    command -v taskset >/dev/null || skip "needs taskset (util-linux)"
    for_virtual
    mkdir -p "$BATS_TEST_TMPDIR/good/arch/arm64/boot"
    : >"$BATS_TEST_TMPDIR/good/Module.symvers"
    mv "$(arm64_kernel image 6.12.0-good)" "$BATS_TEST_TMPDIR/good/arch/arm64/boot/Image"
    run module --virtual "$BATS_TEST_TMPDIR/good/arch/arm64/boot/Image" --checks storm,fuzz,reload,cost --out "$out"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"6.12.0-good: ok suite"* ]]
    [ "$(sed 's/,.*//' "$FAKE_LOG" | sort | uniq -c | tr -s ' ' | paste -sd,)" = " 1 cost, 2 fuzz 2, 2 reload 10, 1 smp 1, 1 smp 4, 2 storm 2, 2 virtual" ]
}

@test "usage errors: one line, status 2, before anything is booted" {
    for words in "--checks nosuch" "--checks" "--checks ," "--cpus 0" "--cpus 65" "--memory 1" "--seconds x" "--time-limit never" \
        "--connections 0" "--nonsense" "--out $BATS_TEST_TMPDIR"; do
        run module $words
        [ "$status" -eq 2 ] && [ "${#lines[@]}" -eq 1 ] || { echo "$words: $status $output"; return 1; }
    done
    [ ! -s "$FAKE_LOG" ]
}

# ---- static: wakeups as one file, and its check in guests ----

@test "static: the file, then its counts in a guest of each kernel; a wrong count, a guest that hangs: status 1" {
    export BUILT=1 GUEST_BUILD=$build PATH="$tools:$PATH"
    run ./run.sh static
    [ "$status" -eq 0 ]
    [ "$output" = "$build/bin/wakeups" ]
    run ./run.sh static "$(tree good)" --out "$out"
    [ "$status" -eq 0 ]
    [ "$(sed 's/,.*//' "$FAKE_LOG" | paste -sd,)" = "smp 2,counter racing 4,counter wakeone 1" ]
    grep -q 'ok suite' "$out/6.1.0-good.txt"
    run ./run.sh static "$(tree bad)" "$(tree hang)" "$(tree good)" --out "$out-2"
    [ "$status" -eq 1 ]
    [[ "$output" == *"6.1.0-bad: not ok cases"* ]]
    [[ "$output" == *"6.1.0-hang: not ok guest: timeout after 10m"* ]]
    [[ "$output" == *"6.1.0-good: ok suite"* ]]
    run ./run.sh static --nonsense
    failed_in_one_line 2
}

# ---- for kernels from packages: a root with their headers and compiler ----

# in_lab FUNCTION ARGUMENTS...: of harness/lab, with the mock apt in $tools
in_lab() {
    top=$top PATH=$tools:$PATH sh -c '
        program=module lab=$1 work=$2 asked=cloud
        . "$top/harness/lib/common.sh" && . "$top/harness/lab/apt.sh" && . "$top/harness/lab/kernels.sh" && . "$top/harness/lab/module.sh" && . "$top/harness/lab/virtual.sh"
        for_arm64() { use_virtual && "$@"; }
        shift 2
        "$@"' sh "$BATS_TEST_TMPDIR/lab" "$BATS_TEST_TMPDIR" "$@"
}

# deb NAME FILE: a package that has the file
deb() {
    local at=$BATS_TEST_TMPDIR/deb/$1
    mkdir -p "$at/DEBIAN" "$at/$(dirname "$2")"
    echo "$1" >"$at/$2"
    printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: none\n' "$1" >"$at/DEBIAN/control"
    dpkg-deb -b "$at" "$BATS_TEST_TMPDIR/deb/$1_1_all.deb" >/dev/null
}

@test "the headers and all their dependencies are unpacked into one root; an incomplete download is no root" {
    deb base-files etc/base
    deb linux-headers-6.1.0-x usr/src/linux-headers-6.1.0-x/Makefile
    deb mawk usr/bin/mawk
    printf '#!/bin/sh\ntrue\n' >"$tools/apt-cache"
    cat >"$tools/apt-get" <<END
#!/bin/sh
case \$* in
*--simulate*) printf 'Inst %s (1 made-up)\n' base-files linux-headers-6.1.0-x mawk ;;
download*) [ ! -e "$BATS_TEST_TMPDIR/no-network" ] || { echo 'E: no network' && exit 100; }
    for package in \${*#download}; do cp "$BATS_TEST_TMPDIR/deb/\${package}_1_all.deb" .; done ;;
esac
END
    chmod +x "$tools"/apt-*
    : >"$BATS_TEST_TMPDIR/no-network"
    root=$BATS_TEST_TMPDIR/lab/roots/6.1.0-x
    run in_lab root_of cloud 6.1.0-x
    [ "$status" -eq 1 ]
    [[ "$output" == *"module: cloud: cannot fetch linux-headers-6.1.0-x and its compiler: E: no network" ]]
    [ ! -e "$root" ]
    rm "$BATS_TEST_TMPDIR/no-network"
    run in_lab root_of cloud 6.1.0-x
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = "$root" ]
    [ -s "$root/usr/src/linux-headers-6.1.0-x/Makefile" ]
    [ -s "$root/etc/base" ]
    [ "$(cat "$root/usr/bin/awk")" = mawk ]
    # and is not downloaded again
    : >"$BATS_TEST_TMPDIR/no-network"
    [ "$(in_lab root_of cloud 6.1.0-x)" = "$root" ]
}

# cross_apt: apt-cache and apt-get of a suite with headers for arm64; downloads and queries are in the log
cross_apt() {
    local package
    deb linux-headers-6.12-arm64 usr/src/linux-headers-6.12-arm64/Makefile
    deb linux-headers-6.12-common usr/src/linux-headers-6.12-common/Makefile
    for package in base-files mawk make linux-kbuild-6.12 gcc-14-aarch64-linux-gnu; do
        deb $package "usr/bin/$package"
    done
    cat >"$tools/apt-cache" <<'END'
#!/bin/sh
echo 'Depends: linux-headers-6.12-common (= 6.12-1), linux-image-6.12-arm64 (= 6.12-1) | linux-image-6.12-arm64-unsigned, linux-kbuild-6.12, '"$FAKE_COMPILER"
END
    cat >"$tools/apt-get" <<END
#!/bin/sh
case \$* in
update) ;;
*--simulate*)
    echo "\${*#*install }" >>"$FAKE_LOG"
    case \$* in *gcc-14-aarch64-linux-gnu*) printf 'Inst %s (1 made-up)\n' base-files mawk make linux-kbuild-6.12 gcc-14-aarch64-linux-gnu ;; *) echo 'E: no such compiler' >&2; exit 100 ;; esac ;;
download*) cat "\$APT_CONFIG" >>"$FAKE_LOG"
    for package in \${*#download}; do cp "$BATS_TEST_TMPDIR/deb/\${package%:arm64}_1_all.deb" .; done ;;
esac
END
    chmod +x "$tools"/apt-*
}

@test "kernels of another architecture: its headers, and kernel tools and a cross compiler of this machine" {
    cross_apt
    root=$BATS_TEST_TMPDIR/lab/roots/6.12-arm64
    FAKE_COMPILER=gcc-13 run in_lab for_arm64 root_of trixie:cloud 6.12-arm64
    [ "$status" -eq 1 ] && [[ "$output" == *"cloud: cannot fetch linux-headers-6.12-arm64:arm64 and its compiler: E: no such compiler" ]] && [ ! -e "$root" ] || { echo "$output"; return 1; }
    for compiler in gcc-14 'gcc-14-for-host (>= 14)' linux-compiler-gcc-14-arm; do
        rm -rf "$root"
        : >"$FAKE_LOG"
        FAKE_COMPILER=$compiler run in_lab for_arm64 root_of trixie:cloud 6.12-arm64
        [ "$status" -eq 0 ] && [ "${lines[-1]}" = "$root" ] || { echo "$compiler: $output"; return 1; }
        grep -q '^linux-kbuild-6.12 gcc-14-aarch64-linux-gnu base-files .* make$' "$FAKE_LOG"
        [ "$(sed -n 's/.*APT::Architectures "*\([^";]*\).*/\1/p' "$FAKE_LOG")" = "$(dpkg --print-architecture),arm64" ]
        [ -s "$root/usr/src/linux-headers-6.12-arm64/Makefile" ]
        [ -s "$root/usr/src/linux-headers-6.12-common/Makefile" ]
        [ -s "$root/usr/bin/linux-kbuild-6.12" ]
        [ -s "$root/usr/bin/gcc-14-aarch64-linux-gnu" ]
    done
}

# bats test_tags=root
@test "commands in a root have the source, and leave nothing mounted" {
    unshare --map-root-user --mount mount --bind "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR" ||
        skip "no mounts in a namespace here: a chroot, or a container"
    root=$BATS_TEST_TMPDIR/root
    mkdir -p "$root"/{dev,proc,module} "$BATS_TEST_TMPDIR/module"
    for file in /bin/dash $(ldd /bin/dash | grep -o "/[^ ]*"); do
        mkdir -p "$root${file%/*}"
        cp "$file" "$root$file"
    done
    : >"$root/dev/null"
    echo made >"$BATS_TEST_TMPDIR/module/source"
    run in_lab in_root "$root" /bin/dash -c 'read -r line </module/source && echo "$line" && echo object >/module/object && echo gone >/dev/null && [ -e /proc/self ]'
    [ "$status" -eq 0 ]
    [ "$output" = made ]
    [ "$(cat "$BATS_TEST_TMPDIR/module/object")" = object ]
    [ ! -s "$root/dev/null" ]
    [ ! -e "$root/proc/self" ]
    refute grep -q "$root" /proc/mounts
}
