# The lines of build/bin/selftest (see print_result() there), each behind the name of the order, least and most wakeups expected
# and "reversed" or "-" -> the table, and exit 1 if a line is not as expected.
#
# What is expected of the winners is worked out here from the order's name, connection by connection.
# `line` are the workers that may win, first first. With three workers or more a connection is closed
# after the next one was opened: until then its worker is not in line where it serves one at a time.

function start_line(    i) {
    for (i = 1; i <= workers; i++) line[i] = reversed && order != "numbered" ? workers - i : i - 1
    in_line = workers
}

function leave(at,    i, who) {
    who = line[at]
    for (i = at; i < in_line; i++) line[i] = line[i + 1]
    in_line--
    return who
}

# Where the kernel looks first.
function next_winner() {
    if (order == "lifo") return leave(in_line)
    if (order == "fifo") return leave(1)
    if (order == "rotates" || order == "numbered") { who = leave(1); line[++in_line] = who; return who }
    if (order == "latest") return line[in_line]
    return line[1] # registered
}

function back_in_line(who) {
    if (order == "lifo" || order == "fifo") line[++in_line] = who
}

# The first connection that went to another than it should; 0 = none
function first_wrong_winner(    i, who, before) {
    start_line()
    for (i = 1; i <= count; i++) {
        who = next_winner()
        if (who != winner[i]) return i
        if (workers < 3) back_in_line(who)
        else if (i > 1) back_in_line(before)
        before = who
    }
    return 0
}

# The wakeup counter sees each wakeup that the context switches show, those of a lock or the disk as well, and what became
# of each; each connection was of use to one worker at least.
function instruments_disagree() {
    if ($12 == "-") return ""
    if ($12 - $16 != $8) return "the wakeup counter has " $12 - $16 " wakeups, not " $8
    if ($13 + $14 + $15 != $12) return $13 " useful, " $14 " spurious and " $15 " absorbed are not " $12
    if ($13 < connections) return "only " $13 " useful wakeups for " connections " connections"
    return ""
}

function judge(    wrong) {
    if ($9 < least || $10 > most)
        return "WRONG: " $9 " to " $10 " wakeups per connection"
    if (wrong = instruments_disagree())
        return "WRONG: " wrong
    if (order == "any") return "ok"
    wrong = first_wrong_winner()
    return wrong ? sprintf("WRONG: connection %d went to worker %d", wrong, winner[wrong]) : "ok"
}

BEGIN {
    FS = "\t"
    printf "%-34s %7s %9s %9s %7s %7s  %-10s  %s\n", "strategy", "workers", "expected", "counted", "useful", "blocked", "order", "verdict"
}

{
    order = $1; least = $2; most = $3; reversed = $4 == "reversed"
    workers = $6; connections = $7
    count = split($11, winner, ",")
    expected = least == most ? sprintf("%d.00", least) : least ".." most
    # Where the number is not fixed it differs from run to run: the table says where it was.
    counted = least == most ? sprintf("%.2f", $8 / $7) : "in range"
    useful = $13 == "-" ? "-" : sprintf("%.2f", $13 / connections)
    verdict = judge()
    bad += verdict != "ok"
    printf "%-34s %7d %9s %9s %7s %7s  %-10s  %s\n", $5 (reversed ? " --reverse" : ""), workers, expected, counted, useful, $16, order, verdict
}

END { exit bad > 0 }
