# Where a connection's time goes in virtual time: from what the plugin counted by address (virtual/profile.h) and the kernel's
# symbols to where.csv and functions.csv of a run. Sourced by harness/lab/lab.sh.
# shellcheck shell=sh disable=SC2154 # variables of kernels.sh
: "${top:?must be set by the caller}"

WHERE_COLUMNS=us_per_req,stall_us_per_req,instructions_per_req

# sorted_profile GUEST: as where.awk reads it. Addresses have all the same number of digits.
sorted_profile() {
    grep -E '^(window|asleep)' "$1/profile"
    {
        awk -v OFS='\t' '{ print $1, "S", $2 }' "$1/out/symbols"
        grep -vE '^(window|asleep)' "$1/profile" | sed "s/$TAB/${TAB}T$TAB/"
    } | LC_ALL=C sort
}

# add_where GUEST: of one guest, to the run in $out; status 1: what came cannot be read together
add_where() {
    sorted_profile "$1" >"$1/sorted" || return 1
    prefix=cpus,strategy,backend,workers,trial
    [ -e "$out/where.csv" ] || echo "$prefix,side,part,$WHERE_COLUMNS" >"$out/where.csv"
    [ -e "$out/functions.csv" ] || echo "$prefix,side,function,part,$WHERE_COLUMNS" >"$out/functions.csv"
    for kind in where:part functions:function; do
        awk -v by="${kind#*:}" -v price="$price_ps" -v miss="$miss_ps" -v upgrade="$upgrade_ps" -f "$top/harness/lab/where.awk" \
            "$top/harness/lab/functions.tsv" "$1/out/trials.csv" "$1/sorted" >>"$out/${kind%:*}.csv" || return 1
    done
}
