/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * poll: every worker has the listener in its poll(2)
 *
 *                         +--> poll 0 --> worker 0 --> accept: gets it
 *      connection --> listener --> poll 1 --> worker 1 --> accept: EAGAIN
 *                         +--> ...
 *
 * racing as it was done before epoll and kqueue: the set of descriptors is passed to the kernel at
 * every wait. Here it has two members: the listener, and the worker's queue, which has its own
 * connections in it, so that strategies differ only in how they wait for the listener.
 *
 * Cost: n wakeups per connection that arrives while n workers are asleep.
 *
 * Linux: poll adds a non-exclusive entry to the wait queue of each descriptor for the duration of
 * the call: all workers are woken.
 */

#include "server.h"

#include <errno.h>
#include <poll.h>

static int wait_in_poll(struct worker *w, int timeout_ms)
{
    struct pollfd set[] = {{w->listener.fd, POLLIN, 0}, {w->queue, POLLIN, 0}};
    int n = poll(set, 2, timeout_ms);
    if (n < 0)
        return errno == EINTR ? 0 : -1;
    return (set[0].revents ? FOUND_LISTENER : 0) | (set[1].revents ? FOUND_QUEUE : 0);
}

static void worker(struct worker *w)
{
    w->wait = wait_in_poll;
    while (worker_iterate(w))
        continue;
}

static const struct variant variants[] = {
    VARIANT("poll", "", "n", ANY),
    VARIANTS_END,
};

const struct strategy strategy = {
    .summary = "all workers poll(2) the listener, all are woken, one wins",
    .variants = variants,
    .worker = worker,
};
