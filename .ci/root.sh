# Fresh roots of other suites of Debian. Sourced in the checkout, with $roots set to their directory.
# shellcheck shell=sh
# shellcheck disable=SC2016 # expanded in the root

# SPDX-License-Identifier: BSD-2-Clause

: "${roots:?must be set by the caller}"

# in_root ROOT DIRECTORY COMMAND...: runs it in a directory of the root. pivot_root, not chroot, in which the kernel allows no user
# namespaces. Mounts are in a mount namespace of their own, and end with it.
in_root() {
    root=$roots/$1
    shift
    unshare --mount sh -c '
        root=$1 place=$2
        shift 2
        mount --bind "$root" "$root" && mount --rbind /dev "$root/dev" && mount -t proc proc "$root/proc" &&
            mount -t tmpfs tmpfs "$root/tmp" && cd "$root" && mkdir -p mnt/host && pivot_root . mnt/host || exit 1
        exec env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            DEBIAN_FRONTEND=noninteractive sh -c "umount -l /mnt/host && cd \"\$0\" && exec \"\$@\"" "$place" "$@"' sh "$root" "$@"
}

mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m 1 -v security
}

# make_root SUITE: by debootstrap, with the apt configuration of this machine
make_root() {
    root=$roots/$1
    rm -rf "$root"
    debootstrap --variant=minbase --include=ca-certificates "$1" "$root" "$(mirror)"
    cp -n /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/"
    mkdir -p "$root/srv"
}

# try_all SUITE...: calls `try SUITE` for all, in parallel. Output goes to SUITE.log, and is printed only on failure; the root of a
# suite that passed is removed. Exits the script, with status 1 if any failed.
try_all() {
    pids=
    for suite; do
        (set -eux && try "$suite") >"$roots/$suite.log" 2>&1 </dev/null &
        pids="$pids $suite:$!"
    done
    failed=0
    for pair in $pids; do
        if wait "${pair#*:}"; then
            echo "root of ${pair%:*}: $(tail -n 1 "$roots/${pair%:*}.log")"
            rm -rf "${roots:?}/${pair%:*}"
        else
            tail -n 60 "$roots/${pair%:*}.log"
            echo "root of ${pair%:*}: failed, see above and $roots/${pair%:*}.log"
            failed=1
        fi
    done
    exit $failed
}
