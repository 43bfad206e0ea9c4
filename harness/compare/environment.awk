# What is known of the runs -> what differs.
# input: unfair.tsv; then of each run a file that ends in its letter: section, name, value
# variables: letters (blanks between), suite (same, other or unknown: servers and load at the runs' commits);
#   unknown (a file: there go letter and section where a run says nothing of what another does)
# output: reason why it is unfair ("-" = it is not), name, the runs' values

BEGIN {
    FS = OFS = "\t"
    runs = split(letters, letter, " ")
    about["other"] = "servers or load are not the same at these commits"
    about["unknown"] = "servers and load may not be the same: git here does not know both commits"
    about["same"] = "-"
}

FNR == NR {
    if (!/^#/) { pattern[++patterns] = "^(" $1 ")$"; reason[patterns] = $2 }
    next
}

FNR == 1 { run = FILENAME; sub(/.*[.]/, "", run) }

{
    if (!($2 in section)) { section[$2] = $1; name[++names] = $2 }
    says[run, $1] = 1
    if (!($1 in seen)) { seen[$1] = 1; all[++sections] = $1 }
    value[run, $2] = $3
}

function reason_for(name,    i) {
    if (name == "commit") return about[suite]
    for (i = 1; i <= patterns; i++) if (name ~ pattern[i]) return reason[i]
    return "-"
}

function value_of(r, name) {
    return (letter[r], name) in value && value[letter[r], name] != "" ? value[letter[r], name] : "-"
}

function all_say(section,    r) {
    for (r = 1; r <= runs; r++) if (!((letter[r], section) in says)) return 0
    return 1
}

function differs(name,    r) {
    for (r = 1; r <= runs; r++) {
        if (value_of(r, name) != value_of(1, name)) return 1
        if (name == "modified" && value_of(r, name) == "true") return 1
    }
    return 0
}

# Of a long line, the words that not all have
function own_words(r, name,    n, i, k, word, other, text) {
    n = split(value_of(r, name), word, " ")
    for (i = 1; i <= n; i++) {
        for (k = 1; k <= runs; k++) {
            other = " " value_of(k, name) " "
            if (!index(other, " " word[i] " ")) break
        }
        text = text " " (k > runs ? "..." : word[i])
    }
    while (sub(/[.][.][.] [.][.][.]/, "...", text)) continue
    return substr(text, 2)
}

END {
    for (n = 1; n <= names; n++) {
        why = reason_for(name[n])
        if (why == "=" || !all_say(section[name[n]]) || !differs(name[n])) continue
        line = why OFS name[n]
        for (r = 1; r <= runs; r++)
            line = line OFS (name[n] == "boot_line" ? own_words(r, name[n]) : value_of(r, name[n]))
        print line
    }
    for (r = 1; r <= runs; r++)
        for (s = 1; s <= sections; s++)
            if (!((letter[r], all[s]) in says)) print letter[r], all[s] > unknown
}
