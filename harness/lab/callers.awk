# callers.awk: on whose behalf CPUs waited for locks. After parts.awk and its input: a profile, of which the samples are read:
#
#   sample TAB window TAB side TAB address TAB address to return to TAB number
#
# Output: callers.csv without its heading: callers that had a twentieth of the samples of their side's lock functions.

$1 == "window" { windows = $2 > windows ? $2 : windows }
$1 == "sample" && is_ok[$2] {
    found = name_of($4)
    if (part_of(found) != "lock") next
    key = $2 SUBSEP $3 "," found "," name_of($5)
    if (!(key in samples)) order[++keys] = key
    samples[key] += $6
    all[$2, $3] += $6
}
END {
    if (windows != rows) exit 1
    for (i = 1; i <= keys; i++) {
        split(order[i], at, SUBSEP)
        split(at[2], of, ",")
        share = samples[order[i]] / all[at[1], of[1]]
        if (share >= 0.05) printf "%s,%s,%.4f\n", row[at[1]], at[2], share
    }
}
