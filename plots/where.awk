# The trials of one line of the figure (their key's six fields, "trial", the trial), and where.csv -> for each strategy a block
# with a line for each number of CPUs: where each part of the time ends, from below, in percent of all CPUs' time; and the CPU
# time of a request, in us, as words. Server and client together; means over the trials. What was not measured is NaN.
# A line of where.csv that is damaged, or does not go with trials.csv, ends it with a line on stderr and status 1.
# variables: names, cpus (space-separated)

BEGIN {
    FS = "\t"
    COLUMNS = "cpus,strategy,backend,workers,trial,side,part,us_per_req,stall_us_per_req,instructions_per_req"
    NUMBER = "^[0-9]+[.]?[0-9]*$"
    parts = split("programs network kernel waiting walk wakeups switches lock idle", part, " ")
    for (i = 1; i <= parts; i++) is_part[part[i]]
    series = split(names, name, " ")
    sizes = split(cpus, size, " ")
}

function refuse(why) {
    print "where.csv: line " FNR ": " why > "/dev/stderr"
    failed = 1
    exit 1
}

FILENAME ~ /trials_of_group$/ { of[$8] = $3 "," $1 "," $2; order[++trials] = $8; next }

FNR == 1 {
    FS = ","
    $0 = $0
    if ($0 != COLUMNS) refuse("its columns are not " COLUMNS)
    next
}

NF != 10 { refuse(NF " fields where the header has 10") }
!($7 in is_part) { refuse("'" $7 "' is no part of the time") }
$6 != "server" && $6 != "client" { refuse("'" $6 "' is neither server nor client") }
$8 !~ NUMBER || length($8) > 20 { refuse("'" $8 "' is no number of microseconds") }
($5, $6, $7) in seen { refuse("trial " $5 " has a line of this part already") }
{ seen[$5, $6, $7] }
!($5 in of) { next }
of[$5] != $1 "," $2 "," $4 { refuse("trial " $5 " has other CPUs, workers or another strategy in trials.csv") }

{
    us[$5, $7] += $8
    all[$5] += $8
}

# add_trial TRIAL: its shares and its CPU time, to those of its strategy and number of CPUs
function add_trial(trial,    key, i, bar) {
    split(of[trial], key, ",")
    bar = key[2] "," key[1]
    measured[bar]++
    busy[bar] += all[trial] - us[trial, "idle"]
    for (i = 1; i <= parts; i++) share[bar, i] += us[trial, part[i]] / all[trial]
}

# 3, 42, 950, 1.1k, 21k: at most four characters up to a second
function short(us) {
    if (us < 9.95) return sprintf("%.1f", us)
    if (us < 999.5) return sprintf("%.0f", us)
    return us < 9950 ? sprintf("%.1fk", us / 1000) : sprintf("%.0fk", us / 1000)
}

function line_of(bar,    i, line, end) {
    for (i = 1; i <= parts; i++) {
        end += measured[bar] ? 100 * share[bar, i] / measured[bar] : 0
        line = line (measured[bar] ? sprintf("%.4f ", end) : "NaN ")
    }
    return line (measured[bar] ? short(busy[bar] / measured[bar]) : "-")
}

END {
    if (failed) exit 1
    for (i = 1; i <= trials; i++) if (all[order[i]] > 0) add_trial(order[i])
    for (s = 1; s <= series; s++) {
        for (i = 1; i <= sizes; i++) print line_of(name[s] "," size[i])
        print "\n"
    }
}
