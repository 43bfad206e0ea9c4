#!/bin/sh
# module: check the module of kernel/kqueue in a guest: its behaviour, lost connections, load and fuzz tests
#
# usage: ./run.sh module [OPTIONS] [KERNEL...]
#
# Builds the module for each kernel (as of ./run.sh kernels; cloud), boots it, loads the module and runs the checks of
# kernel/kqueue/check in it. A check that fails, and a report of the kernel (an oops, a warning, KASAN, lockdep, kmemleak),
# is "not ok", and the exit status is 1.
#
#   --virtual          arm64 guests in virtual time (docs/guests.md); kernels of trixie unless a suite is named
#   --checks LIST      of suite, cases, strand, storm, fuzz, reload, cost (suite,cases,strand,storm,fuzz,reload)
#   --cpus N           of the guest (4); cost always uses 1
#   --memory M         of the guest, MiB (512); a kernel with KASAN needs 2048
#   --seconds S        duration of storm and fuzz (20; 2 with --virtual, where reload does 10 rounds of 100)
#   --connections N    of strand (2000)
#   --time-limit D     timeout of a guest (30m)
#   --append LINE      for the kernel command line
#   --out DIR          where the outcomes and the kernel logs go (results/module-<host>-<utc>)
#
# example: ./run.sh module cloud rt --checks suite,cases

# SPDX-License-Identifier: BSD-2-Clause

# shellcheck disable=SC2034 # read by harness/lab
set -u
program=module
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"
. "$top/harness/lab/lab.sh"
. "$top/harness/lab/outcomes.sh"

CHECKS="suite cases strand storm fuzz reload cost"
checks=suite,cases,strand,storm,fuzz,reload
cpus=4
seconds=20
reloads=100
connections=2000
time_limit=30m
out=
memory=512
kernels=
case " $* " in
*" --virtual "*) use_virtual && seconds=2 reloads=10 ;; # busy CPUs are slow to emulate
esac
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$0" && exit 0 ;;
    --checks | --cpus | --memory | --seconds | --connections | --time-limit | --append | --out)
        needs_value "$1" $#
        eval "$(option_variable "$1")=\$2"
        shift
        ;;
    --virtual) ;; # read earlier
    -*) fail_usage "there is no option '$1': see --help" ;;
    *) kernels="$kernels$1
" ;;
    esac
    shift
done
check_number --cpus "$cpus" 1 64
check_number --memory "$memory" 128 65536
MEMORY_MIB=$memory
check_number --seconds "$seconds" 1 86400
check_number --connections "$connections" 1 1000000
check_duration --time-limit "$time_limit" 1000 86400000
limit_s=$((ms / 1000))
check_names --checks check "$checks" "$CHECKS" && checks=$list
make_work end_guest
prepare_guests
[ -z "$virtual" ] || host_cpu=$(host_cpus | tail -n 1)
trap 'message "$program: interrupted"; exit 1' INT TERM HUP
make_base "${out:-$WAKEONE_RESULTS/module-$(uname -n)-$(date -u +%Y%m%dT%H%M%SZ)}"

# list_checks CHECKS: the job of a guest, a line each: a program and its arguments (harness/lab/checks.sh)
list_checks() {
    for check in $1; do
        case $check in
        strand) printf 'strand kqueue %s\nstrand epoll %s\n' "$connections" "$connections" ;;
        storm | fuzz) echo "$check $seconds" ;;
        reload) echo "reload $reloads" ;;
        *) echo "$check" ;;
        esac
    done
}

# check_in_guest CPUS CHECKS NAME: boots one guest and adds its outcomes to the kernel's
check_in_guest() {
    mkdir -p "$work/job-$3/job" && list_checks "$2" >"$work/job-$3/job/checks" && cp "$work/module/kqueue.ko" "$work/job-$3/job/" ||
        fail "cannot write to $work: is the disk full?"
    : >"$work/job-$3/job/sysctls"
    add_outcomes "$1" "$3"
}

# check_kernel NAME: called by check_kernels
check_kernel() {
    build_module "$1" "$image" "$release" || { bad=1 && return; }
    [ -n "$accelerator" ] || find_accelerator
    others=$(printf '%s' "$checks" | tr ' ' '\n' | grep -vx cost | tr '\n' ' ')
    [ -z "$others" ] || check_in_guest "$cpus" "$others" checks
    # One nanosecond per instruction, as in virtual time: durations count instructions.
    case " $checks " in
    *" cost "*) INSTRUCTIONS=$([ -n "$virtual" ] || echo 1) check_in_guest 1 cost cost ;;
    esac
    print_outcomes
}

make_image
check_kernels "${kernels:-cloud
}"
exit $bad
