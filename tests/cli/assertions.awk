# Finds assertions that cannot fail a test: under set -e, `A && B` ends it only if B fails, and `! A` never does. Prints a
# line for each, and exits with 1 if there are any. Allowed are the last statement of a function, which is its status, lists
# that continue with ||, and conditions (`A && return`).

# SPDX-License-Identifier: BSD-2-Clause

# bare: the line without text in quotes, in parentheses or in [[ ]], and without comments. A quote that is not closed continues
# in the next line.
function bare(line,    start, end) {
    gsub(/\\./, "", line)
    if (open != "") {
        if (!index(line, open)) return ""
        line = substr(line, index(line, open) + 1)
        open = ""
    }
    while (match(line, /"[^"]*"|'[^']*'|(^|[ \t])#.*/))
        line = substr(line, 1, RSTART - 1) "_" substr(line, RSTART + RLENGTH)
    if (match(line, /["']/)) {
        open = substr(line, RSTART, 1)
        line = substr(line, 1, RSTART - 1)
    }
    while (gsub(/\([^()]*\)/, "_", line)) continue
    while ((start = index(line, "[[ ")) && (end = index(substr(line, start), " ]]")))
        line = substr(line, 1, start - 1) "_" substr(line, start + end + 2)
    return line
}

function is_ignored(statement) {
    if (statement ~ /^ *(if|elif|while|until) / || statement ~ /&& (return|continue|break|skip|exit)/) return 0
    sub(/.*\|\|/, "", statement)
    return statement ~ /&&/ || statement ~ /^ *! /
}

# A function begins outside of quotes, whatever the state of the previous one was.
FNR == 1 || /^(@test |[a-z_]+\(\) )/ { open = statement = ignored = "" }

here != "" { if ($0 == here) here = ""; next }

match($0, /[^<]<<['"]?[A-Z_]+/) {
    here = substr($0, RSTART + 3, RLENGTH - 3)
    gsub(/['"]/, "", here)
}

{
    statement = statement bare($0)
    if (ignored != "" && $0 !~ /^ *[}]/) { print ignored; status = 1 }
    ignored = ""
    if (open != "" || statement ~ /(&&|\||\\) *$/) next
    if ($0 !~ /^ *[a-z_]+\(\) *[{].*[}]$/ && is_ignored(statement))
        ignored = FILENAME ":" FNR ": an assertion that cannot fail the test: make each part a statement, or use refute"
    statement = ""
}

END { exit status }
