#!/bin/sh
# What a guest does: known answers first, then its trials; all of it, in a tar, goes to the second serial port, and its
# size and checksum to the first, which is the console: the host believes nothing else.
#
# /job holds: sysctls (NAME=VALUE, one a line), strategies, workers (lists), connections (of the known answers), trials
# (a line of arguments each), trial_words, kqueue.ko where a module is to be loaded, `symbols` where the kernel's are
# wanted; of other jobs, checks or path, and sysctls. What it makes is in /out: stages.txt, selftest.txt, env.json, trials.csv,
# workers.csv, hist/, symbols, or checks.txt, path.tsv, and `failed`, a line of what was wrong.

set -u
top=/wakeone
program=guest
no_install=
BUILT=1
export top BUILT no_install
. "$top/harness/lib/common.sh"

# stage NAME: when it was reached, in seconds since the kernel began
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
        sysctl -q -w "$setting" || { give_up "the kernel does not take the sysctl $setting" && return 1; }
    done </job/sysctls
    [ ! -e /job/kqueue.ko ] || insmod /job/kqueue.ko || { give_up "the kernel does not take the module: $(dmesg | tail -n 1)" && return 1; }
    stage begun
}

# Three times at the most, as faults does: emulated CPUs may stand still between a wakeup and what it was for. What was wrong
# is on the console, which is the boot's log.
known_answers() {
    for try in 1 2 3; do
        sh "$top/harness/commands/selftest.sh" --strategies "$(job strategies)" --workers "$(job workers)" \
            --connections "$(job connections)" >/out/selftest.txt 2>&1 && stage "known-at-$try" && return
        grep -E 'WRONG|selftest: ' /out/selftest.txt
    done
    give_up "the known answers are wrong: $(grep -m 1 -E 'WRONG|selftest: ' /out/selftest.txt)"
    return 1
}

# Each trial as the host's `runs trials` has written it, a line of arguments. A server that cannot be had with so many workers here (2)
# is left out, and a sample that is invalid (3) is a row all the same.
trials() {
    sh "$top/harness/lib/environment.sh" >/out/env.json
    mkdir -p /out/hist
    give_up "a trial failed: see the log" # which ends this
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

# What the kernel's addresses are called, for where its time went (../lab/where.sh): "ADDRESS NAME", rising
write_symbols() {
    awk '$2 ~ /^[tTwW]$/ { print $1, $3 }' /proc/kallsyms >/out/symbols
}

# In a virtual-time guest with a price of 1 ns, a nanosecond is an instruction.
count_instructions() {
    "$top/build/bin/path" >/out/path.tsv || give_up "path failed: see the log"
}

# The second serial port, as a PC or an arm64 machine has it
results_port() {
    [ -c /dev/ttyAMA1 ] && echo /dev/ttyAMA1 || echo /dev/ttyS1
}

# The tar, and a line about it that nobody prints by chance
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
    set_up && known_answers && trials
fi
