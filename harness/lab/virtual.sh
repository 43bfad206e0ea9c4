# The virtual-time machine (virtual/machine.c): its QEMU, and the programs and kernels of its guests. All clocks of a guest must
# be derived from QEMU's, so the guests are arm64. Packages are downloaded from Debian and unpacked under $lab, not installed.
# Sourced by harness/lab/lab.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of kernels.sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

QEMU_SUITE=trixie     # has QEMU 10.0; the plugin needs version 4 of the interface (QEMU 9.2 and later)
KERNEL_SUITE=trixie   # default suite of kernels: the same on each machine
LIBRARY_SUITE=bookworm # the oldest supported one: programs that are linked here also run with newer C libraries
LIBRARIES="libbpf-dev libelf-dev zlib1g-dev liburing-dev libgsl-dev libpcap0.8-dev linux-libc-dev"
GUEST_PACKAGES="busybox-static jq libjq1 libonig5 libc6" # third-party programs in a guest
CROSS=aarch64-linux-gnu
GUEST_BUILD_VIRTUAL=build/arm64

# Kernel parameters: no self-tests of ciphers; the same addresses in each boot.
VIRTUAL_PARAMETERS="nokaslr console=ttyAMA0 quiet panic=-1 random.trust_cpu=on cryptomgr.notests"
VIRTUAL_MEMORY_MIB=1024

LOADER=usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 # of the C library of this QEMU

virtual= # 1 = virtual-time guests; use_virtual sets their architecture, clocks and costs
price_ps=1000
quantum_ps=500000
miss_ps=0 # of a cache line: 0 = no more than the instruction (the flat model)
upgrade_ps=0

# host_cpus: the CPUs that this process may use, one a line. A guest's QEMU uses one, since its threads run one at a time.
host_cpus() {
    taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' | awk -F - '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }'
}

# use_virtual: selects kernels and guests of the virtual-time machine
use_virtual() {
    virtual=1
    accelerator=virtual
    ARCH=arm64
    apt_arch=arm64
    own_suite=$KERNEL_SUITE
    MEMORY_MIB=$VIRTUAL_MEMORY_MIB
    guest_build=${GUEST_BUILD:-$top/$GUEST_BUILD_VIRTUAL}
    sysroot=$lab/roots/arm64-$LIBRARY_SUITE
    qemu_root=$lab/roots/qemu-$QEMU_SUITE
    plugin=$top/${BUILD:-build}/lib/virtual.so
    BOOT_PARAMETERS=$VIRTUAL_PARAMETERS
}

# put_in_place ROOT: renames the complete ROOT.new
put_in_place() {
    mv "$1.new" "$1" || fail "cannot write to $lab: is the disk full?"
}

# In a subshell, since use_suite changes the environment of apt.
fetch_qemu() (
    [ ! -d "$qemu_root" ] || return 0
    message "$program: fetching QEMU from $QEMU_SUITE"
    asked=qemu-system-arm apt_arch=$(dpkg --print-architecture)
    use_suite "$QEMU_SUITE"
    # shellcheck disable=SC2046 # names of packages
    unpack_packages "QEMU from $QEMU_SUITE" "$qemu_root.new" $(packages_with qemu-system-arm 2>"$work/apt")
    put_in_place "$qemu_root"
)

fetch_libraries() (
    [ ! -d "$sysroot" ] || return 0
    message "$program: fetching libraries for $CROSS from $LIBRARY_SUITE"
    asked=libraries
    use_suite "$LIBRARY_SUITE"
    # shellcheck disable=SC2086 # names of packages
    unpack_packages "libraries for $CROSS from $LIBRARY_SUITE" "$sysroot.new" $LIBRARIES $GUEST_PACKAGES
    put_in_place "$sysroot"
)

# Builds the suite's programs for the guests, from the same sources. The library path is relative, since $top may contain spaces.
build_guest_programs() {
    [ -z "${BUILT:-}" ] || return 0
    command -v $CROSS-gcc >/dev/null || fail "missing: $CROSS-gcc; ./run.sh setup virtual installs it"
    libraries=${sysroot#"$top/"}/usr/lib/$CROSS
    (cd "$top" && C_INCLUDE_PATH="$sysroot/usr/include:$sysroot/usr/include/$CROSS" make -j"$(nproc)" guest-programs \
        BUILD=$GUEST_BUILD_VIRTUAL CAPTURE=capture_none CC=$CROSS-gcc BPF_ARCH=arm64 \
        LDFLAGS="-static -Wl,--no-warnings -L$libraries") >"$work/make" 2>&1 ||
        fail "cannot build the guests' programs: $(grep -m 1 -E 'error|[*][*][*]' "$work/make" | printable 160)"
}

# needed_by PROGRAM: the names of the libraries that a guest's program is linked with
needed_by() {
    $CROSS-readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

# put_foreign PROGRAM ROOT: as put_program, for the guest's architecture
put_foreign() {
    mkdir -p "$2/bin" "$2/lib" && cp "$1" "$2/bin/" || return 1
    wanted="ld-linux-aarch64.so.1 $(needed_by "$1")"
    while [ -n "$wanted" ]; do
        more=
        for library in $wanted; do
            [ ! -e "$2/lib/$library" ] || continue
            found=$(find "$sysroot" -name "$library" | head -n 1) && cp -L "$found" "$2/lib/" || return 1
            more="$more $(needed_by "$found")"
        done
        wanted=$(printf '%s' "$more" | tr -s ' \n' ' ' | sed 's/^ $//')
    done
}

# ---- of commands/kernels.sh ----

# One connection per CPU of the load: its threads wait, and so do most workers, which is when a herd can be woken
virtual_defaults() {
    workers=2/cpu
    connections=1/2cpu
    rate=
    threads=auto
    split=half
    window=50ms
    warmup=50ms
    instrument=ctxsw
    known=10
}

# thousandths DECIMAL: sets ms; fails if it is not a number, or has more than three decimals, so that nothing is rounded
thousandths() {
    case $1 in
    *[!0-9.]* | *.????*) return 1 ;;
    esac
    milliseconds "${1}s"
}

# preset NAME COLUMN: of prices.tsv, in ns; nothing if the name is unknown
preset() {
    awk -F '\t' -v name="$1" -v column="$2" '/^#/ { next } !n++ { for (i = 1; i <= NF; i++) if ($i == column) c = i; next } $1 == name { print $c }' "$top/harness/lab/prices.tsv"
}

names_of_presets() {
    awk -F '\t' '!/^#/ && n++ { printf " %s", $1 }' "$top/harness/lab/prices.tsv"
}

# read_price OPTION NS: sets ps; NS has at most three decimals
read_price() {
    [ "$2" != 0 ] || { ps=0 && return; }
    thousandths "$2" && [ "$ms" -le 1000000 ] || fail_usage "$1 takes nanoseconds up to 1000, with at most three decimals, not '$2'"
    ps=$ms
}

# check_virtual: checks --prices, --price, --miss and --upgrade, which override it, and --quantum; sets them in picoseconds
check_virtual() {
    [ "$prices" = flat ] || [ -n "$(preset "$prices" name)" ] || fail_usage "there are no prices '$prices'; there are: flat$(names_of_presets)"
    read_price --price "${price:-$(preset "$prices" price_ns | grep . || echo 1)}"
    price_ps=$ps
    [ "$price_ps" -ge 10 ] || fail_usage "--price takes at least 0.01 ns, not '$price'"
    read_price --miss "${miss:-$(preset "$prices" miss_ns | grep . || echo 0)}"
    miss_ps=$ps
    read_price --upgrade "${upgrade:-$(preset "$prices" upgrade_ns | grep . || echo "${miss:-0}")}"
    upgrade_ps=$ps
    [ "${quantum%us}" != "$quantum" ] && thousandths "${quantum%us}" && [ "$ms" -ge 100 ] && [ "$ms" -le 100000 ] ||
        fail_usage "--quantum takes a duration from 0.1us to 100us, with at most three decimals, not '$quantum'"
    quantum_ps=$((ms * 1000))
}

# prepare_virtual: downloads and builds all parts of its guests
prepare_virtual() {
    fetch_libraries || exit $?
    fetch_qemu || exit $?
    build_guest_programs
    cp "$plugin" "$work/virtual.so" && plugin=$work/virtual.so || fail "cannot write to $work: is the disk full?"
}

# describe_virtual: the parameters of the guests' clock as JSON; null if it is the machine's clock
describe_virtual() {
    [ -n "$virtual" ] || { echo null && return; }
    echo "$price_ps $miss_ps $upgrade_ps $quantum_ps" | awk -v prices="$prices" '{
        printf "{\"model\": \"%s\", \"prices\": \"%s\", \"price_ns\": %.12g, \"miss_ns\": %.12g, \"upgrade_ns\": %.12g, \"quantum_us\": %.12g}\n",
            $2 + $3 ? "coherent" : "flat", prices, $1 / 1000, $2 / 1000, $3 / 1000, $4 / 1e6 }'
}

version_of_qemu() {
    if [ -n "$virtual" ]; then
        "$qemu_root/$LOADER" --library-path "$qemu_root/usr/lib/x86_64-linux-gnu" "$qemu_root/usr/bin/qemu-system-aarch64" --version
    else
        qemu-system-x86_64 --version
    fi | head -n 1
}
