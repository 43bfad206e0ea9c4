# Shared by the commands that boot guests. Sourced after common.sh and, if there is one, the engine.
# shellcheck shell=sh disable=SC2034 # read by harness/lab

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"
. "$top/harness/lib/plain.sh"
. "$top/harness/lab/apt.sh"
. "$top/harness/lab/kernels.sh"
. "$top/harness/lab/image.sh"
. "$top/harness/lab/boot.sh"
. "$top/harness/lab/module.sh"
. "$top/harness/lab/virtual.sh"
. "$top/harness/lab/where.sh"

lab=${WAKEONE_LAB:-$top/build/lab} # replaced by tests
guest_build=${GUEST_BUILD:-$top/${BUILD:-build}/static}
accelerator= # set by find_accelerator
append=
topology=

need_qemu() {
    command -v qemu-system-x86_64 >/dev/null || fail "missing: qemu-system-x86_64; ./run.sh setup lab installs it"
}

# make_base DIR: creates the directory, which must not exist, and sets `base`
make_base() {
    [ ! -e "$1" ] || fail_usage "$1 exists: choose another --out"
    make_directory_for "$1" "$1: choose another --out"
    base=$(cd "$1" && pwd)
}

# prepare_guests: installs, builds and downloads all parts of guests except their kernels
prepare_guests() {
    if [ -n "$virtual" ]; then
        install_and_build "run lab virtual" all
        prepare_virtual
    else
        install_and_build "run lab" all guest
        need_qemu
    fi
}
