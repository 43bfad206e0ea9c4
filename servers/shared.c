/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shared: all workers wait in the same event queue
 *
 *                                      worker 0  (asleep)
 *      connection --> listener --> queue --> worker 1 --> accept: gets it
 *                                      worker 2  (asleep)
 *                                      ...
 *
 * One queue is opened before the workers are forked, with the listener in it, and all of them wait
 * in it. Threads of one process usually share a queue like this; processes can share the listener
 * in it, but not each other's connections, so a worker serves an accepted connection until it is
 * closed, in a queue of its own, before it waits again. A client that keeps its connection open
 * occupies the worker; one that is silent for a second is disconnected.
 *
 * Cost, level-triggered: 2 wakeups or more per connection. The first worker that is woken removes
 * the event, and since a level-triggered event stays ready until it is checked again, the kernel
 * puts the listener back on the ready list, which wakes a second worker. If that one polls before
 * the first has accepted, it finds the listener ready and wakes a third, and so on: up to all n; the
 * first to accept gets the connection. Edge-triggered: 1, and the worker must drain the listener.
 * One-shot: 1, and the listener is disabled until the worker has armed it again, so that accepts
 * are serialised; if the worker is killed in between, the listener stays disabled.
 *
 * Linux: sleepers in one epoll are exclusive entries at the *head* of its wait queue: the worker
 * that went to sleep last is woken first, which keeps caches warm and the other workers idle.
 */

#include "harness/lib/message.h"
#include "server.h"

#include <errno.h>
#include <string.h>

enum trigger { LEVEL, EDGE, ONESHOT };

static bool triggers[3];
static int queue;

static int wait_in_shared_queue(struct worker *w, int timeout_ms)
{
    struct evq_event event;
    (void)w;
    int n = evq_wait(queue, &event, 1, timeout_ms);
    return n > 0 ? FOUND_LISTENER : n;
}

static void arm_again(struct worker *w)
{
    if (w->listener.fd >= 0 && evq_mod(queue, w->listener.fd, EVQ_READ | EVQ_ONESHOT, NULL) != 0)
        worker_fail("worker %u cannot arm the listener: %s", w->id, strerror(errno));
}

/* The listener is armed again before the connection is served: other workers can accept the next. */
static void take_after_arming(struct worker *w, int fd)
{
    arm_again(w);
    worker_serve(w, fd);
}

static void listener_ready_once(struct worker *w, struct watch *watch, unsigned flags)
{
    (void)watch, (void)flags;
    if (!worker_take_connections(w))
        arm_again(w);
}

static void worker(struct worker *w)
{
    w->wait = wait_in_shared_queue;
    if (triggers[ONESHOT]) {
        w->take = take_after_arming;
        w->listener.ready = listener_ready_once;
    }
    while (worker_iterate(w))
        continue;
}

static void set_up(unsigned workers)
{
    (void)workers;
    unsigned flags = EVQ_READ;
    if (triggers[LEVEL] + triggers[EDGE] + triggers[ONESHOT] > 1)
        fail_usage("--level, --edge and --oneshot exclude each other");
    if (triggers[EDGE])
        server_must_drain("--edge");
    flags |= (triggers[EDGE] ? EVQ_EDGE : 0) | (triggers[ONESHOT] ? EVQ_ONESHOT : 0);
    queue = evq_open();
    if (queue < 0 || evq_add(queue, server.listener, flags, NULL) != 0)
        fail("cannot open the shared queue: %s", strerror(errno));
}

static const char *unsupported(void)
{
    return evq_survives_fork ? NULL
                             : "a kqueue does not survive fork, so processes cannot share it";
}

static const struct option_spec options[] = {
    {OPTION_FLAG, "level", NULL, "level-triggered: reported while connections wait (the default)",
     &triggers[LEVEL], 0, 0, NULL},
    {OPTION_FLAG, "edge", NULL, "edge-triggered: reported when one arrives", &triggers[EDGE], 0, 0,
     NULL},
    {OPTION_FLAG, "oneshot", NULL, "reported once, until armed again", &triggers[ONESHOT], 0, 0,
     NULL},
    OPTIONS_END,
};

static const struct variant variants[] = {
    VARIANT("shared", "", "n>1 ? 2 : 1 .. n", ANY),
    VARIANT("shared-edge", "--edge", "1", LIFO),
    VARIANT("shared-oneshot", "--oneshot", "1", LIFO),
    VARIANTS_END,
};

const struct strategy strategy = {
    .summary = "all workers wait in one event queue",
    .variants = variants,
    .serves_to_the_end = true,
    .options = options,
    .unsupported = unsupported,
    .set_up = set_up,
    .worker = worker,
};
