# What the commands that boot guests share. Sourced after common.sh and, where there is one, the engine.
# shellcheck shell=sh disable=SC2034 # read by the files of the lab
: "${top:?must be set by the caller}"
. "$top/harness/lib/plain.sh"
. "$top/harness/lab/apt.sh"
. "$top/harness/lab/kernels.sh"
. "$top/harness/lab/image.sh"
. "$top/harness/lab/boot.sh"
. "$top/harness/lab/module.sh"
. "$top/harness/lab/virtual.sh"
. "$top/harness/lab/where.sh"

lab=${WAKEONE_LAB:-$top/build/lab} # tests have one of their own
guest_build=${GUEST_BUILD:-$top/${BUILD:-build}/static}
accelerator= # until one is looked for
append=
topology=

need_qemu() {
    command -v qemu-system-x86_64 >/dev/null || fail "missing: qemu-system-x86_64; ./run.sh setup lab installs it"
}

# make_base DIR: sets `base`, a directory that was not there
make_base() {
    [ ! -e "$1" ] || fail_usage "$1 exists: choose another --out"
    make_directory_for "$1" "$1: choose another --out"
    base=$(cd "$1" && pwd)
}

# prepare_guests: installs, builds and fetches all that they are made of, but for their kernels
prepare_guests() {
    if [ -n "$virtual" ]; then
        install_and_build "run lab virtual" all
        prepare_virtual
    else
        install_and_build "run lab" all guest
        need_qemu
    fi
}
