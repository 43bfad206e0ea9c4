# Which cells of the runs are the same cell. A cell is what cells.awk says, and the server's words and the load's
# behind it. Where each run has one number of CPUs, that is the machine's and not the cell's ('*').
# input: of each run a file rows.<letter> (cell, round, verdict, trial, ...), then plan.<letter>, which may be
#   empty; of the plan, whatever columns it has
# variables: overlap (1 = what the runs have in common, else what is not the same is refused), work (a directory)
# output: in work, common ("letter TAB cell": to compare with the first run's) and left_out ("letter TAB cells of
#   the first alone TAB of this one alone TAB not the same server or load"); on standard output, 1 where
#   CPUs are the machine's

function refuse(why, status) {
    gsub(/[[:cntrl:]]/, "?", why)
    print "compare: " why > "/dev/stderr"
    failed = status
    exit status
}

BEGIN {
    FS = OFS = "\t"
    keys = split("strategy workers cpus connections rate requests_per_connection", key_name, " ")
    settings = split("server load_words window warmup threads server_cpus client_cpus", setting_name, " ")
    OTHER_CELL = 2 # the first ones of these make another cell
    PLACE = 5      # from here on, a matter of how many CPUs there are
}

FNR == 1 {
    run = FILENAME
    sub(/.*[.]/, "", run)
    is_plan = FILENAME ~ /plan[.].$/
    if (!is_plan) letter[++runs] = run
}

!is_plan {
    cell_of_trial[run, $4] = $1
    if ((run, $1) in seen) next
    seen[run, $1] = 1
    raw[run, ++raws[run]] = $1
    split($1, part, "|")
    if (!((run, part[3]) in is_cpus)) { is_cpus[run, part[3]] = 1; cpus[run] = part[3]; cpu_counts[run]++ }
    next
}

FNR == 1 {
    split("", at)
    for (i = 1; i <= NF; i++) at[$i] = i
    width = NF
    next
}

NF != width { refuse("plan.tsv of " run ": line " FNR ": " NF " fields where the header has " width, 1) }

"kind" in at && $(at["kind"]) != "measured" { next }
"wire" in at && $(at["wire"]) == "yes" { next }

function milliseconds(text) {
    return text ~ /^[0-9.]+ms$/ ? text + 0 : text ~ /^[0-9.]+s$/ ? text * 1000 : text ~ /^[0-9.]+m$/ ? text * 60000 : text
}

function key_part(name,    text) {
    text = $(at[name])
    if (name == "strategy" || text == "-") return text
    if (name == "requests_per_connection" && "load_words" in at && $(at["load_words"]) ~ /--mix/) return "-"
    return text + 0
}

# A line of the plan is the cell of its row; one without a row, that of another with the same words.
{
    line = ""
    for (i = 1; i <= keys; i++) line = line (i > 1 ? "|" : "") (key_name[i] in at ? key_part(key_name[i]) : "?")
    if (!((run, line) in planned)) { planned[run, line] = 1; lines[run, ++line_count[run]] = line }
    if ((run, $(at["trial"])) in cell_of_trial) cell_of_line[run, line] = cell_of_trial[run, $(at["trial"])]
    for (i = 1; i <= settings; i++)
        if (setting_name[i] in at) note(line, i, $(at[setting_name[i]]))
}

function note(line, i, text) {
    if (setting_name[i] ~ /^(window|warmup)$/) text = milliseconds(text) " ms"
    if ((run, line, i, text) in noted) return
    noted[run, line, i, text] = 1
    of_line[run, line, i] = of_line[run, line, i] ((run, line, i) in of_line && of_line[run, line, i] != "" ? " and " : "") text
}

function common_name(cell) {
    if (cpus_are_machines) { split(cell, part, "|"); cell = part[1] "|" part[2] "|*|" part[4] "|" part[5] "|" part[6] }
    return cell
}

function add(run, cell) {
    if ((run, cell) in has) return
    has[run, cell] = 1
    cells[run, ++cell_count[run]] = cell
}

function add_run(run,    i, k, cell) {
    for (i = 1; i <= raws[run]; i++) add(run, common_name(raw[run, i]))
    for (i = 1; i <= line_count[run]; i++) {
        cell = lines[run, i]
        if ((run, cell) in cell_of_line) cell = cell_of_line[run, cell]
        else if (cell ~ /[?]/ || cell !~ /^[a-z][a-z0-9-]*[|]/) continue
        cell = common_name(cell)
        add(run, cell)
        for (k = 1; k <= settings; k++) set[run, cell, k] = of_line[run, lines[run, i], k]
    }
}

function name_of(cell,    part) {
    split(cell, part, "|")
    return part[1] " " part[2]
}

# The first of the settings that is not the same; 0 = none
function other_setting(run, cell,    k) {
    for (k = 1; k <= settings; k++) {
        if (k >= PLACE && cpus_are_machines && cpus[run] != cpus[letter[1]]) return 0
        if (set[run, cell, k] != "" && set[letter[1], cell, k] != "" && set[run, cell, k] != set[letter[1], cell, k])
            return k
    }
    return 0
}

# cells_alone RUN THAN: those that RUN has and THAN has not: how many, and the first names
function cells_alone(run, than,    i, cell, text) {
    alone = 0
    for (i = 1; i <= cell_count[run]; i++) {
        cell = cells[run, i]
        if ((than, cell) in has || is_again(cell)) continue
        if (++alone <= 3) text = text (alone > 1 ? ", " : "") name_of(cell)
    }
    return alone ? alone " cell" (alone > 1 ? "s" : "") " only in " run " (" text (alone > 3 ? ", ..." : "") ")" : ""
}

# The reference once more: it says what noise there is, and is nothing to compare.
function is_again(cell) { return cell ~ /-again[|]/ }

function match_run(run,    i, k, cell, only_a, only, other, here) {
    only_a = cells_alone(letter[1], run)
    here = alone
    only = cells_alone(run, letter[1])
    if (!overlap && (only_a != "" || only != ""))
        refuse("the plans differ: " only_a (only_a != "" && only != "" ? ", " : "") only \
            ": --overlap compares what both have", 65)
    for (i = 1; i <= cell_count[run]; i++) {
        cell = cells[run, i]
        if (!((letter[1], cell) in has) || is_again(cell)) continue
        k = other_setting(run, cell)
        if (k && !overlap)
            refuse("the plans differ: " setting_name[k] " of " name_of(cell) " is " set[letter[1], cell, k] " in " letter[1] \
                " and " set[run, cell, k] " in " run ": --overlap compares " \
                (k <= OTHER_CELL ? "what both have" : "them all the same"), 65)
        if (k && k <= OTHER_CELL) { other++; continue }
        print run, cell > (work "/common")
        found++
    }
    print run, here, alone, other + 0 > (work "/left_out")
    if (!found) refuse(letter[1] " and " run " have no cell in common: there is nothing to compare", 65)
    found = 0
}

END {
    if (failed) exit failed
    cpus_are_machines = 1
    for (r = 1; r <= runs; r++) if (cpu_counts[letter[r]] != 1) cpus_are_machines = 0
    for (r = 1; r <= runs; r++) add_run(letter[r])
    for (r = 2; r <= runs; r++) match_run(letter[r])
    print cpus_are_machines
}
