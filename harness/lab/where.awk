# where.awk: where the time of a guest's windows went, by part and by function. After parts.awk and its input: a profile, as the
# plugin writes it (virtual/plugin.c), of which the samples are left out.
#
# -v price, miss, upgrade: ps, as the guest paid. Output: where.csv without its heading, or with -v by=function the
# functions that took a hundredth of their side's time. Per request; side: the CPUs that serve, and those with the load.

function add(window, side, key, instructions, accesses_ps) {
    key = side "," key
    if (!((window, key) in ps)) keys[window, ++count[window]] = key
    ran[window, key] += instructions
    stalled[window, key] += accesses_ps
    ps[window, key] += instructions * price + accesses_ps
}

$1 == "window" { windows = $2 > windows ? $2 : windows; time_ps[$2, $3] = $4; next }
$1 == "asleep" {
    key = by == "function" ? "asleep" : "idle"
    add($2, $3, key, 0, 0)
    ps[$2, $3 "," key] += $4
    next
}
$1 == "sample" { next }
{
    of = $1 ~ /^0+$/ ? "(programs)" : name_of($1)
    add($2, $3, by == "function" ? of : part_of(of), $4, $5 * miss + $6 * upgrade)
}
END {
    if (windows != rows) exit 1 # whose is whose is not known
    for (w = 1; w <= windows; w++) {
        if (!is_ok[w] || !requests[w]) continue
        for (i = 1; i <= count[w]; i++) {
            key = keys[w, i]
            split(key, side_and, ",")
            if (by == "function" && (side_and[2] == "asleep" || ps[w, key] < time_ps[w, side_and[1]] / 100)) continue
            printf "%s,%s,", row[w], key
            if (by == "function") printf "%s,", part_of(side_and[2])
            printf "%.3f,%.3f,%.1f\n", ps[w, key] / requests[w] / 1e6, stalled[w, key] / requests[w] / 1e6, ran[w, key] / requests[w]
        }
    }
}
