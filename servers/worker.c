#include "harness/lib/message.h"
#include "os.h"
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEADLINE_CHECK_MS = 50 };

struct server server;

void worker_fail(const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    /* What stops one worker stops all: only the first says so. */
    if (!__atomic_exchange_n(&server.stats->spoken, 1, __ATOMIC_RELAXED))
        message("%s", text);
    exit(EXIT_FAILED);
}

/* Out of descriptors, a level-triggered listener would keep the worker spinning: the connection
 * is taken with a descriptor kept for this, and closed. */
static void shed_connection(struct worker *w)
{
    if (w->stats->shed == 0)
        message("worker %u is out of descriptors and closes new connections: raise `ulimit -n`",
                w->id);
    close(w->spare_fd);
    int fd = os_accept(w->listener.fd);
    if (fd >= 0) {
        close(fd);
        stat_add(&w->stats->shed, 1);
    }
    w->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int worker_accept(struct worker *w)
{
    int fd = os_accept(w->listener.fd);
    if (fd >= 0) {
        w->progress = true;
        stat_add(&w->stats->accepts, 1);
        return fd;
    }
    switch (errno) {
    case EAGAIN:
        stat_add(&w->stats->eagain, 1);
        break;
    case EMFILE:
    case ENFILE:
        shed_connection(w);
        break;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
        worker_fail("worker %u cannot accept: %s", w->id, strerror(errno));
    default: /* the connection's own trouble (accept(2)): the next one may be better */
        break;
    }
    return -1;
}

static void accept_one(struct worker *w, struct watch *watch, unsigned flags)
{
    (void)watch, (void)flags;
    int fd = worker_accept(w);
    if (fd >= 0)
        w->take(w, fd);
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
    w->told_to_stop = true;
}

/* At the end of a turn, when no event that is still to be handled can be of a connection closed
 * here. */
static void begin_to_stop(struct worker *w)
{
    w->stopping = true;
    /* The kernel has answered these clients already: they are served, not reset. */
    if (w->listener.fd >= 0)
        for (int fd; (fd = worker_accept(w)) >= 0;)
            w->take(w, fd);
    worker_unwatch_listener(w);
    if (w->listener.fd >= 0)
        close(w->listener.fd); /* the last to close it makes the kernel refuse new connections */
    w->listener.fd = -1;
    connections_drain(w);
}

static void stop_ready(struct worker *w, struct watch *watch, unsigned flags)
{
    (void)flags;
    evq_del(w->queue, watch->fd);
    worker_stop(w);
}

void worker_ignore_stop(struct worker *w)
{
    evq_del(w->queue, w->stop.fd);
}

bool worker_turn(struct worker *w)
{
    struct evq_event events[EVQ_BATCH];
    w->progress = false;
    stat_add(&w->stats->waits, 1);
    int n = evq_wait(w->queue, events, EVQ_BATCH, w->timed ? DEADLINE_CHECK_MS : -1);
    if (n < 0)
        worker_fail("worker %u cannot wait: %s", w->id, strerror(errno));
    for (int i = 0; i < n; i++) {
        struct watch *watch = events[i].data;
        watch->ready(w, watch, events[i].flags);
    }
    if (n > 0)
        stat_add(w->progress ? &w->stats->useful : &w->stats->spurious, 1);
    if (w->told_to_stop && !w->stopping)
        begin_to_stop(w);
    if (w->timed)
        connections_close_overdue(w);
    return !w->stopping || w->open;
}

void worker_main(unsigned id, void (*body)(struct worker *))
{
    struct worker w = {
        .id = id,
        .queue = evq_open(),
        .listener = {server.listener, accept_one},
        .take = worker_serve,
        .stop = {server.stop_fd, stop_ready},
        .stats = &server.stats->slot[id],
        .spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
    };
    if (w.queue < 0 || w.spare_fd < 0)
        worker_fail("worker %u cannot open its event queue: %s", id, strerror(errno));
    worker_watch(&w, &w.stop, EVQ_READ);
    body(&w);
    connections_free(&w);
    exit(EXIT_DONE);
}
