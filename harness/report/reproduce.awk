# How to measure it again. With document.awk.
# input, by the file's name: facts (name, value), directory (a path)
# variables: form

BEGIN { FS = "\t" }

FILENAME ~ /facts$/ { fact[$1] = $2; next }
{ directory = $0 }

# For a shell
function quoted(text) {
    if (text ~ /^[A-Za-z0-9_\/.,:+-]+$/) return text
    gsub(/'/, "'\\''", text)
    return "'" text "'"
}

END {
    commit = fact["commit"]
    sub(/[ ,].*/, "", commit)
    paragraph("In a checkout of wakeone" (commit ~ /^[0-9a-f]+$/ ? ", which was at " code(commit) (fact["commit"] ~ /modified/ ? ", with changes that were not committed" : "") : "") \
        ", this measures the same plan again, in the same order, and compares the two; the second line draws this page again:")
    listing("./run.sh reproduce " quoted(directory) "\n./run.sh report " quoted(directory))
}
