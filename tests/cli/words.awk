# Reports terms to avoid (words.tsv) in what people read: documents, comments, titles of tests, and strings of
# programs (messages, help texts, texts in figures). One line for each: FILE:LINE: TERM -> WHAT TO WRITE. Ends with 1 if there are any.
# usage: awk -f tests/cli/words.awk tests/cli/words.tsv FILE...
# Names are left out: what is in `backquotes`, code blocks of documents, paths, files, options, variables, calls of functions, and
# strings of one word. So are the strings of tests, which are data or repeat what a program prints.

# SPDX-License-Identifier: BSD-2-Clause

BEGIN { FS = "\t" }

NR == FNR {
    if (/^#/ || NF < 4) next
    n++
    pattern[n] = "[^a-z0-9_-](" $1 ")[^a-z0-9_-]"
    write[n] = $2
    right[n] = $3 == "-" ? "" : $3
    left_out[n] = $4
    any = any (n > 1 ? "|" : "") $1
    next
}

FILENAME == ARGV[1] { next }

function kind_of(file) {
    if (file ~ /[.]bats$/) return "bats"
    if (file ~ /[.](c|h|js|css|jq)$/) return "c"
    if (file ~ /[.]md$/) return "document"
    return file ~ /[.](txt|tsv|html|cff|yml|[17]|ms)$/ ? "text" : "shell"
}

FNR == 1 {
    kind = kind_of(FILENAME)
    strings = FILENAME !~ /^tests\//
    in_comment = 0
}

# quoted TEXT QUOTE: what is between these quotes in a line; a string of one word is a name
function quoted(text, quote,    out, part, parts, i) {
    parts = split(text, part, quote)
    for (i = 2; strings && i <= parts; i += 2)
        if (part[i] ~ / /) out = out part[i] " | "
    return out
}

# Comments and strings of a line of C; a comment may begin in a line before.
function prose_of_c(text,    out, at) {
    gsub(/\\./, " ", text)
    while (text != "") {
        if (in_comment) {
            at = index(text, "*/")
            out = out " " (at ? substr(text, 1, at - 1) : text) " |"
            text = at ? substr(text, at + 2) : ""
            in_comment = !at
        } else if (match(text, /"[^"]*"|\/\*|\/\/.*/)) {
            in_comment = substr(text, RSTART, RLENGTH) == "/*"
            out = out " " (substr(text, RSTART, 2) == "//" ? substr(text, RSTART + 2, RLENGTH) : quoted(substr(text, RSTART, RLENGTH), "\""))
            text = substr(text, RSTART + RLENGTH)
        } else
            text = ""
    }
    return out
}

# Comments and strings of a line of shell, awk, gnuplot or make; single quotes only where they hold no program
function prose_of_shell(text,    out, single) {
    if (match(text, /(^|[ \t])#+( |$)/)) {
        out = substr(text, RSTART + RLENGTH) " | "
        text = substr(text, 1, RSTART)
    }
    gsub(/\\./, " ", text)
    single = quoted(text, "'")
    return out quoted(text, "\"") (single ~ /[{}=;$]/ ? "" : single)
}

function prose_of_bats(text) {
    if (text ~ /^@test /) return text
    return text ~ /^ *#/ ? text : ""
}

# Of a code block only the remarks
function prose_of_document(text) {
    if (text !~ /^    /) return text
    return match(text, / # /) ? substr(text, RSTART) : ""
}

function prose(text) {
    if (kind == "text") return text
    if (kind == "document") return prose_of_document(text)
    if (kind == "c") return prose_of_c(text)
    return kind == "bats" ? prose_of_bats(text) : prose_of_shell(text)
}

function without_names(text) {
    gsub(/`[^`]*`|[$][(]?[A-Za-z_]+|[$][{][^}]*[}]/, "_", text)
    gsub(/[A-Za-z0-9_.~-]*\/[A-Za-z0-9_.\/*-]*|[A-Za-z0-9_-]+[.](c|h|sh|awk|tsv|csv|md|gp|json|html|txt|svg|bats|cff)/, "_", text)
    gsub(/--[a-z-]+|[A-Za-z_][A-Za-z0-9_]*[(]/, "_", text)
    return " " tolower(text) " "
}

tolower($0) ~ any {
    text = without_names(prose($0))
    for (i = 1; i <= n; i++) {
        rest = text
        if (rest !~ pattern[i] || FILENAME ~ left_out[i]) continue
        if (right[i] != "") gsub(right[i], " _ ", rest)
        while (match(rest, pattern[i])) {
            print FILENAME ":" FNR ": " substr(rest, RSTART + 1, RLENGTH - 2) " -> " write[i]
            rest = substr(rest, RSTART + RLENGTH - 1)
            found = 1
        }
    }
    next
}

# A comment that begins or ends in a line without a term
kind == "c" { prose_of_c($0) }

END { exit found }
