/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * racing: every worker watches the listener, every worker is woken
 *
 *                         +--> queue 0 --> worker 0 --> accept: gets it
 *      connection --> listener --> queue 1 --> worker 1 --> accept: EAGAIN
 *                         +--> queue 2 --> worker 2 --> accept: EAGAIN
 *                         +--> ...
 *
 * Each worker has its own event queue, and the same listener is registered in all of them. A
 * connection makes the listener ready in all queues, so all n sleeping workers are woken, and the
 * first that runs accepts the connection. This is the thundering herd that EV_WAKEONE was proposed
 * against in 2010. --edge has the same herd: an edge-triggered queue only does not report the
 * listener twice.
 *
 * Cost: n wakeups per connection that arrives while n workers are asleep. Busy workers are not
 * woken, so the herd is largest when the load is lowest.
 *
 * Linux: epoll adds itself to the listener's wait queue without WQ_FLAG_EXCLUSIVE, and the walk of
 * that queue calls every non-exclusive entry. Most of the other workers do not return to user
 * space: epoll_wait polls the listener again before it returns, finds nothing, and sleeps again.
 * EAGAIN counts only those that returned, so it does not show the herd.
 */

#include "server.h"

static bool edge;

static void worker(struct worker *w)
{
    worker_watch_listener(w, EVQ_READ | (edge ? EVQ_EDGE : 0));
    while (worker_iterate(w))
        continue;
}

static void set_up(unsigned workers)
{
    (void)workers;
    if (edge)
        server_must_drain("--edge");
}

static const struct option_spec options[] = {
    {OPTION_FLAG, "edge", NULL, "watch the listener edge-triggered", &edge, 0, 0, NULL},
    OPTIONS_END,
};

static const struct variant variants[] = {
    VARIANT("racing", "", "n", ANY),
    VARIANT("racing-edge", "--edge", "n", ANY),
    VARIANTS_END,
};

const struct strategy strategy = {
    .summary = "all workers watch the listener, all are woken, one wins",
    .variants = variants,
    .options = options,
    .set_up = set_up,
    .worker = worker,
};
