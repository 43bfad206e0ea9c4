# What a run's rows, or the lines of its plan, have in some columns: "section TAB section.column TAB values",
# the values in their order with commas between them.
# variables: section, columns (blanks between); FS is that of the file

function is_number(text) { return text ~ /^[0-9]+[.]?[0-9]*$/ }

function before(a, b) {
    return is_number(a) && is_number(b) ? a + 0 < b + 0 : (a "") < (b "")
}

# The values of a column are few; a file with more than that is not worth the time.
function add(column, text,    i) {
    if ((column, text) in seen || count[column] >= 50) return
    seen[column, text] = 1
    for (i = ++count[column]; i > 1 && before(text, value[column, i - 1]); i--)
        value[column, i] = value[column, i - 1]
    value[column, i] = text
}

FNR == 1 {
    for (i = 1; i <= NF; i++) at[$i] = i
    n = split(columns, column, " ")
    next
}

"verdict" in at && $(at["verdict"]) != "ok" { next }
"kind" in at && $(at["kind"]) != "measured" { next }
"wire" in at && $(at["wire"]) == "yes" { next }

{ for (i = 1; i <= n; i++) if (column[i] in at) add(column[i], $(at[column[i]])) }

END {
    for (i = 1; i <= n; i++) {
        if (!(column[i] in at)) continue
        text = ""
        for (k = 1; k <= count[column[i]]; k++)
            text = text (k > 1 ? ", " : "") (value[column[i], k] == "" ? "-" : value[column[i], k])
        gsub(/[[:cntrl:]]/, "?", text)
        print section "\t" section "." column[i] "\t" (text == "" ? "-" : text)
    }
}
