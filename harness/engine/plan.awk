# From axes to a plan: the trials in the order in which they are run.
#
# input: contestants (name, words of the server, most workers or '-', backend), placements (cpus, server's CPUs,
#   client's CPUs; '-' = wherever the scheduler puts them); both tab-separated, in this order
# variables: workers, connections (numbers, or "N/cpu", blanks between), rates (instead of connections, an
#   open loop), requests, threads (a number or auto), window, warmup, seed, instrument, words (of
#   the load); reference (a contestant's name)
#   kind: warm-up, measured or wire; first_round, last_round, first_trial; header (1 = with the names of the
#   columns); blocks (a file; only these, one a line: workers|cpus|connections|rate|requests)
# with harness/lib/per_cpu.awk
# output: tab-separated; '-' = none. Every field has something in it, since read(1) skips empty ones.
#
# Within a round, the cells that are compared with each other (a block: they differ in the contestant only)
# follow each other, in random order, so that a machine whose speed drifts is nearly the same for all of
# them; the blocks are in random order too. A round's order depends on the seed and its number alone: a
# plan of more rounds begins as one of fewer.
#
# The random numbers are Park and Miller's "minimal standard" (CACM 31(10), 1988), because awk's own
# rand() differs from awk to awk and the same seed must give the same plan everywhere. Rounds begin where
# one stream of them is, and go on with the multiplier 48271 of their correction (CACM 36(7), 1993).

function random(below) {
    state = (state * 48271) % 2147483647
    return int(state / 2147483647 * below)
}

# The lists begin as they were: else a round's order would depend on the rounds before.
function begin_round(round,    i) {
    state = (seed % 2147483646) + 1
    for (i = 0; i < 10 + round; i++) state = (state * 16807) % 2147483647
    for (i = 1; i <= block_count; i++) block[i] = all_blocks[i]
    for (i = 1; i <= contestant_count; i++) contestant[i] = all_contestants[i]
}

# Fisher and Yates
function shuffle(list, count,    i, j, swap) {
    for (i = count; i > 1; i--) {
        j = 1 + random(i)
        swap = list[i]; list[i] = list[j]; list[j] = swap
    }
}

# How many CPUs a list such as 0-3,8 names; of no list, all of them
function cpus_in(list, all,    part, ends, count, i, n) {
    if (list == "-") return all
    n = split(list, part, ",")
    for (i = 1; i <= n; i++)
        count += split(part[i], ends, "-") == 2 ? ends[2] - ends[1] + 1 : 1
    return count
}

# One thread for each of the client's CPUs, as far as there are connections for them. In an open loop threads
# that wait for their time spin: where the server shares the CPUs, half of them.
function thread_count(place, connections, rate,    count) {
    if (threads != "auto") return threads
    count = cpus_in(client[place], cpus[place])
    if (rate != "-") return client[place] == server[place] ? int((count + 1) / 2) : count
    return count < connections ? count : connections + 0
}

function add_block(place, worker, connection, rate, request,    id) {
    worker = per_cpu(worker, cpus[place])
    if (connection != "-") connection = per_cpu(connection, cpus[place])
    id = worker "|" cpus[place] "|" connection "|" rate "|" request
    if (id in seen || blocks != "" && !(id in chosen)) return
    seen[id] = 1
    all_blocks[++block_count] = worker OFS cpus[place] OFS server[place] OFS client[place] OFS \
        thread_count(place, connection, rate) OFS connection OFS rate OFS request
    block_workers[all_blocks[block_count]] = worker
}

function make_blocks(    p, w, l, r) {
    for (p = 1; p <= place_count; p++)
        for (w = 1; w <= worker_count; w++)
            for (l = 1; l <= load_count; l++)
                for (r = 1; r <= request_count; r++)
                    add_block(p, worker_list[w], rates ? "-" : load_list[l], rates ? load_list[l] : "-", \
                        request_list[r])
}

function print_trial(name, this_block, round, position) {
    print first_trial++, round, position, name, words_of[name], backend_of[name], this_block, \
        window, warmup, seed, instrument, words, kind
}

function can_have(name, this_block) {
    return most[name] == "-" || block_workers[this_block] <= most[name] + 0
}

function print_round(round,    b, c, position) {
    begin_round(round)
    shuffle(block, block_count)
    for (b = 1; b <= block_count; b++) {
        shuffle(contestant, contestant_count)
        for (c = 1; c <= contestant_count; c++)
            if (can_have(contestant[c], block[b]))
                print_trial(contestant[c], block[b], round, ++position)
    }
}

# One trial that is not counted: the first of a run is slow.
function print_warm_up(round) {
    begin_round(round)
    if (block_count && can_have(reference, block[1])) print_trial(reference, block[1], round, 1)
}

BEGIN {
    FS = OFS = "\t"
    worker_count = split(workers, worker_list, " ")
    load_count = split(rates ? rates : connections, load_list, " ")
    request_count = split(requests, request_list, " ")
    while (blocks != "" && (getline line < blocks) > 0) chosen[line] = 1
}

FNR == NR {
    all_contestants[++contestant_count] = $1
    words_of[$1] = $2
    most[$1] = $3
    backend_of[$1] = $4
    next
}

{ cpus[++place_count] = $1; server[place_count] = $2; client[place_count] = $3 }

END {
    if (header)
        print "trial", "round", "position", "strategy", "server", "backend", "workers", "cpus", \
            "server_cpus", "client_cpus", "threads", "connections", "rate", "requests_per_connection", \
            "window", "warmup", "seed", "instrument", "load_words", "kind"
    make_blocks()
    for (round = first_round; round <= last_round; round++) {
        if (kind == "warm-up") print_warm_up(round)
        else print_round(round)
    }
}
