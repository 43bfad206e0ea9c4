# From axes to a plan: the trials in the order in which they are run.
#
# variables: strategies, workers, connections, requests (numbers or names with blanks between),
# backend, limits ("strategy:most workers", blanks between), rounds, wire_rounds (rounds after these, in
# which packets are captured), window, warmup, seed, instrument. Output: tab-separated, with a header.
#
# Within a round, the cells that are compared with each other (same workers, connections and
# requests: they differ in the strategy only) follow each other, in random order, so that a machine
# whose speed drifts is nearly the same for all of them; these blocks are in random order too.
#
# The random numbers are Park and Miller's "minimal standard" (CACM 31(10), 1988), because awk's own
# rand() differs from awk to awk and the same seed must give the same plan everywhere.

function random(below) {
    state = (state * 16807) % 2147483647
    return int(state / 2147483647 * below)
}

# Fisher and Yates
function shuffle(list, count,    i, j, swap) {
    for (i = count; i > 1; i--) {
        j = 1 + random(i)
        swap = list[i]; list[i] = list[j]; list[j] = swap
    }
}

BEGIN {
    OFS = "\t"
    state = (seed % 2147483646) + 1
    for (i = 0; i < 10; i++) random(1) # small seeds begin with small numbers
    print "trial", "round", "position", "strategy", "backend", "workers", "connections", \
          "requests_per_connection", "window", "warmup", "seed", "instrument", "wire"
    strategy_count = split(strategies, strategy_list, " ")
    limit_count = split(limits, limit_list, " ")
    for (i = 1; i <= limit_count; i++) {
        split(limit_list[i], limit, ":")
        most[limit[1]] = limit[2]
    }
    split(workers, worker_list, " ")
    split(connections, connection_list, " ")
    split(requests, request_list, " ")
    for (w in worker_list)
        for (c in connection_list)
            for (r in request_list)
                unsorted[++block_count] = worker_list[w] OFS connection_list[c] OFS request_list[r]
    # for-in has no order of its own: sort, or two awks would differ
    for (i = 1; i <= block_count; i++) {
        for (j = i; j > 1 && unsorted[i] < blocks[j - 1]; j--) blocks[j] = blocks[j - 1]
        blocks[j] = unsorted[i]
    }
    for (round = 1; round <= rounds + wire_rounds; round++) {
        position = 0
        shuffle(blocks, block_count)
        for (b = 1; b <= block_count; b++) {
            shuffle(strategy_list, strategy_count)
            split(blocks[b], cell, OFS)
            for (s = 1; s <= strategy_count; s++)
                if (!(strategy_list[s] in most) || cell[1] + 0 <= most[strategy_list[s]] + 0)
                    print ++trial, round, ++position, strategy_list[s], backend, blocks[b], window, \
                      warmup, seed, instrument, (round > rounds ? "yes" : "no")
        }
    }
}
