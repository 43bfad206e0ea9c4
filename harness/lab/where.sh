# Where a connection's time goes in virtual time: from what the plugin counted by address (virtual/profile.h) and the kernel's
# symbols to where.csv, functions.csv and callers.csv of a run. Sourced by harness/lab/lab.sh.
# shellcheck shell=sh disable=SC2154 # variables of kernels.sh
: "${top:?must be set by the caller}"

WHERE_CELL=cpus,strategy,backend,workers,trial,side
WHERE_COLUMNS=us_per_req,stall_us_per_req,instructions_per_req

# add_rows TABLE COLUMNS AWK_ARGUMENTS...: of $guest, to a table of the run; status 1: what came cannot be read together
add_rows() {
    table=$out/$1.csv
    [ -e "$table" ] || echo "$WHERE_CELL,$2" >"$table"
    shift 2
    LC_ALL=C awk -f "$rooms/parts.awk" "$@" "$rooms/functions.tsv" "$guest/out/trials.csv" "$guest/out/symbols" "$guest/profile" >>"$table"
}

# add_where GUEST: of one guest, to the run in $out
add_where() {
    rooms=$top/harness/lab guest=$1
    for kind in where:part: functions:function:,part; do
        by=${kind#*:} by=${by%:*}
        add_rows "${kind%%:*}" "$by${kind##*:},$WHERE_COLUMNS" -v by="$by" -v price="$price_ps" -v miss="$miss_ps" -v upgrade="$upgrade_ps" \
            -f "$rooms/where.awk" || return 1
    done
    add_rows callers function,caller,share -f "$rooms/callers.awk"
}
