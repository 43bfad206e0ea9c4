/*
 * iterative: one worker, one connection at a time
 *
 *      connection --> listener --> worker 0: accept, serve, close
 *
 * No concurrency, no queue, nobody to share with: accept(2), recv, send, close. What any other
 * strategy adds, it adds to this. It is the floor that the CPU per request of all others is
 * measured against; its throughput on one CPU is what sharing a listener has to beat.
 *
 * Cost: 1 wakeup per connection, and none under load: the next one is there already.
 */

#include "server.h"

static const struct variant variants[] = {
    VARIANT("iterative", "", "1", ANY),
    VARIANTS_END,
};

const struct strategy strategy = {
    .summary = "one worker, blocking: the floor",
    .variants = variants,
    .workers_max = 1,
    .serves_to_the_end = true,
    .takes_one = true,
    .set_up = server_let_accept_sleep,
    .worker = worker_sleep_in_accept,
};
