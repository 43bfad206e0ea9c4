/*
 * racing: every worker watches the listener, every worker is woken
 *
 *                         +--> queue 0 --> worker 0 --> accept: gets it
 *      connection --> listener --> queue 1 --> worker 1 --> accept: EAGAIN
 *                         +--> queue 2 --> worker 2 --> accept: EAGAIN
 *                         +--> ...
 *
 * Each worker has an event queue of its own and the same listener in it. A connection makes the
 * listener ready in all queues, so all n sleeping workers are woken, and whoever runs first gets
 * the connection. This is the herd that EV_WAKEONE was proposed against in 2010. With --edge it is
 * the same herd: edge-triggered only says that a queue does not report the listener twice.
 *
 * Cost: n wakeups per connection that finds n workers asleep. Workers that are busy cost nothing,
 * so the herd is largest when the server has least to do.
 *
 * Linux: epoll puts itself on the listener's wait queue without WQ_FLAG_EXCLUSIVE, and the walk of
 * that queue calls every entry that is not exclusive. Most losers never see it: epoll_wait polls
 * the listener again before it returns, finds nothing, and sleeps on. EAGAIN counts only those
 * that returned, so it does not show the herd.
 */

#include "server.h"

static bool edge;

static void worker(struct worker *w)
{
    worker_watch_listener(w, EVQ_READ | (edge ? EVQ_EDGE : 0));
    while (worker_turn(w))
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
