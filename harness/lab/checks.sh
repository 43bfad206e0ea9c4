#!/bin/sh
# checks.sh FILE: runs checks in a guest: those of kernel/kqueue, whose module is loaded, and others. FILE has a check per line: a
# program of build/kqueue-check and its arguments, or reload N, cost, or counter STRATEGY WAKEUPS. Afterwards it checks the kernel
# log. Prints lines "ok ..." and "not ok ...".

# SPDX-License-Identifier: BSD-2-Clause

set -u
top=/wakeone
. "$top/harness/lib/common.sh"
programs=$top/build/kqueue-check
module=/job/kqueue.ko

# run_check NAME ARGUMENTS...: with epoll, strand reports results but no outcome
run_check() {
    program=$programs/$1
    check_line="$*"
    shift
    "$program" "$@" >/tmp/output 2>&1
    status=$?
    sed '/^not ok/!{/^ok/!s/^/# /}' /tmp/output
    case $check_line in
    *epoll*) ;;
    *) [ $status -eq 0 ] && echo "ok $check_line" || echo "not ok $check_line: exit status $status" ;;
    esac
}

# reload N: unloads and loads the module N times while programs that use it start and end; unloading is refused or succeeds.
reload() {
    (while [ ! -e /tmp/enough ]; do "$programs/storm" 1 2 >/dev/null 2>&1; done) &
    refused=0 clean=0
    while [ $((refused + clean)) -lt "$1" ]; do
        if rmmod kqueue 2>/dev/null; then
            clean=$((clean + 1))
            insmod "$module" || { echo "not ok reload: loading it again failed" && return; }
        else
            refused=$((refused + 1))
        fi
        sleep 0.1
    done
    : >/tmp/enough
    wait
    # Killed programs may have children that are still exiting.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        if rmmod kqueue 2>/dev/null; then
            insmod "$module" && echo "ok reload: $refused refused, $clean clean" || echo "not ok reload: loading it again failed"
            return
        fi
        sleep 1
    done
    { cat /proc/modules && ps; } | grep -v '\[' | sed 's/^/# /'
    echo "not ok reload: in use without a user"
}

# cost: instructions of the server per request, with both backends in turn; in this guest an instruction takes one nanosecond.
cost() {
    mkdir -p /tmp/cost/hist
    for round in 1 2 3 4 5 6 7; do
        for backend in epoll kqueue; do
            "$top/build/bin/trial" --strategy wakeone --backend $backend --as $backend --workers 4 --rate 200 --window 2s --warmup 500ms \
                --machine tcg --instrument ctxsw --round $round --out /tmp/cost >/dev/null 2>/tmp/output || { echo "not ok cost: $(tail -n 1 /tmp/output)" && return; }
        done
    done
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { us[$at["strategy"], $at["round"]] = $at["server_cpu_us_per_req"]; rounds = $at["round"] }
        END { for (r = 1; r <= rounds; r++) printf "# cost: round %d: %.0f instructions a request with epoll, %.0f with kqueue, ratio %.3f\n", r,
            1000 * us["epoll", r], 1000 * us["kqueue", r], us["kqueue", r] / us["epoll", r] }' /tmp/cost/trials.csv >/tmp/ratios
    cat /tmp/ratios
    sed 's/.*ratio //' /tmp/ratios | sort -n | awk '{ v[NR] = $1 } END { m = v[int((NR + 1) / 2)]
        printf "%sok cost: kqueue takes %.3f [%.3f, %.3f] of the instructions of epoll\n", (m > 0 && m <= 1.1 ? "" : "not "), m, v[1], v[NR] }'
}

# counter STRATEGY WAKEUPS: checks the wakeups per idle connection, with 4 sleeping workers, counted by `wakeups`
counter() {
    "$top/build/bin/wakeups" --instrument bpf --json=/tmp/counts -- "$top/build/epoll/$1" --workers 4 --port 8080 >/tmp/output 2>&1 &
    counting=$!
    sleep 3
    for _ in 1 2 3 4 5; do
        sleep 30 | nc 127.0.0.1 8080 >/dev/null &
        sleep 1
    done
    kill -INT $counting
    wait $counting
    sed 's/^/# /' /tmp/output
    counted=$(jq -r '.summary | "\(.wakeups) wakeups, \(.accepts) accepts"' /tmp/counts)
    [ "$counted" = "$((5 * $2)) wakeups, 5 accepts" ] && echo "ok counter $1: $counted" || echo "not ok counter $1: $counted"
}

# kmemleak needs two scans to be reliable.
check_leaks() {
    [ -e /sys/kernel/debug/kmemleak ] || return 0
    for _ in 1 2; do
        echo scan >/sys/kernel/debug/kmemleak
        sleep 6
    done
    sed 's/^/# /' /sys/kernel/debug/kmemleak
    [ -s /sys/kernel/debug/kmemleak ] && echo "not ok kmemleak" || echo "ok kmemleak: no leaks"
}

# check_kernel_log: each report with the lines after it, which have the stacks. lockdep turns itself off after its first report.
check_kernel_log() {
    dmesg | grep -A 40 -E 'BUG|WARNING|KASAN|Oops|general protection|INFO: |possible .* detected|ODEBUG|unreferenced|hung' |
        head -n 400 >/tmp/reports
    [ ! -e /proc/lockdep_stats ] || grep -q 'debug_locks: *1' /proc/lockdep_stats || echo "lockdep is off" >>/tmp/reports
    sed 's/^/# /' /tmp/reports
    [ -s /tmp/reports ] && echo "not ok kernel: dmesg: warnings or errors found" || echo "ok kernel: dmesg: no warnings or errors"
}

echo "# $(uname -r), $(nproc) CPUs"
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
# shellcheck disable=SC2086 # space-separated arguments
while read -r check arguments; do
    case $check in
    reload) reload "$arguments" ;;
    cost) cost ;;
    counter) counter $arguments ;;
    *) run_check "$check" $arguments ;;
    esac
done <"$1"
check_leaks
check_kernel_log
