# Claims and what became of them, in any form of lib/document.awk, which goes before this.
# input, in this order: the machine (what, kernel, day, commit), facts (id, claim, setting, figure, source, here,
#   differs, ceiling, what timed it if virtual time did), verdicts (id, verdict, why, clock: virtual, cores or -), parts (id, key,
#   what, way, published, least, most, nothing, pairs, figure, low, high, floor, verdict)
# variables: form

BEGIN { FS = "\t" }

FNR == 1 { file++ }

file == 1 { machine = $1; kernel = $2; day = $3; commit = $4 }
file == 2 { id[++claims] = $1; claim[$1] = $2; setting[$1] = $3; published[$1] = $4; from[$1] = $5; here[$1] = $6; differs[$1] = $7; ceiling[$1] = $8; timed[$1] = $9 }
file == 3 { verdict[$1] = $2; why[$1] = $3; clock[$1] = $4 }
file == 4 { part[$1, ++parts[$1]] = $0 }

# As many digits as say something
function number(value) {
    return sprintf(value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : value >= 0.1 ? "%.2f" : "%.2g", value)
}

function figure_of(f,    digits) {
    if (f[10] == "") return "-"
    if (f[11] == "") return number(f[10]) " (one round)"
    digits = f[10] >= 0.1 && f[10] < 10 && f[12] - f[11] < 0.1 ? 3 : 0
    return digits ? sprintf("%.3f [%.3f, %.3f]", f[10], f[11], f[12]) : number(f[10]) " [" number(f[11]) ", " number(f[12]) "]"
}

function in_virtual_time(i) { return clock[i] == "virtual" }

# What virtual time says is never what CPUs say
function brief_verdict(i) { return verdict[i] (in_virtual_time(i) ? ", in virtual time" : "") }

function verdict_of(i) { return brief_verdict(i) (verdict[i] == "cannot run here" ? ": needs " why[i] : "") }

# What would have counted
function measure_of(f) {
    if (f[4] == "none") return "none is within " number(f[6]) " to " number(f[7])
    if (f[4] == "-") return f[5] == "-" ? "" : "published: " number(f[5])
    return "shown is " (f[4] == "more" ? "above " : "below ") number(f[8]) \
        (f[6] == "-" && f[7] == "-" ? "; no size was published" : "; as published is " \
            (f[7] == "-" ? number(f[6]) " and more" : f[6] == "-" ? number(f[7]) " and less" : number(f[6]) " to " number(f[7])))
}

function judged_figures(i,    p, f, text) {
    for (p = 1; p <= parts[i]; p++) {
        split(part[i, p], f, "\t")
        if (f[4] != "-") text = text (text == "" ? "" : "; ") figure_of(f)
    }
    return text == "" ? "-" : text
}

function say_table(    c, i) {
    begin_table("lllrl", "claim|published|source|here|verdict")
    for (c = 1; c <= claims; c++) {
        i = id[c]
        add_row(code(i) SUBSEP plain(published[i]) SUBSEP plain(from[i]) SUBSEP judged_figures(i) SUBSEP strong(plain(brief_verdict(i))))
    }
    end_table()
}

function say_claim(i,    p, f) {
    heading(3, code(i) ": " plain(claim[i]))
    begin_list()
    item("Published: " plain(published[i]) " (" plain(setting[i]) "; " plain(from[i]) ").")
    item("Here: " plain(here[i]) "." (differs[i] == "" ? "" : " Other than there: " plain(differs[i]) ".") \
        (ceiling[i] == "reproduced" ? "" : " So at most the direction can be reproduced."))
    if (in_virtual_time(i)) item("In virtual time: " plain(timed[i]) ".")
    for (p = 1; p <= parts[i]; p++) {
        split(part[i, p], f, "\t")
        item(plain(f[3]) ": " strong(figure_of(f)) (f[10] == "" ? "" : ", " f[9] " rounds") \
            (f[13] == "" ? "" : sprintf("; noise floor %.1f %%", 100 * f[13])) \
            (measure_of(f) == "" ? "" : " (" measure_of(f) ")") (f[14] == "-" ? "" : ": " plain(f[4] == "-" ? substr(f[14], 4) : f[14])) ".")
    }
    item(strong("Verdict: " plain(verdict_of(i))) (verdict[i] ~ /^not (measured|to be trusted)$/ ? ": " plain(why[i]) : "") ".")
    end_list()
}

# counted VIRTUAL: "N of a verdict, ..." of the claims that virtual time timed, or that it did not
function counted(virtual,    c, count, n, word, i, text) {
    for (c = 1; c <= claims; c++) if (in_virtual_time(id[c]) == virtual) count[verdict[id[c]]]++
    n = split("reproduced|direction only|not reproduced|not to be trusted|cannot run here|not measured", word, "|")
    for (i = 1; i <= n; i++) if (count[word[i]]) text = text (text == "" ? "" : ", ") count[word[i]] " " word[i]
    return text
}

function say_preface(    real, virtual) {
    real = counted(0)
    virtual = counted(1)
    paragraph("Of " claims " claim" (claims == 1 ? "" : "s") ": " real (virtual == "" ? "" : (real == "" ? "" : "; ") "in virtual time " virtual) \
        ". Measured " plain(day) " on " plain(machine) ", Linux " plain(kernel) ", with commit " plain(substr(commit, 1, 12)) ".")
    if (virtual != "") paragraph("What takes more CPUs than there are was measured in virtual time: in a guest that has them, whose clock counts the " \
        "instructions of each (docs/lab.md). That says what such a machine would do if its CPUs were as the model that is named, not what CPUs do.")
    paragraph("Figures are ratios of interleaved rounds, geometric means with 95 % intervals. Shown is what the interval, and the " \
        "noise floor where there is one (the same server against itself), say. The size counts as published between half and twice of the effect " \
        "(a ratio's root and square), or as a claim says. A claim with several parts is reproduced if all are, and direction only if some are. " \
        "Absolute figures are the machine's, and are not compared.")
}

END {
    heading(1, "Published claims, measured again")
    say_preface()
    if (markdown) paragraph("Made by " code("./run.sh claims") "; each claim is a file in " code("harness/claims") " and can run alone.")
    say_table()
    for (c = 1; c <= claims; c++) say_claim(id[c])
}
