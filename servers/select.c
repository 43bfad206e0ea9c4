/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * select: every worker has the listener in its select(2)
 *
 *                         +--> select 0 --> worker 0 --> accept: gets it
 *      connection --> listener --> select 1 --> worker 1 --> accept: EAGAIN
 *                         +--> ...
 *
 * The same as poll with the older call: descriptors are bits in a set of FD_SETSIZE bits, which the
 * kernel reads and rewrites at every wait. Here the set has two members: the listener, and the
 * worker's queue, which has its own connections in it.
 *
 * Cost: n wakeups per connection that arrives while n workers are asleep.
 */

#include "server.h"

#include <errno.h>
#include <sys/select.h>

static int wait_in_select(struct worker *w, int timeout_ms)
{
    int highest = w->listener.fd > w->queue ? w->listener.fd : w->queue;
    struct timeval limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000L};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(w->listener.fd, &set);
    FD_SET(w->queue, &set);
    int n = select(highest + 1, &set, NULL, NULL, timeout_ms < 0 ? NULL : &limit);
    if (n < 0)
        return errno == EINTR ? 0 : -1;
    return (n > 0 && FD_ISSET(w->listener.fd, &set) ? FOUND_LISTENER : 0) |
           (n > 0 && FD_ISSET(w->queue, &set) ? FOUND_QUEUE : 0);
}

static void worker(struct worker *w)
{
    if (w->listener.fd >= FD_SETSIZE || w->queue >= FD_SETSIZE)
        worker_fail("select supports descriptors below %d only: too many are open", FD_SETSIZE);
    w->wait = wait_in_select;
    while (worker_iterate(w))
        continue;
}

static const struct variant variants[] = {
    VARIANT("select", "", "n", ANY),
    VARIANTS_END,
};

const struct strategy strategy = {
    .summary = "all workers select(2) the listener, all are woken, one wins",
    .variants = variants,
    .worker = worker,
};
