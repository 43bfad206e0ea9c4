# Where a connection's time goes in virtual time: from what the plugin counted by address (virtual/profile.h) and the kernel's
# symbols to where.csv, functions.csv and callers.csv of a run. Sourced by harness/lab/lab.sh.
# shellcheck shell=sh disable=SC2154 # variables of kernels.sh
: "${top:?must be set by the caller}"

WHERE_CELL=cpus,strategy,backend,workers,trial,side
WHERE_COLUMNS=us_per_req,stall_us_per_req,instructions_per_req

# sorted_profile GUEST: as where.awk reads it. Addresses have all the same number of digits.
sorted_profile() {
    grep -E '^(window|asleep)' "$1/profile"
    {
        awk -v OFS='\t' '{ print $1, "S", $2 }' "$1/out/symbols"
        grep -vE '^(window|asleep|sample)' "$1/profile" | sed "s/$TAB/${TAB}T$TAB/"
    } | LC_ALL=C sort
}

# add_rows TABLE COLUMNS AWK_ARGUMENTS...: to a table of the run; status 1: what came cannot be read together
add_rows() {
    table=$out/$1.csv
    [ -e "$table" ] || echo "$WHERE_CELL,$2" >"$table"
    shift 2
    LC_ALL=C awk -f "$top/harness/lab/parts.awk" "$@" >>"$table"
}

# add_where GUEST: of one guest, to the run in $out
add_where() {
    lab_rooms=$top/harness/lab functions=$top/harness/lab/functions.tsv trials=$1/out/trials.csv
    sorted_profile "$1" >"$1/sorted" || return 1
    for kind in where:part: functions:function:,part; do
        by=${kind#*:} by=${by%:*}
        add_rows "${kind%%:*}" "$by${kind##*:},$WHERE_COLUMNS" -v by="$by" -v price="$price_ps" -v miss="$miss_ps" -v upgrade="$upgrade_ps" \
            -f "$lab_rooms/where.awk" "$functions" "$trials" "$1/sorted" || return 1
    done
    add_rows callers function,caller,share -f "$lab_rooms/callers.awk" "$functions" "$trials" "$1/out/symbols" "$1/profile"
}
