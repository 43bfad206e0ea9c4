#!/bin/sh
# guest.sh: runs in a guest: first the selftest, then the trials. A tar of all results is written to the second serial port,
# and its size and checksum to the first, the console; the host accepts only results that match these.
#
# /job has: sysctls (NAME=VALUE, one a line), strategies, workers (lists), connections (of the selftest), trials (a line of
# arguments each), trial_options, kqueue.ko if a module is to be loaded, `symbols` if the kernel's symbols are wanted; for other
# jobs, checks or path, and sysctls. Results are in /out: stages.txt, selftest.txt, env.json, trials.csv, workers.csv, hist/,
# symbols, or checks.txt, path.tsv, and `failed`, a line with the reason of a failure.

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=/wakeone
program=guest
no_install=
BUILT=1
export top BUILT no_install
. "$top/harness/lib/common.sh"

# stage NAME: records when it was reached, in seconds since boot
stage() {
    echo "$1 $(cut -d' ' -f1 /proc/uptime)" >>/out/stages.txt
}

job() {
    cat "/job/$1"
}

give_up() {
    echo "$*" >/out/failed
}

set_up() {
    ip link set lo up || { give_up "the kernel has no loopback device" && return 1; }
    # shellcheck disable=SC3045 # busybox has -n
    ulimit -n 65536
    while read -r setting; do
        sysctl -q -w "$setting" || { give_up "the kernel rejects the sysctl $setting" && return 1; }
    done </job/sysctls
    [ ! -e /job/kqueue.ko ] || insmod /job/kqueue.ko || { give_up "the kernel rejects the module: $(dmesg | tail -n 1)" && return 1; }
    stage begun
}

# run_selftest: at most three times, as in faults, since emulated CPUs may stall between a wakeup and the accept. Wrong counts are
# printed on the console, and so are in the boot log.
run_selftest() {
    for try in 1 2 3; do
        sh "$top/harness/commands/selftest.sh" --strategies "$(job strategies)" --workers "$(job workers)" \
            --connections "$(job connections)" >/out/selftest.txt 2>&1 && stage "known-at-$try" && return
        grep -E 'WRONG|selftest: ' /out/selftest.txt
    done
    give_up "wrong counts in the selftest: $(grep -m 1 -E 'WRONG|selftest: ' /out/selftest.txt)"
    return 1
}

# Runs the trials, each a line of arguments written by `runs trials` on the host. A server that does not support so many workers
# here (status 2) is skipped; an invalid sample (status 3) is recorded like others.
trials() {
    sh "$top/harness/lib/environment.sh" >/out/env.json
    mkdir -p /out/hist
    give_up "a trial failed: see the log" # removed if all succeed
    while read -r arguments <&3; do
        # shellcheck disable=SC2086 # space-separated
        "$top/harness/lab/trial.sh" --out /out --parent $$ $arguments </dev/null 3<&-
        case $? in
        0 | 2 | 3) ;;
        *) exit 1 ;;
        esac
    done 3</job/trials
    rm /out/failed
    [ ! -e /job/symbols ] || write_symbols
    stage measured
}

# The kernel's symbols, for the profile (harness/lab/where.sh): "ADDRESS NAME", ascending
write_symbols() {
    awk '$2 ~ /^[tTwW]$/ { print $1, $3 }' /proc/kallsyms >/out/symbols
}

# In a virtual-time guest with --price 1, an instruction takes one nanosecond.
count_instructions() {
    "$top/build/bin/path" >/out/path.tsv || give_up "path failed: see the log"
}

# The second serial port of a PC or an arm64 machine
results_port() {
    [ -c /dev/ttyAMA1 ] && echo /dev/ttyAMA1 || echo /dev/ttyS1
}

# Sends the tar, and prints a line with its size and checksum
hand_over() {
    tar -C /out -czf /tmp/out.tar.gz .
    port=$(results_port)
    stty -F "$port" raw -echo
    cat /tmp/out.tar.gz >"$port"
    echo "wakeone-guest-end $(wc -c </tmp/out.tar.gz) $(sha256sum /tmp/out.tar.gz | cut -d' ' -f1)"
}

work=$(mktemp -d)
trap hand_over EXIT
if [ -e /job/checks ]; then # of the module: ./run.sh module
    set_up && sh "$top/harness/lab/checks.sh" /job/checks >/out/checks.txt 2>&1
elif [ -e /job/path ]; then # instructions of a request: ./run.sh prices
    set_up && count_instructions
else
    set_up && run_selftest && trials
fi
