/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iterative: one worker, one connection at a time
 *
 *      connection --> listener --> worker 0: accept, serve, close
 *
 * No concurrency, no event queue, no sharing: accept(2), recv, send, close. It is the lower bound
 * for the CPU time per request of all other strategies; its throughput on one CPU is what sharing a
 * listener has to exceed.
 *
 * Cost: 1 wakeup per connection, and none under load: the next connection is already pending.
 */

#include "server.h"

static const struct variant variants[] = {
    VARIANT("iterative", "", "1", ANY),
    VARIANTS_END,
};

const struct strategy strategy = {
    .summary = "one worker, blocking: the lower bound",
    .variants = variants,
    .workers_max = 1,
    .serves_to_the_end = true,
    .takes_one = true,
    .set_up = server_let_accept_sleep,
    .worker = worker_sleep_in_accept,
};
