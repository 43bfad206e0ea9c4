# Boots guests and validates their results. Sourced by commands/kernels.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of kernels.sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

MEMORY_MIB=512
kvm=${WAKEONE_KVM:-/dev/kvm} # replaced by tests
TRIES=3        # boots of a guest that crashes
PROBE_S=20     # timeout of the probe guest
END=wakeone-guest-end
ALIVE=wakeone-guest-alive
# One thread emulates all CPUs. With a thread each, kernels from 6.12 on sometimes crash while patching their code, and PREEMPT_RT with
# 16 CPUs and 6.1 with 32 hang, on a host with 2 (docs/guests.md).
# Kernel parameters: no calibration of delays per CPU, no clock on an emulated device, no self-tests of ciphers.
BOOT_PARAMETERS="console=ttyS0 quiet panic=-1 tsc=reliable clocksource=tsc lpj=4000000 no_timer_check random.trust_cpu=on \
cryptomgr.notests rcupdate.rcu_expedited=1"

qemu_pid=

end_guest() {
    [ -z "$qemu_pid" ] || { kill -TERM "$qemu_pid" 2>/dev/null; wait "$qemu_pid" 2>/dev/null; }
    qemu_pid=
}

# shape CPUS: prints the options of qemu. $topology is sockets=S,threads=T,nodes=N, or nothing
shape() {
    awk -v cpus="$1" -v topology="$topology" -v memory=$MEMORY_MIB 'BEGIN {
        sockets = threads = nodes = 1
        n = split(topology, part, ",")
        for (i = 1; i <= n; i++) {
            split(part[i], pair, "=")
            if (pair[1] == "sockets") sockets = pair[2]
            if (pair[1] == "threads") threads = pair[2]
            if (pair[1] == "nodes") nodes = pair[2]
        }
        if (cpus % (sockets * threads) || cpus % nodes) exit 1
        line = "-smp " cpus ",sockets=" sockets ",cores=" cpus / sockets / threads ",threads=" threads " -m " memory
        for (i = 0; nodes > 1 && i < nodes; i++)
            line = line " -object memory-backend-ram,id=m" i ",size=" memory / nodes "M -numa node,nodeid=" i ",memdev=m" i \
                ",cpus=" i * cpus / nodes "-" (i + 1) * cpus / nodes - 1
        print line
    }'
}

# run_qemu LIMIT_S LOG RESULTS CPUS: returns the status of timeout(1); 124 = timeout
run_qemu() {
    limit=$1 log=$2 results=$3 size=$4
    case $accelerator in
    virtual)
        set -- chrt --idle 0 taskset -c "$host_cpu" "$qemu_root/$LOADER" --library-path "$qemu_root/usr/lib/x86_64-linux-gnu" \
            --preload "$plugin" "$qemu_root/usr/bin/qemu-system-aarch64" -accel tcg,thread=multi \
            -machine virt,gic-version=3 -cpu neoverse-n1 -seed "${seed:-1}" -rtc base=2020-01-01,clock=vm \
            -plugin "$plugin,price=$price_ps,quantum=$quantum_ps,miss=$miss_ps,upgrade=$upgrade_ps,servers=$((size > 1 ? size / 2 : 1)),counts=$work/counts,profile=$work/profile"
        ;;
    kvm) set -- qemu-system-x86_64 -machine pc -accel kvm -cpu host ;;
    *) set -- qemu-system-x86_64 -machine pc -accel tcg,thread=single -cpu max ;;
    esac
    [ -z "${INSTRUCTIONS:-}" ] || set -- qemu-system-x86_64 -machine pc -accel tcg -icount shift=0,sleep=off -cpu max
    # shellcheck disable=SC2046 # space-separated options
    setpriv --pdeathsig TERM timeout -k 2 "$limit" "$@" $(shape "$size") -nodefaults -no-user-config \
        -display none -serial "file:$log" -serial "file:$results" -no-reboot -kernel "$image" -initrd "$work/initrd" \
        -append "$BOOT_PARAMETERS${append:+ $append}" >"$work/qemu" 2>&1 </dev/null &
    qemu_pid=$!
    wait "$qemu_pid" 2>/dev/null # suppresses the shell's message about a killed qemu
    qemu_status=$?
    qemu_pid=
    return $qemu_status
}

# find_accelerator: sets `accelerator` after booting a probe guest, since guests may hang although /dev/kvm exists
find_accelerator() {
    accelerator=tcg
    [ -w "$kvm" ] || return 0
    rm -rf "$work/probe" && mkdir -p "$work/probe/job" && : >"$work/probe/job/probe"
    make_job "$work/probe"
    accelerator=kvm
    run_qemu $PROBE_S "$work/probe.log" "$work/probe.results" 1
    grep -q $ALIVE "$work/probe.log" 2>/dev/null && return
    accelerator=tcg
    message "$program: $kvm exists, but the probe guest made no progress on it: guests are emulated"
}

# take_results LOG RESULTS OUT: unpacks the guest's results if size and checksum match those printed on the console
take_results() {
    printed=$(tr -d '\r' <"$1" 2>/dev/null | sed -n "s/.*$END \([0-9]* [0-9a-f]*\)$/\1/p" | tail -n 1)
    [ -n "$printed" ] || return 1
    head -c "${printed% *}" "$2" >"$work/out.tar.gz"
    [ "$(sha256sum "$work/out.tar.gz" | cut -d' ' -f1)" = "${printed#* }" ] &&
        mkdir -p "$3" && tar -C "$3" --no-same-owner -xmzf "$work/out.tar.gz"
}

# last_message LOG: the reason of a panic, or the last line
last_message() {
    tr -d '\r' <"$1" 2>/dev/null | sed 's/^\[ *[0-9.]*\] //' >"$work/clean"
    grep -a -m 1 -E 'Kernel panic|Oops|BUG:' "$work/clean" || grep -a . "$work/clean" | tail -n 1 | grep -a . ||
        tail -n 1 "$work/qemu" | grep . || echo "no output"
}

# boot CPUS JOB LOG OUT: boots the image with that job; sets `boots`, and `why` with status 1
boot() {
    make_job "$2"
    boot_initrd "$1" "$3" "$4"
}

# check_room: fails if the disk is full, since truncated results must not be taken for a crash of the guest
check_room() {
    { printf '%65536s' '' >"$work/room"; } 2>/dev/null && rm "$work/room" || fail "cannot write to $work: is the disk full?"
}

# boot_initrd CPUS LOG OUT: the same, with the initrd that make_job has written
boot_initrd() {
    boots=0
    while [ "$boots" -lt $TRIES ]; do
        boots=$((boots + 1))
        rm -rf "$3" "$work/results"
        : >"$2"
        run_qemu "$limit_s" "$2" "$work/results" "$1"
        if take_results "$2" "$work/results" "$3"; then
            [ ! -s "$3/failed" ] || { why=$(cat "$3/failed") && return 1; }
            return 0
        fi
        check_room
        [ "$qemu_status" -ne 124 ] || { why="timeout after $time_limit: $(last_message "$2" | printable 200)" && return 1; }
    done
    why="it crashed in $TRIES of $TRIES boots: $(last_message "$2" | printable 200)"
    return 1
}
