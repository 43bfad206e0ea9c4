# A description (comment.awk, or a program's --options) -> its manual page. -v title=wakeone-bench -v version=1.0 -v date=2026-01-31

BEGIN { FS = "\t" }

# roff(text): as lines of text, none longer than is usual
function roff(text,    n, i, word, line, lines) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    n = split(text, word, / /)
    for (i = 1; i <= n; i++)
        if (line != "" && length(line word[i]) > 76) {
            lines = lines guarded(line) "\n"
            line = word[i]
        } else
            line = line (i > 1 ? " " : "") word[i]
    return lines guarded(line)
}

# What would be a request at the beginning of a line
function guarded(line) {
    return (line ~ /^[.']/ ? "\\&" : "") line
}

function bold(text) {
    return "\\fB" roff(text) "\\fR"
}

# Sections are collected, since options may stand before the rest of the description.
function add(section, text) {
    body[section] = body[section] text "\n"
}

function term(section, what, help) {
    if (heading != "")
        add(section, ".SS " roff(heading))
    heading = ""
    add(section, ".TP\n" what "\n" roff(help))
}

$1 == "name" {
    name = $2
    synopsis = short = $3
    sub(/;.*/, "", short)
}
$1 == "usage" {
    words = $2
    command = words
    sub(/ [\[A-Z-].*/, "", command)
    add("usage", (body["usage"] == "" ? "" : ".br\n") bold(command) roff(substr(words, length(command) + 1)))
}
$1 == "text" && $2 != "" {
    if (paragraph)
        add("description", ".PP")
    paragraph = 0
    add("description", roff($2))
}
$1 == "text" && $2 == "" { paragraph = body["description"] != "" }
$1 == "heading" { heading = $2 }
$1 == "option" {
    argument = $4
    what = ($3 == "" ? "" : bold($3) ", ") bold($2)
    term("options", what (argument ~ /^ / ? " \\fI" roff(substr(argument, 2)) "\\fR" : roff(argument)), $6)
}
$1 == "item" {
    paragraph = 1
    term("description", bold($2), $3)
}
$1 == "also" { add("options", ".PP\nAll options of\n.BR wakeone\\-" $2 " (1)\nare understood, too.") }
$1 == "example" {
    gsub(/\\/, "\\e", $2)
    gsub(/-/, "\\-", $2)
    add("examples", (body["examples"] == "" ? "" : "\n") guarded($2))
}

END {
    printf ".TH %s 1 %s \"wakeone %s\" \"wakeone manual\"\n", toupper(title), date, version
    printf ".SH NAME\n%s\n", roff(title " - " short)
    printf ".SH SYNOPSIS\n%s", body["usage"]
    if (body["description"] == "")
        add("description", roff(toupper(substr(synopsis, 1, 1)) substr(synopsis, 2) "."))
    printf ".SH DESCRIPTION\n%s.SH OPTIONS\n%s", body["description"], body["options"]
    print ".SH EXIT STATUS\n.TP\n.B 0\nDone.\n.TP\n.B 1\nFailed; the reason is one line on standard error."
    print ".TP\n.B 2\nUsage error.\n.TP\n.B 3\nDone, but some samples are invalid, or the machine is not fit to measure on."
    printf ".SH EXAMPLES\n.nf\n%s.fi\n", body["examples"]
    print ".SH SEE ALSO"
    n = split("load wakeone wakeups wire", other, " ")
    for (i = 1; i <= n; i++)
        if (other[i] != title)
            print ".BR " other[i] " (1),"
    print ".BR wakeone (7)"
}
