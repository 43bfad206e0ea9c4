#!/bin/sh
# faults: what happens to connections when a worker is stopped, killed or replaced
#
# usage: ./run.sh faults [OPTIONS]
#
#   --strategies LIST  names, or all (all)
#   --faults LIST      some of those below, or all (all)
#
#   none           no fault
#   stop           SIGSTOP of one worker, or of the lock's holder, for 400 ms
#   kill-asleep    kill -9 of a sleeping worker
#   kill-woken     kill -9 of the worker just woken, before it accepts
#   kill-stopped   stopped for 400 ms, then killed with the connections in its queue
#   kill-holder    kill -9 of the lock's holder
#   kill-acceptor  kill -9 of the process that accepts for all
#   restart        one worker is replaced by a new one
#   migrate        kill-stopped with net.ipv4.tcp_migrate_req=1, in a network namespace of its own
#
# Connections with one request each arrive every 56 ms, so that nearly all workers sleep. Counted are
# connections answered later than 100 ms, those stranded until the next connection arrived, those reset or
# refused, and those never answered; and whether the last fifteen were served in time. The expected outcome
# of each strategy is in harness/faults/known.tsv, with its reason. A line that differs is measured again,
# alone, at most twice, since the machine may have been busy. Exit status 1 if it differs again.
#
# example: ./run.sh faults --strategies wakeone,reuseport --faults kill-woken,kill-stopped

# SPDX-License-Identifier: BSD-2-Clause

set -u
program=faults
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"
. "$top/harness/lib/strategies.sh"

all_faults="none stop kill-asleep kill-woken kill-stopped kill-holder kill-acceptor restart migrate"
AT_A_TIME=8 # trials run at the same time; they mostly sleep

strategies=all
faults=all
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$top/harness/commands/faults.sh" && exit 0 ;;
    --strategies | --faults) needs_value "$1" $# ;;
    *) fail_usage "there is no option '$1': see --help" ;;
    esac
    case $1 in
    --strategies) strategies=$2 ;;
    --faults) faults=$2 ;;
    esac
    shift 2
done
check_strategies "$strategies" && strategies=$list
check_names --faults fault "$faults" "$all_faults" && faults=$list
install_and_build run all
tool=$top/${BUILD:-build}/bin/faults

make_work ""
trap 'exit 1' INT TERM HUP

# applies STRATEGY FAULT
applies() {
    case $2 in
    kill-holder) case $1 in mutex*) ;; *) return 1 ;; esac ;;
    kill-acceptor) case $1 in fdpass*) ;; *) return 1 ;; esac ;;
    restart) case $1 in fdpass*) return 1 ;; esac ;;
    migrate) case $1 in reuseport*) ;; *) return 1 ;; esac ;;
    esac
}

in_own_network() {
    unshare --net sh -c 'ip link set lo up && echo 1 >/proc/sys/net/ipv4/tcp_migrate_req && exec "$@"' - "$@"
}

can_migrate() {
    in_own_network true 2>/dev/null
}

# measure STRATEGY FAULT: writes one line to $work/STRATEGY.FAULT. A fault that was injected too late (status
# 3, on a busy machine) has measured nothing and is repeated, at most eight times.
measure() {
    count=$(workers_max "$1")
    for _ in 1 2 3 4 5 6 7 8; do
        measure_once "$1" "$2" "${count:-4}" >"$work/$1.$2" 2>"$work/$1.$2.log"
        [ $? -eq 3 ] || break
    done
    [ -s "$work/$1.$2" ] || message "$program: $1, $2: $(tail -n 1 "$work/$1.$2.log")"
}

# measure_once STRATEGY FAULT WORKERS
measure_once() {
    if [ "$2" = migrate ]; then
        in_own_network "$tool" --strategy "$1" --fault kill-stopped |
            sed 's/kill-stopped/migrate/'
    else
        "$tool" --strategy "$1" --fault "$2" --workers "$3"
    fi
}

# measure_all AT_A_TIME < lines of "STRATEGY FAULT"
measure_all() {
    running=0
    while read -r strategy fault; do
        measure "$strategy" "$fault" </dev/null &
        running=$((running + 1))
        [ $((running % $1)) -ne 0 ] || wait
    done
    wait
}

check() {
    while read -r strategy fault; do
        cat "$work/$strategy.$fault"
    done <"$work/cases" >"$work/lines"
    "$tool" --check "$top/harness/faults/known.tsv" "$@" <"$work/lines"
}

for strategy in $strategies; do
    why=$(why_unavailable "$strategy") || exit 1
    if [ "$why" ]; then
        printf '%s\t%s\n' "$strategy" "$why" >>"$work/skipped" || cannot_work
        continue
    fi
    for fault in $faults; do
        applies "$strategy" "$fault" || continue
        if [ "$fault" = migrate ] && ! can_migrate; then
            printf '%s\tmigrate skipped: a network namespace requires root\n' "$strategy" >>"$work/skipped" || cannot_work
            continue
        fi
        echo "$strategy $fault"
    done
done >"$work/cases" || cannot_work
touch "$work/skipped" || cannot_work

measure_all "$AT_A_TIME" <"$work/cases"
for _ in 1 2; do
    check --wrong-only >"$work/again" && break
    message "$program: $(wc -l <"$work/again") of $(wc -l <"$work/cases") outcomes are not as expected: measuring them again, one at a time"
    measure_all 1 <"$work/again"
done
check >"$work/table"
status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit 1
print_out "$work/table" "$work/skipped"
[ "$(wc -l <"$work/lines")" -eq "$(wc -l <"$work/cases")" ] || status=1
[ "$status" -eq 0 ] || exit 1
