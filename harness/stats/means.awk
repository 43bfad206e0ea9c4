# means.awk: rows of trials merged by configuration: numbers are their means, and the trial is the first of them. Input: a CSV
# with a heading, whose columns us_per_req, stall_us_per_req, instructions_per_req and share are the numbers.

BEGIN { FS = OFS = ","; is_number["us_per_req"]; is_number["stall_us_per_req"]; is_number["instructions_per_req"]; is_number["share"] }
FNR == 1 { for (i = 1; i <= NF; i++) head[i] = $i; columns = NF; print; next }
{
    key = ""
    for (i = 1; i <= columns; i++) if (!(head[i] in is_number) && head[i] != "trial") key = key OFS $i
    if (!(key in rows)) { order[++keys] = key; first[key] = $0 }
    rows[key]++
    for (i = 1; i <= columns; i++) if (head[i] in is_number) sum[key, i] += $i
}
END {
    for (k = 1; k <= keys; k++) {
        $0 = first[order[k]]
        for (i = 1; i <= columns; i++) if (head[i] in is_number) $i = sprintf("%.4g", sum[order[k], i] / rows[order[k]])
        print
    }
}
