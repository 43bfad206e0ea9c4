# A comparison, in any form of lib/document.awk, which goes before it.
# input, by the file's name: runs (letter, path, host, kernel, utc, ok rows, rows, CPUs, reference), environment
#   (environment.awk), unknown (letter, section), left_out (match.awk), cells (judge.awk), within (within.awk)
# variables: form, directions (the file), have_env (letters of the runs with an env.json)

BEGIN { FS = "\t" }

{ file = FILENAME; sub(/.*\//, "", file) }

# ---- words ----

# As many digits as say something
function number(value,    size) {
    if (value == "") return "-"
    size = value < 0 ? -value : value + 0
    return sprintf(size >= 1000 ? "%.0f" : size >= 100 ? "%.1f" : size >= 1 ? "%.2f" : size > 0 ? "%.3g" : "%d", value)
}

function ratio_number(value) {
    return sprintf(value >= 0.001 && value < 1000000 ? "%.3f" : "%.3g", value)
}

function interval(value, low, high) {
    return value == "" ? "-" : ratio_number(value) (low == "" ? "" : " [" ratio_number(low) ", " ratio_number(high) "]")
}

function load_name(cpus, connections, rate, requests) {
    return load_words(connections, rate, requests) (cpus == "*" ? cpus_text : ", " cpus " CPUs")
}

function percent(share) { return share == "" ? "-" : sprintf("%.1f %%", 100 * share) }

# ---- the runs, and what differs between them ----

file == "runs" {
    runs++
    letter[runs] = $1
    about[runs] = sprintf("%s: host %s, Linux %s, %s; %d of %d rows ok", plain($2), plain($3), plain($4), plain($5), $6, $7)
    cpus[runs] = $8
    if (runs > 1 && $8 != cpus[1]) cpus_differ = 1
    cpus_list = cpus_list (runs > 1 ? ", " : "") $1 " " $8
    reference[runs] = $9
    if ($9 != reference[1]) references_differ = 1
    names = names "|" $1
}

function say_runs(    r) {
    cpus_text = cpus_differ ? ", CPUs: " cpus_list : ", " cpus[1] " CPUs"
    if (markdown) heading(1, "Runs compared")
    else heading(2, "Runs; each is compared with " letter[1])
    begin_list()
    for (r = 1; r <= runs; r++) item(strong(letter[r]) (markdown ? " " : "  ") about[r])
    end_list()
}

file == "environment" {
    facts++
    reason[facts] = $1
    if ($1 != "-") unfair++
    fact[facts] = $2
    for (r = 1; r <= runs; r++) {
        says[facts, r] = $(2 + r)
        if (width($(2 + r)) > 40) is_long[facts] = 1
    }
}

file == "unknown" { unknown[$1] = unknown[$1] (unknown[$1] == "" ? "" : ", ") $2; next }

function say_environment(    f, r, line) {
    heading(2, "What differs around them")
    if (!facts) paragraph("No difference.")
    else {
        begin_table("ll" substr("llllllllllllllllllllllllll", 1, runs) "l", " |what" names "|unfair, because")
        for (f = 1; f <= facts; f++) {
            if (is_long[f] && form == "text") continue
            line = (reason[f] == "-" ? "" : "!") SUBSEP plain(fact[f])
            for (r = 1; r <= runs; r++) line = line SUBSEP plain(says[f, r])
            add_row(line SUBSEP (reason[f] == "-" ? "" : reason[f]))
        }
        if (rows) end_table()
        if (form == "text") say_long_facts()
        if (unfair) paragraph((unfair == 1 ? "One line is" : unfair " lines are") " marked !: what " (unfair == 1 ? "it does" : "they do") \
            " to figures is in the ratios to " letter[1] " as well, and cannot be told from the rest.")
    }
    for (r = 1; r <= runs; r++) {
        if (!index(have_env, letter[r]))
            paragraph("! " letter[r] " has no env.json: nothing is known of its machine, so whether this is fair is not known.")
        else if (unknown[letter[r]] != "") paragraph("Not said by " letter[r] ": " plain(unknown[letter[r]]) ".")
    }
}

# What has no room in a table
function say_long_facts(    f, r) {
    for (f = 1; f <= facts; f++) {
        if (!is_long[f]) continue
        print "\n  " (reason[f] == "-" ? " " : "!") "  " plain(fact[f]) (reason[f] == "-" ? "" : ": " reason[f])
        for (r = 1; r <= runs; r++) print "       " letter[r] "  " plain(says[f, r])
    }
}

file == "left_out" { alone_a[$1] = $2; alone[$1] = $3; not_same[$1] = $4 }

function say_left_out(    r, n, text) {
    for (r = 2; r <= runs; r++) {
        n = alone_a[letter[r]] + alone[letter[r]] + not_same[letter[r]]
        if (!n) continue
        text = n " cell" (n > 1 ? "s" : "") " left out: " alone_a[letter[r]] " only in " letter[1] ", " alone[letter[r]] " only in " letter[r]
        if (not_same[letter[r]]) text = text ", " not_same[letter[r]] " with another server or load behind the same name"
        paragraph(text ".")
    }
}

# ---- the cells ----

file == "cells" {
    k = ++count
    number_of[k] = $1
    for (i = 2; i <= NF; i++) field[k, i] = $i
    load[k] = $6 SUBSEP $7 SUBSEP $8 SUBSEP $9
    if (!(load[k] in load_number)) load_number[load[k]] = ++loads
    if (!($1 in is_metric)) { is_metric[$1] = $2; metrics++ }
    if ($21 != "") has_floor[$1] = 1
}

# What the columns have already, and what is said once below, is left out.
function short(sentence) {
    sub(/; unpaired, the weaker test.*/, "", sentence)
    if (sub(/^[0-9.einf+-]+ times as much \(95 % interval [^,]*, /, "", sentence)) sub(/\)$/, "", sentence)
    sub(/^[0-9.einf+-]+ times as much, but /, "", sentence)
    return sentence
}

function load_heading(key,    part) {
    split(key, part, SUBSEP)
    heading(3, (loads > 1 ? "load " load_number[key] ": " : "") load_name(part[1], part[2], part[3], part[4]))
}

function size_of(k) {
    if (field[k, 17] != "") return interval(field[k, 17], field[k, 18], field[k, 19])
    if (field[k, 14] == "") return "-"
    return sprintf("%s%s", field[k, 14] > 0 ? "+" : "", number(field[k, 14])) \
        (field[k, 15] == "" ? "" : " [" number(field[k, 15]) ", " number(field[k, 16]) "]")
}

function row_of(k) {
    return field[k, 4] SUBSEP field[k, 5] SUBSEP number(field[k, 12]) SUBSEP number(field[k, 13]) SUBSEP \
        size_of(k) SUBSEP percent(field[k, 21]) SUBSEP field[k, 23] SUBSEP short(field[k, 24])
}

function say_cells(m,    r, k, last) {
    for (r = 2; r <= runs; r++) {
        heading(2, is_metric[m] ", " letter[r] " against " letter[1] direction_of(is_metric[m]))
        last = ""
        rows = 0
        for (k = 1; k <= count; k++) {
            if (number_of[k] != m || field[k, 3] != letter[r]) continue
            if (load[k] != last) {
                if (last != "") end_table()
                load_heading(last = load[k])
                begin_table("lrrrlrll", "strategy|workers|" letter[1] "|" letter[r] "|" letter[r] "/" letter[1] ", 95 %|floor| |")
            }
            add_row(row_of(k))
        }
        end_table()
    }
    note(letter[1] " and the others: medians of the ok rows. Unpaired, the weaker test: whatever " \
        "else differed between the runs is in it.\n" (has_floor[m] ? \
        "floor: what the reference differs from itself by, in that run where it is more; nothing below it is claimed." : \
        "No run has the reference twice: the noise floor is not known."))
}

function direction_of(metric,    line, part, word) {
    word = "no better, no worse"
    while ((getline line < directions) > 0) {
        split(line, part, "\t")
        if (line ~ /^#/ || metric !~ ("^(" part[1] ")$")) continue
        word = part[2] " is better"
        break
    }
    close(directions)
    return " (" word ")"
}

# ---- within the runs ----

file == "within" {
    k = ++within_count
    within_metric[k] = $1
    within_load[k] = $5 SUBSEP $6 SUBSEP $7 SUBSEP $8
    line = $3 SUBSEP $4
    words = ""
    for (r = 1; r <= runs; r++) {
        at = r == 1 ? 9 : 14 + 6 * (r - 2) # pairs, ratio, low, high, outcome, where it lies
        line = line SUBSEP interval($(at + 1), $(at + 2), $(at + 3))
        if (r > 1) words = words (words == "" ? "" : "; ") lies_in_words(letter[r], $(at + 5))
        if ($(at + 1) != "") has_within[$1] = 1
    }
    within_row[k] = line SUBSEP words
}

function lies_in_words(letter, word) {
    if (word == "") return ""
    return letter (word == "overlap" ? " overlaps" : word == "floor" ? " is apart, by less than the noise" : " is apart: " word)
}

function say_within(m,    k, last) {
    if (!(m in has_within) && !references_differ) return
    heading(2, is_metric[m] " to that of " reference[1] " within each run")
    if (references_differ) {
        paragraph("The runs have different references, and no ratios that could stand side by side.")
        return
    }
    note("These can be compared between machines: what slows all strategies is in both halves of a " \
        "ratio, while absolute\nfigures of two machines differ by more than strategies do. Paired, from each run's own rounds; 95 % intervals.")
    for (k = 1; k <= within_count; k++) {
        if (within_metric[k] != m) continue
        if (within_load[k] != last) {
            if (last != "") end_table()
            load_heading(last = within_load[k])
            begin_table("lr" substr("llllllllllllllllllllllllll", 1, runs) "l", "strategy|workers" names "| ")
        }
        add_row(within_row[k])
    }
    end_table()
}

# ---- what it comes to ----

# "racing 2/8, wakeone 8 in load 2" of those with that judgement
function list_of(run, judgement,    k, text, name, last) {
    tally = 0
    for (k = 1; k <= count; k++) {
        if (number_of[k] != 1 || field[k, 3] != run || field[k, 23] != judgement) continue
        tally++
        name = field[k, 4] SUBSEP load[k]
        if (!(name in workers_of)) { workers_of[name] = field[k, 5]; order[++ordered] = name }
        else workers_of[name] = workers_of[name] "/" field[k, 5]
    }
    for (k = 1; k <= ordered; k++) {
        name = order[k]
        split(name, last, SUBSEP)
        text = text (k > 1 ? ", " : "") last[1] " " workers_of[name] \
            (loads > 1 ? " in load " load_number[substr(name, length(last[1]) + 2)] : "")
        delete workers_of[name]
    }
    ordered = 0
    return judgement ": " tally (tally ? " (" text ")" : "")
}

function say_result(    r, k, tested, text) {
    heading(2, "What it comes to, by strategy and workers")
    for (r = 2; r <= runs; r++) {
        tested = different = 0
        for (k = 1; k <= count; k++) {
            if (number_of[k] != 1 || field[k, 3] != letter[r]) continue
            tested += field[k, 25]
            if (field[k, 23] == "different") different = 1
        }
        text = is_metric[1] ", " letter[r] " against " letter[1] ": "
        text = text (different ? list_of(letter[r], "different") : \
            list_of(letter[r], "better") "; " list_of(letter[r], "worse")) "; " list_of(letter[r], "undecided")
        paragraph(text ". Of " tested " comparisons " sprintf("%g", tested * 0.05) " would be called different by chance (5 %).")
    }
}

END {
    say_runs()
    say_environment()
    say_left_out()
    for (m = 1; m <= metrics; m++) {
        say_cells(m)
        say_within(m)
    }
    say_result()
}
