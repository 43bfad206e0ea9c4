# Checks files by the rules of .editorconfig: charset, end_of_line, trim_trailing_whitespace, indent_style, and indent_size of
# blocks in shell scripts. The last section that matches a file decides each property. Prints a line for each finding, and ends with 1 if
# there are any. Run under LC_ALL=C, as it reads bytes.
# usage: awk -f tests/cli/editorconfig.awk .editorconfig FILE...
# With -v final=1 it prints the files that must end with a newline instead, which awk cannot see.

# SPDX-License-Identifier: BSD-2-Clause

# pattern_of GLOB: as a regular expression; a glob without a slash matches in any directory
function pattern_of(glob,    anywhere) {
    anywhere = glob ~ /\// ? "" : "(.*/)?"
    gsub(/[.]/, "[.]", glob)
    gsub(/[*][*]/, "\001", glob)
    gsub(/[*]/, "[^/]*", glob)
    gsub(/\001/, ".*", glob)
    gsub(/[{]/, "(", glob)
    gsub(/,/, "|", glob)
    gsub(/[}]/, ")", glob)
    return "^" anywhere glob "$"
}

function read_rule(    half) {
    if ($0 ~ /^\[.*\]$/) pattern[++sections] = pattern_of(substr($0, 2, length($0) - 2))
    else if (split($0, half, / *= */) == 2) rule[sections, half[1]] = half[2]
}

# value NAME: of the file at hand
function value(name,    i, found) {
    for (i = 1; i <= sections; i++)
        if (FILENAME ~ pattern[i] && (i, name) in rule) found = rule[i, name]
    return found
}

function report(what) {
    print FILENAME ":" FNR ": " what
    status = 1
}

function is_utf8(line) {
    gsub(/[\302-\337][\200-\277]|[\340-\357][\200-\277][\200-\277]|[\360-\364][\200-\277][\200-\277][\200-\277]/, "", line)
    return line !~ /[\200-\377]/
}

function indent(text) {
    match(text, /^ */)
    return RLENGTH
}

# Lines of a here-document, and those that go on with the line before, are indented as they need.
function check_indentation() {
    if (style == "space" && /^ *\t/) report("a tab in the indentation, where .editorconfig has spaces")
    if (style == "tab" && /^ +[^ *]/) report("spaces in the indentation, where .editorconfig has tabs")
    if (size && opens && length($0) && indent(line) + size != indent($0) && $0 !~ /^ *(done|fi|esac|[}#])/)
        report("a block that is not indented by " size)
}

FILENAME == ARGV[1] { if (!/^(#|root|$)/) read_rule(); next }

FNR == 1 {
    utf8 = value("charset") == "utf-8"
    lf = value("end_of_line") == "lf"
    trim = value("trim_trailing_whitespace") == "true"
    style = value("indent_style")
    size = FILENAME ~ /[.](sh|bats|bash)$|^[.]ci\// ? value("indent_size") : 0
    here = goes_on = opens = ""
    if (final && value("insert_final_newline") == "true") print FILENAME
}
final { nextfile }

utf8 && !is_utf8($0) { report("not UTF-8") }
lf && /\r$/ { report("a carriage return at the end of the line") }
trim && /[ \t]$/ { report("a blank at the end of the line") }
here == "" && !goes_on { check_indentation() }
{
    opens = !goes_on && /(^|[ ;])(do|then|else|[{])$/ && !/(^|[ ])#|^'/ && (!size || indent($0) % size == 0)
    goes_on = /\\$/
    line = $0
}
here != "" { if ($0 ~ "^\t*" here "$") here = ""; next }
match($0, /[^<]<<-?['"]?[A-Z_]+/) {
    here = substr($0, RSTART + 3, RLENGTH - 3)
    gsub(/[-'"]/, "", here)
}

END { exit status }
