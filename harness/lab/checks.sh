#!/bin/sh
# checks.sh FILE: the checks of kernel/kqueue in a guest, where its module is loaded, and others: one a line, a program of
# build/kqueue-check and its words, or reload N, cost, or counter STRATEGY WAKEUPS. Then what the kernel has to say. Lines
# "ok ..." and "not ok ...".

set -u
top=/wakeone
. "$top/harness/lib/common.sh"
programs=$top/build/kqueue-check
module=/job/kqueue.ko

# run_check NAME WORDS...: strand tells of epoll, and does not judge it
run_check() {
    program=$programs/$1
    said="$*"
    shift
    "$program" "$@" >/tmp/said 2>&1
    status=$?
    sed '/^not ok/!{/^ok/!s/^/# /}' /tmp/said
    case $said in
    *epoll*) ;;
    *) [ $status -eq 0 ] && echo "ok $said" || echo "not ok $said: exit status $status" ;;
    esac
}

# Unloaded and loaded again, while programs come and go that use it: refused, or clean.
reload() {
    (while [ ! -e /tmp/enough ]; do "$programs/storm" 1 2 >/dev/null 2>&1; done) &
    refused=0 clean=0
    while [ $((refused + clean)) -lt "$1" ]; do
        if rmmod kqueue 2>/dev/null; then
            clean=$((clean + 1))
            insmod "$module" || { echo "not ok reload: not loaded again" && return; }
        else
            refused=$((refused + 1))
        fi
        sleep 0.1
    done
    : >/tmp/enough
    wait
    # What was killed may have left children that are about to end.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        if rmmod kqueue 2>/dev/null; then
            insmod "$module" && echo "ok reload: $refused refused, $clean clean" || echo "not ok reload: not loaded again"
            return
        fi
        sleep 1
    done
    { cat /proc/modules && ps; } | grep -v '\[' | sed 's/^/# /'
    echo "not ok reload: in use, and nobody uses it"
}

# Instructions of the server a request, of the two backends in turn: in this guest a nanosecond is one.
cost() {
    mkdir -p /tmp/cost/hist
    for round in 1 2 3 4 5 6 7; do
        for backend in epoll kqueue; do
            "$top/build/bin/trial" --strategy wakeone --backend $backend --as $backend --workers 4 --rate 200 --window 2s --warmup 500ms \
                --machine tcg --instrument ctxsw --round $round --out /tmp/cost >/dev/null 2>/tmp/said || { echo "not ok cost: $(tail -n 1 /tmp/said)" && return; }
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

# counter STRATEGY WAKEUPS: of each idle connection, of 4 workers that sleep: counted by `wakeups`, which starts the server
counter() {
    "$top/build/bin/wakeups" --instrument bpf --json=/tmp/counts -- "$top/build/epoll/$1" --workers 4 --port 8080 >/tmp/said 2>&1 &
    counting=$!
    sleep 3
    for _ in 1 2 3 4 5; do
        sleep 30 | nc 127.0.0.1 8080 >/dev/null &
        sleep 1
    done
    kill -INT $counting
    wait $counting
    sed 's/^/# /' /tmp/said
    counted=$(jq -r '.summary | "\(.wakeups) wakeups, \(.accepts) accepts"' /tmp/counts)
    [ "$counted" = "$((5 * $2)) wakeups, 5 accepts" ] && echo "ok counter $1: $counted" || echo "not ok counter $1: $counted"
}

# kmemleak has to look twice to be sure.
tell_leaks() {
    [ -e /sys/kernel/debug/kmemleak ] || return 0
    for _ in 1 2; do
        echo scan >/sys/kernel/debug/kmemleak
        sleep 6
    done
    sed 's/^/# /' /sys/kernel/debug/kmemleak
    [ -s /sys/kernel/debug/kmemleak ] && echo "not ok kmemleak" || echo "ok kmemleak: nothing"
}

# With what follows each, which has the stacks. lockdep turns itself off after its first report.
tell_reports() {
    dmesg | grep -A 40 -E 'BUG|WARNING|KASAN|Oops|general protection|INFO: |possible .* detected|ODEBUG|unreferenced|hung' |
        head -n 400 >/tmp/reports
    [ ! -e /proc/lockdep_stats ] || grep -q 'debug_locks: *1' /proc/lockdep_stats || echo "lockdep is off" >>/tmp/reports
    sed 's/^/# /' /tmp/reports
    [ -s /tmp/reports ] && echo "not ok kernel: it has something to say" || echo "ok kernel: it has nothing to say"
}

echo "# $(uname -r), $(nproc) CPUs"
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
# shellcheck disable=SC2086 # words with blanks between
while read -r check words; do
    case $check in
    reload) reload "$words" ;;
    cost) cost ;;
    counter) counter $words ;;
    *) run_check "$check" $words ;;
    esac
done <"$1"
tell_leaks
tell_reports
