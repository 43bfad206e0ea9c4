# The surface: what racing costs as a multiple of what wakeone does, over workers per CPU and load. Blocks with two empty
# lines between:
#   columns, rows
#   the cells: column, row, the ratio in words, the colour
#   the grid for contours: column, row, ratio; a row after the other, with empty lines between (NaN = no ratio)
#   the columns' and the rows' names: number, name; each a block
# What there is not enough of for a surface is a line on stderr, and status 1.
# input, by the file's name: ratios (lines of bin/stats, keys workers|cpus|connections|rate|requests), all (rows)

BEGIN { FS = "\t" }

FILENAME ~ /ratios$/ {
    ratio[$1] = $3
    sure[$1] = $4 == "" ? 0 : $4 > 1 || $5 < 1
    next
}

{
    name = $1
    sub(/[|].*/, "", name)
    if (name != "racing" && name != "wakeone") next
    key = substr($1, length(name) + 2)
    there[name] = 1
    rows[key, name]++
    ok[key, name] += $4 == "ok"
    if (key in seen) next
    seen[key] = 1
    split(key, part, "|")
    x = sprintf("%012.6f|%s|%s", part[1] / part[2], part[1], part[2])
    y = sprintf("%012.3f|%012.3f|%s", part[4] == "-" ? 0 : part[4], part[3] == "-" ? 0 : part[3], part[5])
    if (!(x in is_x)) { is_x[x] = 1; xs[++columns] = x }
    if (!(y in is_y)) { is_y[y] = 1; ys[++lines] = y }
    at[x, y] = key
}

function sort_names(list, n,    i, j, swap) {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && list[j] < list[j - 1]; j--) { swap = list[j]; list[j] = list[j - 1]; list[j - 1] = swap }
}

# Most rows of the cell are not ok: what is left of it are the lucky ones.
function behind(key, name) { return ok[key, name] * 2 < rows[key, name] }

function ratio_of(x, y,    key) {
    key = at[xs[x], ys[y]]
    return (key in ratio) && !behind(key, "racing") && !behind(key, "wakeone") ? ratio[key] : "NaN"
}

function words_of(x, y,    key) {
    key = at[xs[x], ys[y]]
    if (key == "") return ""
    if (behind(key, "racing") && behind(key, "wakeone")) return "both"
    if (behind(key, "racing")) return "racing"
    if (behind(key, "wakeone")) return "wakeone"
    if (!(key in ratio)) return "-"
    return sprintf(sure[key] ? "%.2f" : "(%.2f)", ratio[key])
}

function mix(from, to, share) { return from + (to - from) * share }

# White at 1, towards vermilion above it and blue below, pale enough for dark ink; full at 4 and at 1/4
function colour_of(r,    share) {
    if (r == "NaN") return 14540253
    share = log(r) / log(4)
    if (share > 1) share = 1
    if (share < -1) share = -1
    if (share >= 0) return int(mix(255, 240, share)) * 65536 + int(mix(255, 150, share)) * 256 + int(mix(255, 90, share))
    return int(mix(255, 120, -share)) * 65536 + int(mix(255, 178, -share)) * 256 + int(mix(255, 226, -share))
}

function row_name(y,    part) {
    split(ys[y], part, "|")
    return (part[1] > 0 ? part[1] + 0 "/s" : part[2] + 0 " conn.") (several_requests ? ", " part[3] " each" : "")
}

function column_name(x,    part) {
    split(xs[x], part, "|")
    return part[2] "/" part[3]
}

END {
    if (!there["racing"] || !there["wakeone"]) why = "the surface takes both racing and wakeone"
    else if (columns < 2 || lines < 2) why = "the surface takes several worker counts (or numbers of CPUs) and several loads"
    for (key in seen) if (key in ratio) compared = 1
    if (!why && !compared) why = "no round has the CPU time of both racing and wakeone"
    if (why) { print why > "/dev/stderr"; exit 1 }
    sort_names(xs, columns)
    sort_names(ys, lines)
    for (y = 2; y <= lines; y++) if (substr(ys[y], 27) != substr(ys[1], 27)) several_requests = 1
    print columns, lines, "\n\n"
    for (y = 1; y <= lines; y++)
        for (x = 1; x <= columns; x++)
            if (at[xs[x], ys[y]] != "") print x, y, "\"" words_of(x, y) "\"", colour_of(ratio_of(x, y))
    print "\n"
    for (y = 1; y <= lines; y++) {
        for (x = 1; x <= columns; x++) print x, y, ratio_of(x, y)
        if (y < lines) print ""
    }
    print "\n"
    for (x = 1; x <= columns; x++) print x, "\"" column_name(x) "\""
    print "\n"
    for (y = 1; y <= lines; y++) print y, "\"" row_name(y) "\""
}
