# One document, three forms: functions for text, Markdown (whose tables can be read as they are), and HTML.
# `awk -f document.awk -f ...`; sections of one document may come from several programs.
# variables: form (text, markdown or html)

BEGIN { markdown = form == "markdown" }

# What comes from elsewhere, and means nothing in Markdown or in a terminal. In HTML nothing means anything: whatever is
# printed goes through escape().
function plain(text) {
    gsub(/[[:cntrl:]]/, "?", text)
    if (!markdown) return text
    gsub(/[][\\`*_|#~]/, "\\\\&", text)
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    return text
}

# Marks what a reader may type or look for. The marks are control characters, which plain() lets nobody else have.
function code(text) { return "\001" text "\002" }
function strong(text) { return "\003" text "\004" }

function escape(text) {
    if (form == "html") {
        gsub(/&/, "\\&amp;", text)
        gsub(/</, "\\&lt;", text)
        gsub(/>/, "\\&gt;", text)
        gsub(/"/, "\\&quot;", text)
    }
    return marked(text)
}

function marked(text) {
    gsub(/\001/, form == "html" ? "<code>" : markdown ? "`" : "", text)
    gsub(/\002/, form == "html" ? "</code>" : markdown ? "`" : "", text)
    gsub(/\003/, form == "html" ? "<strong>" : markdown ? "**" : "", text)
    gsub(/\004/, form == "html" ? "</strong>" : markdown ? "**" : "", text)
    return text
}

function heading(level, text) {
    if (form == "html") print "<h" level ">" escape(text) "</h" level ">"
    else print (printed++ ? "\n" : "") (markdown ? substr("####", 1, level) " " : "") escape(text) (markdown ? "" : level == 3 ? "" : ":")
}

function paragraph(text) {
    if (form == "html") print "<p>" escape(text) "</p>"
    else print "\n" escape(text)
}

# What belongs to the table above it
function note(text) {
    if (form == "text") { gsub(/\n/, "\n  ", text); text = "  " text }
    paragraph(text)
}

# Lines that a reader can copy as they are
function listing(text) {
    if (form == "html") print "<pre>" escape(text) "</pre>"
    else {
        gsub(/\n/, "\n    ", text)
        print "\n    " text
    }
}

# begin_list, item..., end_list
function begin_list() { print (form == "html" ? "<ul>" : "") }
function item(text) { print (form == "html" ? "<li>" escape(text) "</li>" : (markdown ? "- " : "  ") escape(text)) }
function end_list() { if (form == "html") print "</ul>" }

# ---- tables: begin_table, add_row..., end_table ----

# In characters, of UTF-8
function width(text) {
    gsub(/[\200-\277]/, "", text)
    return length(text)
}

function spaces(n) { return n > 0 ? sprintf("%" n "s", "") : "" }

# alignment: a letter for each column, l or r; names: with | between
function begin_table(alignment, names,    i) {
    align = alignment
    rows = 0
    columns = split(names, title, "|")
    for (i = 1; i <= columns; i++) cell[0, i] = title[i]
}

# values: with SUBSEP between
function add_row(values,    i, n, value) {
    n = split(values, value, SUBSEP)
    rows++
    for (i = 1; i <= columns; i++) cell[rows, i] = i <= n ? value[i] : ""
}

function end_table() {
    if (form == "html") end_html_table()
    else end_text_table()
}

function padded(r, i, to) {
    return substr(align, i, 1) == "r" ? spaces(to - width(cell[r, i])) cell[r, i] : cell[r, i] spaces(to - width(cell[r, i]))
}

function rule(i, to,    line) {
    line = spaces(to + 2)
    gsub(/ /, "-", line)
    if (substr(align, i, 1) == "r") sub(/-$/, ":", line)
    return line
}

function end_text_table(    i, r, line, wide, under) {
    for (r = 0; r <= rows; r++)
        for (i = 1; i <= columns; i++) {
            cell[r, i] = escape(cell[r, i])
            if (!r || width(cell[r, i]) > wide[i]) wide[i] = width(cell[r, i])
        }
    print ""
    for (r = 0; r <= rows; r++) {
        line = under = markdown ? "|" : ""
        for (i = 1; i <= columns; i++) {
            line = line (markdown ? " " padded(r, i, wide[i]) " |" : "  " padded(r, i, wide[i]))
            under = under rule(i, wide[i]) "|"
        }
        sub(/ +$/, "", line)
        print line
        if (markdown && !r) print under
    }
}

function end_html_table(    i, r, name) {
    print "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"table\"><table>\n<thead><tr>"
    for (i = 1; i <= columns; i++)
        print "<th scope=\"col\"" (substr(align, i, 1) == "r" ? " class=\"r\"" : "") ">" escape(cell[0, i]) "</th>"
    print "</tr></thead>\n<tbody>"
    for (r = 1; r <= rows; r++) {
        printf "<tr>"
        for (i = 1; i <= columns; i++)
            printf "<td%s>%s</td>", substr(align, i, 1) == "r" ? " class=\"r\"" : "", escape(cell[r, i])
        print "</tr>"
    }
    print "</tbody></table></div>"
}
