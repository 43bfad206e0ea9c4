#!/bin/sh
# static: build wakeups as one file for any server, and check its counts in a guest of each kernel
#
# usage: ./run.sh static [OPTIONS] [KERNEL...]
#
# Builds build/static/bin/wakeups, which is statically linked: copy it to a server, or into a container, with Linux 5.10 or later
# and its BTF (/sys/kernel/btf/vmlinux). Prints its path.
#
# With kernels (as of ./run.sh kernels: cloud, bullseye:cloud, a file) each is booted, and the file is checked against expected
# counts in it: racing wakes each of 4 workers for a connection, wakeone one. A wrong count is "not ok", and the exit status is 1.
#
#   --arm64            for arm64: build/arm64/bin/wakeups; guests run in virtual time (docs/guests.md), kernels of trixie
#                      unless a suite is named
#   --time-limit D     timeout of a guest (10m)
#   --out DIR          where the outcomes and the kernel logs go (results/static-<host>-<utc>)
#
# example: ./run.sh static bullseye:cloud bookworm:cloud trixie:cloud

# SPDX-License-Identifier: BSD-2-Clause

# shellcheck disable=SC2034 # read by harness/lab
set -u
program=static
: "${top:?is set by run.sh}" "${no_install=}"
. "$top/harness/lib/common.sh"
. "$top/harness/lab/lab.sh"
. "$top/harness/lab/outcomes.sh"

time_limit=10m
out=
kernels=
seed=1
case " $* " in
*" --arm64 "*) use_virtual ;;
esac
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print_help "$0" && exit 0 ;;
    --time-limit | --out)
        needs_value "$1" $#
        eval "$(option_variable "$1")=\$2"
        shift
        ;;
    --arm64) ;; # read earlier
    -*) fail_usage "there is no option '$1': see --help" ;;
    *) kernels="$kernels$1
" ;;
    esac
    shift
done
check_duration --time-limit "$time_limit" 1000 86400000
limit_s=$((ms / 1000))
is_checkout || fail "needs a checkout, since it builds a program; this is an installed copy"
make_work end_guest
trap 'message "$program: interrupted"; exit 1' INT TERM HUP
if [ -n "$kernels" ]; then
    prepare_guests
elif [ -n "$virtual" ]; then
    install_and_build "run virtual" bpf
    fetch_libraries || exit $?
    build_guest_programs
else
    install_and_build run static
fi
echo "$guest_build/bin/wakeups" | print_out || exit $?
[ -n "$kernels" ] || exit 0

# check_kernel NAME: in a guest of two CPUs
check_kernel() {
    [ -n "$accelerator" ] || find_accelerator
    add_outcomes 2 counter
    print_outcomes
}

[ -z "$virtual" ] || host_cpu=$(host_cpus | tail -n 1)
make_base "${out:-$WAKEONE_RESULTS/static-$(uname -n)-$(date -u +%Y%m%dT%H%M%SZ)}"
mkdir -p "$work/job-counter/job" && printf 'counter racing 4\ncounter wakeone 1\n' >"$work/job-counter/job/checks" && : >"$work/job-counter/job/sysctls" ||
    fail "cannot write to $work: is the disk full?"
make_image
check_kernels "$kernels"
exit $bad
