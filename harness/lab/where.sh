# Where a connection's time goes in virtual time: makes where.csv, functions.csv and callers.csv of a run from the plugin's counts
# by address (virtual/profile.h) and the kernel's symbols. Sourced by harness/lab/lab.sh.
# shellcheck shell=sh disable=SC2154 # variables of kernels.sh

# SPDX-License-Identifier: BSD-2-Clause

: "${top:?must be set by the caller}"

WHERE_CONFIGURATION=cpus,strategy,backend,workers,trial,side
WHERE_COLUMNS=us_per_req,stall_us_per_req,instructions_per_req

# add_rows TABLE COLUMNS OPTIONS...: adds rows of $guest to a table of the run; status 1 if profile and trials do not match
add_rows() {
    table=$out/$1.csv
    [ -e "$table" ] || echo "$WHERE_CONFIGURATION,$2" >"$table"
    shift 2
    "$top/${BUILD:-build}/bin/runs" where "$@" "$top/harness/lab/functions.tsv" "$guest/out/trials.csv" "$guest/out/symbols" "$guest/profile" >>"$table"
}

# add_where GUEST: adds the tables of one guest to the run in $out
add_where() {
    guest=$1
    costs="--price $price_ps --miss $miss_ps --upgrade $upgrade_ps"
    # shellcheck disable=SC2086 # options
    add_rows where "part,$WHERE_COLUMNS" --by part $costs &&
        add_rows functions "function,part,$WHERE_COLUMNS" --by function $costs &&
        add_rows callers function,caller,share --by caller
}
