/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/lib/message.h"
#include "harness/lib/os.h"
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct server server;

void worker_fail(const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    /* The cause usually affects all workers: only the first reports it. */
    if (!__atomic_exchange_n(&server.stats->reported, 1, __ATOMIC_RELAXED))
        message("%s", text);
    exit(EXIT_FAILED);
}

/* Out of descriptors, a level-triggered listener would make the worker spin: the connection is
 * accepted with a descriptor reserved for this, and closed. */
static void drop_connection(struct worker *w)
{
    if (w->stats->dropped == 0)
        message("worker %u is out of descriptors and closes new connections: raise `ulimit -n`",
                w->id);
    close(w->spare_fd);
    int fd = os_accept(w->listener.fd);
    if (fd >= 0) {
        close(fd);
        stat_add(&w->stats->dropped, 1);
    }
    w->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void count_accept(struct worker *w)
{
    w->progress = true;
    stat_add(&w->stats->accepts, 1);
}

void worker_accepted(struct worker *w, int fd)
{
    count_accept(w);
    w->take(w, fd);
}

void worker_accept_failed(struct worker *w, int error)
{
    switch (error) {
    case EAGAIN:
        stat_add(&w->stats->eagain, 1);
        break;
    case EMFILE:
    case ENFILE:
        drop_connection(w);
        break;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
        worker_fail("worker %u cannot accept: %s", w->id, strerror(error));
    default: /* an error of this connection only, see accept(2) */
        break;
    }
}

int worker_accept(struct worker *w)
{
    int fd = os_accept(w->listener.fd);
    if (fd >= 0)
        count_accept(w);
    else
        worker_accept_failed(w, errno);
    return fd;
}

bool worker_take_connections(struct worker *w)
{
    bool any = false;
    do {
        int fd = worker_accept(w);
        if (fd < 0)
            break;
        any = true;
        w->take(w, fd);
    } while (server.accept == ACCEPT_DRAIN);
    while (strategy.serves_to_the_end && w->open && !w->stopping)
        worker_iterate(w);
    return any;
}

static void listener_ready(struct worker *w, struct watch *watch, unsigned flags)
{
    (void)watch, (void)flags;
    worker_take_connections(w);
}

void worker_listen(struct worker *w)
{
    w->listener.fd = server_listen();
    if (w->listener.fd < 0)
        worker_fail("worker %u cannot listen: %s", w->id, strerror(errno));
}

void worker_watch(struct worker *w, struct watch *watch, unsigned flags)
{
    if (evq_add(w->queue, watch->fd, flags, watch) != 0)
        worker_fail("worker %u cannot watch a descriptor: %s", w->id, strerror(errno));
}

void worker_watch_listener(struct worker *w, unsigned flags)
{
    worker_watch(w, &w->listener, flags);
    w->listener_watched = true;
}

void worker_unwatch_listener(struct worker *w)
{
    if (!w->listener_watched)
        return;
    evq_del(w->queue, w->listener.fd);
    w->listener_watched = false;
}

void worker_stop(struct worker *w)
{
    w->stop_requested = true;
}

/* These connections are established: they are served, not reset. The listener may be a blocking
 * one. */
static void take_last_connections(struct worker *w)
{
    struct pollfd listener = {.fd = w->listener.fd, .events = POLLIN};
    while (poll(&listener, 1, 0) > 0) {
        int fd = worker_accept(w);
        if (fd < 0)
            break;
        w->take(w, fd);
    }
}

/* At the end of an event-loop iteration, when no pending event can refer to a connection that is
 * closed here. */
static void begin_to_stop(struct worker *w)
{
    w->stopping = true;
    if (strategy.stop)
        strategy.stop(w);
    if (w->listener.fd >= 0)
        take_last_connections(w);
    worker_unwatch_listener(w);
    if (w->listener.fd >= 0)
        close(w->listener.fd); /* the last to close it makes the kernel refuse new connections */
    w->listener.fd = -1;
    connections_drain(w);
}

/* ---- stop requests: SIGTERM, which wakes a waiting queue through a pipe ---- */

static volatile sig_atomic_t sigterm_received;
static int stop_pipe[2];

static void on_sigterm(int number)
{
    int error = errno;
    (void)number;
    sigterm_received = 1;
    (void)!write(stop_pipe[1], "", 1);
    errno = error;
}

static void stop_ready(struct worker *w, struct watch *watch, unsigned flags)
{
    (void)flags;
    evq_del(w->queue, watch->fd);
}

static void watch_for_stop(struct worker *w)
{
    struct sigaction action = {.sa_handler = on_sigterm}; /* no SA_RESTART: it interrupts waits */
    if (pipe(stop_pipe) != 0)
        worker_fail("worker %u cannot open a pipe: %s", w->id, strerror(errno));
    for (int i = 0; i < 2; i++) {
        fcntl(stop_pipe[i], F_SETFL, O_NONBLOCK);
        fcntl(stop_pipe[i], F_SETFD, FD_CLOEXEC);
    }
    w->stop = (struct watch){stop_pipe[0], stop_ready};
    worker_watch(w, &w->stop, EVQ_READ);
    sigaction(SIGTERM, &action, NULL);
}

void worker_ignore_stop(struct worker *w)
{
    w->ignores_stop = true;
}

/* ---- event-loop iterations ---- */

/* Handles the events of the queue; returns their number, or -1 with errno set. */
static int handle_queue(struct worker *w, int timeout_ms)
{
    struct evq_event events[EVQ_BATCH];
    int n = evq_wait(w->queue, events, EVQ_BATCH, timeout_ms);
    for (int i = 0; i < n; i++) {
        struct watch *watch = events[i].data;
        watch->ready(w, watch, events[i].flags);
    }
    return n;
}

static int wait_by_strategy(struct worker *w, int timeout_ms)
{
    int found = w->wait(w, timeout_ms);
    if (found < 0)
        return -1;
    if (found & FOUND_LISTENER)
        w->listener.ready(w, &w->listener, EVQ_READ);
    if ((found & FOUND_QUEUE) && handle_queue(w, 0) < 0)
        return -1;
    return found;
}

static void begin_iteration(struct worker *w)
{
    w->progress = false;
    stat_add(&w->stats->waits, 1);
}

static bool end_iteration(struct worker *w, bool returned)
{
    if (returned)
        stat_add(w->progress ? &w->stats->useful : &w->stats->spurious, 1);
    if ((w->stop_requested || (sigterm_received && !w->ignores_stop)) && !w->stopping)
        begin_to_stop(w);
    if (w->timed)
        connections_close_overdue(w);
    return !w->stopping || w->open;
}

static bool uses_wait_of_strategy(const struct worker *w)
{
    return w->wait && !w->stopping && !(strategy.serves_to_the_end && w->open);
}

bool worker_iterate(struct worker *w)
{
    int timeout_ms = connections_timeout_ms(w);
    if (w->timeout_ms >= 0 && (timeout_ms < 0 || timeout_ms > w->timeout_ms))
        timeout_ms = w->timeout_ms;
    begin_iteration(w);
    int n = uses_wait_of_strategy(w) ? wait_by_strategy(w, timeout_ms)
                                     : handle_queue(w, timeout_ms);
    if (n < 0)
        worker_fail("worker %u cannot wait: %s", w->id, strerror(errno));
    if (n == 0 && !sigterm_received)
        stat_add(&w->stats->timeouts, 1);
    return end_iteration(w, n > 0);
}

static bool iterate_in_accept(struct worker *w)
{
    if (w->stopping)
        return worker_iterate(w);
    begin_iteration(w);
    return end_iteration(w, worker_take_connections(w));
}

void worker_sleep_in_accept(struct worker *w)
{
    while (iterate_in_accept(w))
        continue;
}

void worker_main(unsigned id, void (*body)(struct worker *))
{
    struct worker w = {
        .id = id,
        .queue = evq_open(),
        .listener = {server.listener, listener_ready},
        .timeout_ms = -1,
        .take = worker_serve,
        .stats = &server.stats->slot[id],
        .spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
    };
    if (w.queue < 0 || w.spare_fd < 0)
        worker_fail("worker %u cannot open its event queue: %s", id, strerror(errno));
    watch_for_stop(&w);
    body(&w);
    connections_free(&w);
    exit(EXIT_DONE);
}
