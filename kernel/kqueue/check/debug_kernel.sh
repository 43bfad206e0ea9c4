#!/bin/sh
# debug_kernel.sh SOURCE: configures a small kernel that reports errors of a module (KASAN, lockdep, DEBUG_OBJECTS,
# kmemleak), for qemu's machine "pc". Then, in SOURCE (Debian's linux-source, unpacked; flex, bison, bc, libelf-dev, libssl-dev):
#
#   make -j2 bzImage modules          # 24 minutes of CPU time
#   ./run.sh module SOURCE/arch/x86/boot/bzImage --memory 2048 --append 'kmemleak=on kasan_multi_shot'
#
# Fails with the name of the first option that was not set as requested: Kconfig silently drops an option whose dependency is missing.

# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

set -eu
[ $# -eq 1 ] && [ -x "$1/scripts/config" ] || { echo "usage: debug_kernel.sh SOURCE" >&2 && exit 2; }
cd "$1"

# NAME is y, NAME=VALUE is that value, NAME=n is off.
options() {
    sed 's/#.*//' <<'END'
# set by tinyconfig, overridden below
PREEMPT_NONE=n SLOB=n UNWINDER_GUESS=n KERNEL_XZ=n CC_OPTIMIZE_FOR_SIZE=n
# XZ takes long to unpack where the CPU is emulated; -O2 is what Debian builds with
KERNEL_GZIP CC_OPTIMIZE_FOR_PERFORMANCE
# the machine: "pc" reports its CPUs by ACPI
64BIT SMP NR_CPUS=64 ACPI PCI HIGH_RES_TIMERS HZ_PERIODIC=n NO_HZ_IDLE
PREEMPT # lets a race happen that is hidden without it
LOCALVERSION="-wakeone-debug" LOCALVERSION_AUTO=n
# the console, an initramfs that is not compressed, and what is in it
PRINTK PRINTK_TIME TTY SERIAL_8250 SERIAL_8250_CONSOLE BLK_DEV_INITRD BINFMT_ELF BINFMT_SCRIPT DEVTMPFS TMPFS SHMEM PROC_FS SYSFS
SYSCTL PROC_SYSCTL MULTIUSER FILE_LOCKING MAGIC_SYSRQ
NET INET UNIX EPOLL EVENTFD SIGNALFD TIMERFD INOTIFY_USER FUTEX POSIX_TIMERS AIO IO_URING ADVISE_SYSCALLS MEMBARRIER PERF_EVENTS
BPF_SYSCALL
MODULES MODULE_UNLOAD MODULE_SIG=n TRIM_UNUSED_KSYMS=n
EXPERT DEBUG_KERNEL KALLSYMS KALLSYMS_ALL STACKTRACE UNWINDER_ORC BUG
# memory: outline makes a smaller image, vmalloc has the module's own data in it
KASAN KASAN_GENERIC KASAN_OUTLINE KASAN_VMALLOC SLUB SLUB_DEBUG DEBUG_LIST
DEBUG_FS DEBUG_KMEMLEAK DEBUG_KMEMLEAK_MEM_POOL_SIZE=16000 DEBUG_KMEMLEAK_AUTO_SCAN=n DEBUG_KMEMLEAK_DEFAULT_OFF=n
PROVE_LOCKING DEBUG_LOCKDEP=n DEBUG_SPINLOCK DEBUG_MUTEXES DEBUG_ATOMIC_SLEEP PROVE_RCU DETECT_HUNG_TASK WQ_WATCHDOG
DEBUG_OBJECTS DEBUG_OBJECTS_FREE DEBUG_OBJECTS_TIMERS DEBUG_OBJECTS_WORK DEBUG_OBJECTS_RCU_HEAD
FAULT_INJECTION FAILSLAB FAULT_INJECTION_DEBUG_FS
END
}

make -s tinyconfig >/dev/null # which prints every option that it overrides
for option in $(options); do
    case $option in
    *=*) scripts/config --set-val "${option%%=*}" "${option#*=}" ;;
    *) scripts/config --enable "$option" ;;
    esac
done
make -s olddefconfig
for option in $(options); do
    case $option in
    *=*) wanted=${option#*=} ;;
    *) wanted=y ;;
    esac
    got=$(sed -n "s/^CONFIG_${option%%=*}=//p" .config)
    [ "${got:-n}" = "$wanted" ] || { echo "debug_kernel.sh: CONFIG_${option%%=*} is ${got:-n}, not $wanted" >&2 && exit 1; }
done
