# The three tables of a comparison as text, or as Markdown.
# input: facts (name, reason, values), cells (judge.awk), within (key, column, then ratio, low, high for each run)
# variables: names (of the runs, tab-separated; the first is the base), markdown, left_out (cells in one run only)

BEGIN {
    FS = "\t"
    runs = split(names, name, "\t")
    for (r = 1; r <= runs; r++) letter[r] = substr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", r, 1)
}

# What Markdown or a terminal would take for something else
function plain(text) {
    gsub(/[[:cntrl:]]/, "?", text)
    if (markdown) {
        gsub(/&/, "\\&amp;", text)
        gsub(/</, "\\&lt;", text)
        gsub(/\|/, "\\|", text)
        gsub(/`/, "'", text)
    }
    return text
}

function heading(text) { print (markdown ? "\n## " : "\n") text (markdown ? "" : ":") "\n" }

function cell_name(key,    part) {
    split(key, part, "|")
    return part[1] ", " part[2] " workers, " (part[3] == "*" ? "" : part[3] " CPUs, ") \
        (part[4] == "-" ? part[5] " requests/s" : part[4] " connections") \
        (part[6] == 1 ? "" : part[6] == "0" ? ", kept alive" : ", " part[6] " requests each")
}

function interval(ratio, low, high) {
    return ratio == "" ? "-" : low == "" ? sprintf("%.3f", ratio) : sprintf("%.3f [%.3f, %.3f]", ratio, low, high)
}

# A file may be empty: then no difference, or nothing to say within the runs.
{ file = FILENAME; sub(/.*\//, "", file) }

file == "facts" {
    if (FNR == 1) begin_facts()
    facts++
    if ($2 != "") unfair++
    if (markdown) {
        printf "| %s | %s |", $2 == "" ? "" : "!", plain($1)
        for (r = 1; r <= runs; r++) printf " %s |", plain($(r + 2))
        printf " %s |\n", plain($2)
    } else {
        printf "  %s %s\n", $2 == "" ? " " : "!", plain($1)
        for (r = 1; r <= runs; r++) printf "      %s: %s\n", letter[r], plain($(r + 2))
        if ($2 != "") printf "      unfair: %s\n", plain($2)
    }
}

function begin_facts(    r) {
    heading("What differs between the machines")
    if (!markdown) return
    printf "| | fact |"
    for (r = 1; r <= runs; r++) printf " %s |", letter[r]
    print " unfair |"
    printf "|---|---|"
    for (r = 1; r <= runs; r++) printf "---|"
    print "---|"
}

function end_facts() {
    if (!facts) { heading("What differs between the machines"); print (markdown ? "" : "  ") "nothing" }
    if (unfair) print "\n" (markdown ? "" : "  ") unfair " of these make it unfair to compare the absolute figures."
}

file == "cells" {
    if (FNR == 1) end_facts()
    if ($1 SUBSEP $2 != block) {
        block = $1 SUBSEP $2
        heading($1 " of " letter[$2] " / of " letter[1] ", unpaired")
        if (markdown) print "| cell | ratio | p | |\n|---|---|---|---|"
    }
    text = interval($6, $7, $8)
    printf markdown ? "| %s | %s | %s | %s: %s |\n" : "  %-52s %-24s p %-9s %-10s %s\n",
        plain(cell_name($3)), text, sprintf("%.2g", $9), $12, plain(markdown ? $13 : short($13))
    if ($1 == metric || metric == "") {
        metric = $1
        count[$12]++
        if ($12 != "undecided") list[$12] = list[$12] (list[$12] == "" ? "" : "; ") (runs > 2 ? letter[$2] " " : "") cell_name($3)
        compared++
    }
}

# The same words at the end of each line would be read by nobody.
function short(sentence) {
    sub(/; unpaired, the weaker test.*/, "", sentence)
    return sentence
}

file == "within" {
    within++
    if (FNR == 1) {
        if (!markdown) print "\n  Unpaired, the weaker test: whatever else differed between the runs is in it."
        heading("Ratios to the reference within each run, paired (" $2 ")")
        if (markdown) {
            printf "| cell |"
            for (r = 1; r <= runs; r++) printf " %s |", letter[r]
            print " |\n|---|" dashes() "---|"
        }
    }
    printf markdown ? "| %s |" : "  %-52s", plain(cell_name($1))
    for (r = 1; r <= runs; r++)
        printf markdown ? " %s |" : "  %s: %-24s", markdown ? interval($(3 * r), $(3 * r + 1), $(3 * r + 2)) : letter[r], \
            interval($(3 * r), $(3 * r + 1), $(3 * r + 2))
    apart = intervals_apart()
    print (markdown ? " " apart " |" : apart)
}

function dashes(    text, r) {
    for (r = 1; r <= runs; r++) text = text "---|"
    return text
}

function intervals_apart(    r) {
    for (r = 2; r <= runs; r++)
        if ($4 != "" && $(3 * r + 1) != "" && ($4 > $(3 * r + 2) || $5 < $(3 * r + 1))) return "the intervals are apart"
    return ""
}

END {
    if (within && !markdown)
        print "\n  These can be compared between machines: what slows all strategies alike is in both halves of a ratio."
    if (left_out) print "\n" left_out " cells are in one of the runs only and were left out."
    print ""
    line = metric ": "
    line = line "better: " (count["better"] + 0) (list["better"] == "" ? "" : " (" list["better"] ")")
    line = line "; worse: " (count["worse"] + 0) (list["worse"] == "" ? "" : " (" list["worse"] ")")
    if (count["different"]) line = line "; different: " count["different"] " (" list["different"] ")"
    line = line "; undecided: " (count["undecided"] + 0)
    printf "%s. Of %d comparisons %.1f would be called different by chance.\n", plain(line), compared, compared * 0.05
}
