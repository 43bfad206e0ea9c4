/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uring: every worker has an accept in its io_uring
 *
 *                              ring 0    worker 0  (asleep)
 *      connection --> listener --> ring 1 --> worker 1: its accept is complete
 *                              ring 2    worker 2  (asleep)
 *                              ...
 *
 * The worker does not wait for readiness and then accept: it submits an accept request to the
 * kernel, which completes it when a connection arrives. With --multishot one request completes
 * repeatedly; with --single (the default) the worker submits a new one each time. Its own
 * connections are in its event queue, which the ring polls, so that strategies differ only in how
 * connections are accepted.
 *
 * Cost: 1 wakeup per connection. The kernel accepts before the worker runs: no other worker can
 * accept the connection first, and none can take it over if the worker is busy, stopped or killed;
 * then it waits in the ring, or is reset with it.
 *
 * Linux: an accept request that has to wait is an exclusive entry on the listener's wait queue. A
 * single one is added at the tail each time, so the load rotates; a multishot one keeps its place,
 * so the earliest registered worker is woken, whether it sleeps or not.
 */

#include "harness/lib/message.h"
#include "server.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { ENTRIES = 64 };
enum request { REQUEST_ACCEPT = 1, REQUEST_QUEUE, REQUEST_CANCEL };

static bool single, multishot;

/* One worker, in its own process. */
static struct io_uring ring;
static bool accept_armed, queue_armed;

static void arm(struct worker *w)
{
    if (!accept_armed) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
        (multishot ? io_uring_prep_multishot_accept : io_uring_prep_accept)(
            sqe, w->listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        io_uring_sqe_set_data64(sqe, REQUEST_ACCEPT);
        accept_armed = true;
    }
    if (!queue_armed) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
        io_uring_prep_poll_add(sqe, w->queue, POLLIN);
        io_uring_sqe_set_data64(sqe, REQUEST_QUEUE);
        queue_armed = true;
    }
}

static void accept_completed(struct worker *w, const struct io_uring_cqe *cqe)
{
    accept_armed = (cqe->flags & IORING_CQE_F_MORE) != 0;
    if (cqe->res >= 0)
        worker_accepted(w, cqe->res);
    else if (cqe->res != -ECANCELED)
        worker_accept_failed(w, -cqe->res);
}

/* Handles the completions; returns FOUND_ bits. */
static int reap(struct worker *w)
{
    struct io_uring_cqe *next;
    int found = 0;
    while (io_uring_peek_cqe(&ring, &next) == 0) {
        struct io_uring_cqe cqe = *next; /* free the entry: serving a connection may take long */
        io_uring_cqe_seen(&ring, next);
        if (cqe.user_data == REQUEST_ACCEPT) {
            accept_completed(w, &cqe);
            found |= FOUND_HANDLED;
        } else if (cqe.user_data == REQUEST_QUEUE) {
            queue_armed = false;
            found |= FOUND_QUEUE;
        }
    }
    return found;
}

static int wait_in_ring(struct worker *w, int timeout_ms)
{
    struct io_uring_cqe *cqe;
    struct __kernel_timespec limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000000LL};
    arm(w);
    int n = io_uring_submit_and_wait_timeout(&ring, &cqe, 1, timeout_ms < 0 ? NULL : &limit, NULL);
    if (n < 0 && n != -EINTR && n != -ETIME) {
        errno = -n;
        return -1;
    }
    return reap(w);
}

/* Cancels the accept request, and takes the connections that it completed meanwhile. */
static void stop(struct worker *w)
{
    struct io_uring_cqe *cqe;
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
    io_uring_prep_cancel64(sqe, REQUEST_ACCEPT, 0);
    io_uring_sqe_set_data64(sqe, REQUEST_CANCEL);
    while (accept_armed && io_uring_submit_and_wait_timeout(&ring, &cqe, 1, NULL, NULL) != -EBADF)
        reap(w);
}

static void worker(struct worker *w)
{
    int error = io_uring_queue_init(ENTRIES, &ring, 0);
    if (error)
        worker_fail("worker %u cannot open a ring: %s; see `ulimit -l`", w->id, strerror(-error));
    w->wait = wait_in_ring;
    while (worker_iterate(w))
        continue;
    io_uring_queue_exit(&ring);
}

static const char *unsupported(void)
{
    static char reason[128];
    int error = io_uring_queue_init(ENTRIES, &ring, 0);
    if (error == 0) {
        io_uring_queue_exit(&ring);
        return NULL;
    }
    snprintf(reason, sizeof reason,
             "io_uring: %s; see /proc/sys/kernel/io_uring_disabled, `ulimit -l` and seccomp",
             strerror(-error));
    return reason;
}

static void set_up(unsigned workers)
{
    (void)workers;
    if (single && multishot)
        fail_usage("--single and --multishot exclude each other");
}

static const struct option_spec options[] = {
    {OPTION_FLAG, "single", NULL, "a new accept request for each connection (the default)", &single,
     0, 0, NULL},
    {OPTION_FLAG, "multishot", NULL, "one accept request for all connections", &multishot, 0, 0,
     NULL},
    OPTIONS_END,
};

static const struct variant variants[] = {
    VARIANT("uring", "", "1", ROTATES),
    VARIANT("uring-multishot", "--multishot", "1", REGISTERED),
    VARIANTS_END,
};

const struct strategy strategy = {
    .summary = "all workers submit an accept to their io_uring, the kernel completes one",
    .variants = variants,
    .takes_one = true,
    .options = options,
    .unsupported = unsupported,
    .set_up = set_up,
    .stop = stop,
    .worker = worker,
};
