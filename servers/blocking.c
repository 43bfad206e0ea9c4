/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * blocking: every worker sleeps in accept(2)
 *
 *                              worker 0  (asleep in accept)
 *      connection --> listener --> worker 1 --> returns with it
 *                              worker 2  (asleep in accept)
 *                              ...
 *
 * The oldest design of a pre-forked server, and one without a thundering herd: the kernel wakes one
 * sleeper per connection. Its cost is elsewhere: a worker can wait only for the next connection, so
 * it serves one connection at a time until it is closed. A client that keeps its connection open
 * occupies the worker; one that is silent for a second is disconnected.
 *
 * Cost: 1 wakeup per connection.
 *
 * Linux: a sleeper in accept is an exclusive entry at the tail of the listener's wait queue, added
 * again each time it goes to sleep: the worker that has slept longest is woken, so the load rotates
 * over all workers even when it is low, and each handles the connection with cold caches.
 */

#include "server.h"

static const struct variant variants[] = {
    VARIANT("blocking", "", "1", FIFO),
    VARIANTS_END,
};

const struct strategy strategy = {
    .summary = "all workers sleep in accept(2), the kernel wakes one",
    .variants = variants,
    .serves_to_the_end = true,
    .takes_one = true,
    .set_up = server_let_accept_sleep,
    .worker = worker_sleep_in_accept,
};
