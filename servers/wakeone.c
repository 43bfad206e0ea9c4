/*
 * wakeone: every worker watches the listener, one worker is woken
 *
 *                              queue 0    worker 0  (asleep)
 *      connection --> listener --> queue 1 --> worker 1 --> accept: gets it
 *                              queue 2    worker 2  (asleep)
 *                              ...
 *
 * The same program as racing but for one flag: EV_WAKEONE as it was proposed for kqueue in 2010,
 * EPOLLEXCLUSIVE as Linux has it since 4.5.
 *
 * Cost: 1 wakeup per connection that finds a worker asleep.
 *
 * Linux: the epoll item is on the listener's wait queue as an exclusive entry, and the walk stops
 * at the first queue that has a sleeper. Entries are queued once, when they are added, and never
 * moved: the earliest registered worker that is idle always wins, so the load is spread unevenly
 * when it is low. It is "at least one": if no worker sleeps, all queues are marked and the next
 * ones to wait look for themselves. A worker that is woken and then stopped or killed before it
 * accepts leaves the connection waiting for the next event: nobody else was told.
 */

#include "server.h"

static void worker(struct worker *w)
{
    worker_watch_listener(w, EVQ_READ | EVQ_WAKEONE);
    while (worker_turn(w))
        continue;
}

const struct strategy strategy = {
    .name = "wakeone",
    .summary = "all workers watch the listener, one is woken (EPOLLEXCLUSIVE, EV_WAKEONE)",
    .wakes = "1",
    .needs = EVQ_WAKEONE,
    .worker = worker,
};
