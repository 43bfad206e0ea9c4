# Outcomes of checks in guests (checks.sh), by kernel: `ok` and `not ok` lines in $base/RELEASE.txt, and the exit status. Sourced
# by the commands that check; sets bad=1 if a check fails.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of module.sh and static.sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

TAB=$(printf "\t")
bad=0

# add_outcomes CPUS NAME: boots a guest with the job in $work/job-NAME; a guest that fails counts as a failed check
add_outcomes() {
    if boot "$1" "$work/job-$2" "$base/$release-$2.log" "$work/guest-$2"; then
        cat "$work/guest-$2/checks.txt" 2>/dev/null || echo "not ok guest: no outcomes"
    else
        echo "not ok guest: $why"
    fi >>"$base/$release.txt" || fail "cannot write to $base: is the disk full?"
}

print_outcomes() {
    sed "s/^/$release: /" "$base/$release.txt" | print_out || bad=1
    ! grep -q '^not ok' "$base/$release.txt" || bad=1
}

# check_kernels KERNELS: calls check_kernel NAME for each, one a line, with `image` and `release` set
check_kernels() {
    printf '%s' "$1" >"$work/names" || fail "cannot write to $work: is the disk full?"
    while IFS= read -r name <&4; do
        found=$(find_kernel "$name" </dev/null) || { bad=1 && continue; }
        image=${found%"$TAB"*} release=${found#*"$TAB"}
        message "$program: $release"
        check_kernel "$name"
    done 4<"$work/names"
    message "results: $base"
}
