/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wakeone: every worker watches the listener, one worker is woken
 *
 *                              queue 0    worker 0  (asleep)
 *      connection --> listener --> queue 1 --> worker 1 --> accept: gets it
 *                              queue 2    worker 2  (asleep)
 *                              ...
 *
 * The same program as racing except for one flag: EV_WAKEONE as it was proposed for kqueue in 2010,
 * EPOLLEXCLUSIVE in Linux since 4.5.
 *
 * Cost: 1 wakeup per connection that arrives while a worker is asleep.
 *
 * Linux: the epoll item is an exclusive entry on the listener's wait queue, and the walk stops at
 * the first queue that has a sleeper. Entries are queued once, when they are added, and never
 * moved: the earliest registered worker that is idle is always woken, so the load is distributed
 * unevenly when it is low. --readd K removes the listener from the queue and adds it again after
 * every K connections, which moves the worker to the end of the wait queue, as nginx does with 16.
 * It costs two system calls each time, and the load rotates.
 *
 * --policy selects the worker if the queue supports several policies (EV_WAKEONE of kernel/kqueue):
 * of the sleeping workers the one that has slept longest, the one that has slept shortest, or round
 * robin.
 *
 * It is "at least one": if no worker sleeps, all queues are marked ready and the next ones to wait
 * check the listener. If a worker is woken and then killed before it accepts, the connection waits
 * for the next event: no other worker was notified.
 */

#include "server.h"

static bool edge;
static unsigned long readd; /* 0 = never */

static const char *const policy_names[] = {"registered", "fifo", "lifo", "rotate", NULL};
static const unsigned policy_flags[] = {0, EVQ_FIFO, EVQ_LIFO, EVQ_ROTATE};
static unsigned policy;

/* One worker, in its own process. */
static unsigned long taken;

static unsigned listener_flags(void)
{
    return EVQ_READ | EVQ_WAKEONE | policy_flags[policy] | (edge ? EVQ_EDGE : 0);
}

static void take_and_count(struct worker *w, int fd)
{
    taken++;
    worker_serve(w, fd);
}

static void worker(struct worker *w)
{
    w->take = take_and_count;
    worker_watch_listener(w, listener_flags());
    while (worker_iterate(w)) {
        if (readd == 0 || taken < readd || w->stopping)
            continue;
        taken = 0;
        worker_unwatch_listener(w);
        worker_watch_listener(w, listener_flags());
    }
}

static const char *unsupported(void)
{
    return evq_unsupported(listener_flags());
}

static void set_up(unsigned workers)
{
    (void)workers;
    if (edge)
        server_must_drain("--edge");
}

static const struct option_spec options[] = {
    {OPTION_FLAG, "edge", NULL, "watch the listener edge-triggered", &edge, 0, 0, NULL},
    {OPTION_NUMBER, "readd", "K", "re-register the listener after K connections; 0 = never (0)",
     &readd, 0, 1000000, NULL},
    {OPTION_CHOICE, "policy", "POLICY", "registered, fifo, lifo or rotate (registered)", &policy, 0,
     0, policy_names},
    OPTIONS_END,
};

static const struct variant variants[] = {
    VARIANT("wakeone", "", "1", REGISTERED),
    VARIANT("wakeone-edge", "--edge", "1", REGISTERED),
    VARIANT("wakeone-readd", "--readd 1", "1", ROTATES),
    VARIANT_KQUEUE("wakeone-fifo", "--policy fifo", "1", ROTATES),
    VARIANT_KQUEUE("wakeone-lifo", "--policy lifo", "1", LATEST),
    VARIANT_KQUEUE("wakeone-rotate", "--policy rotate", "1", ROTATES),
    VARIANTS_END,
};

const struct strategy strategy = {
    .summary = "all workers watch the listener, one is woken (EPOLLEXCLUSIVE, EV_WAKEONE)",
    .variants = variants,
    .needs = EVQ_WAKEONE,
    .options = options,
    .unsupported = unsupported,
    .set_up = set_up,
    .worker = worker,
};
