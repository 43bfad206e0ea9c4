# How replies differ: ours, then those of peers, a file each -> a table: bytes, and the headers that ours has not, has
# otherwise, or has and that one lacks.

function name_of(path) { sub(/.*\//, "", path); sub(/\.reply$/, "", path); return path }

# Header's name in small letters; the status line's is "status"
function key_of(line) { return FNR == 1 ? "status" : tolower(substr(line, 1, index(line, ":") - 1)) }

function finish(    k, more, other, less) {
    if (reply == "") return
    for (k in here) {
        if (!(k in ours)) more = more ", " spelled[k]
        else if (tolower(here[k]) != tolower(ours[k]) && k != "server") other = other ", " here[k]
    }
    for (k in ours) if (!(k in here)) less = less ", " spelled[k]
    printf "%-16s %5d  %s\n", reply, bytes, (more == "" && other == "" && less == "") ? "the same headers" : \
        substr((more == "" ? "" : "; more: " substr(more, 3)) (other == "" ? "" : "; other: " substr(other, 3)) (less == "" ? "" : "; not: " substr(less, 3)), 3)
}

BEGIN { printf "%-16s %5s  %s\n", "reply of", "bytes", "headers, to ours" }

FNR == 1 {
    if (NR > 1) finish()
    split("", here)
    reply = name_of(FILENAME)
    bytes = body = 0
    if (NR == 1) ours_file = FILENAME
}

{ bytes += length($0) + 1 }

{ sub(/\r$/, "") }
body { next }
$0 == "" { body = 1; next }
{
    key = key_of($0)
    spelled[key] = FNR == 1 ? "status" : substr($0, 1, index($0, ":") - 1)
    here[key] = $0
    if (FILENAME == ours_file) ours[key] = $0
}

END { finish() }
