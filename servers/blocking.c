/*
 * blocking: every worker sleeps in accept(2)
 *
 *                              worker 0  (asleep in accept)
 *      connection --> listener --> worker 1 --> returns with it
 *                              worker 2  (asleep in accept)
 *                              ...
 *
 * The oldest pre-forked server there is, and the one that never had a herd: the kernel hands a
 * connection to one sleeper. What it costs is elsewhere: a worker can wait for nothing but the next
 * connection, so it serves one at a time, to its end. A client that keeps its connection open keeps
 * the worker; one that says nothing for a second loses it.
 *
 * Cost: 1 wakeup per connection.
 *
 * Linux: a sleeper in accept is an exclusive entry at the tail of the listener's wait queue, put
 * there again each time it goes to sleep: the one that has slept longest wins, so the load rotates
 * over all workers however low it is, and each comes to the connection with cold caches.
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
