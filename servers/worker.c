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
        shed_connection(w);
        break;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
        worker_fail("worker %u cannot accept: %s", w->id, strerror(error));
    default: /* the connection's own trouble (accept(2)): the next one may be better */
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
        worker_turn(w);
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
    w->told_to_stop = true;
}

/* The kernel has answered these clients already: they are served, not reset. The listener may be one
 * that blocks. */
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

/* At the end of a turn, when no event that is still to be handled can be of a connection closed
 * here. */
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

/* ---- being told to stop: by SIGTERM, which a waiting queue sees through a pipe ---- */

static volatile sig_atomic_t sigterm_came;
static int stop_pipe[2];

static void on_sigterm(int number)
{
    int error = errno;
    (void)number;
    sigterm_came = 1;
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
    struct sigaction action = {.sa_handler = on_sigterm}; /* no SA_RESTART: waits are to end */
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

/* ---- turns ---- */

/* Handles what is in the queue; how many events that was, -1 with errno set. */
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

static int wait_as_strategy_does(struct worker *w, int timeout_ms)
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

static void begin_turn(struct worker *w)
{
    w->progress = false;
    stat_add(&w->stats->waits, 1);
}

static bool end_turn(struct worker *w, bool returned)
{
    if (returned)
        stat_add(w->progress ? &w->stats->useful : &w->stats->spurious, 1);
    if ((w->told_to_stop || (sigterm_came && !w->ignores_stop)) && !w->stopping)
        begin_to_stop(w);
    if (w->timed)
        connections_close_overdue(w);
    return !w->stopping || w->open;
}

static bool waits_for_more_than_its_queue(const struct worker *w)
{
    return w->wait && !w->stopping && !(strategy.serves_to_the_end && w->open);
}

bool worker_turn(struct worker *w)
{
    int patience = connections_patience_ms(w);
    if (w->patience_ms >= 0 && (patience < 0 || patience > w->patience_ms))
        patience = w->patience_ms;
    begin_turn(w);
    int n = waits_for_more_than_its_queue(w) ? wait_as_strategy_does(w, patience)
                                             : handle_queue(w, patience);
    if (n < 0)
        worker_fail("worker %u cannot wait: %s", w->id, strerror(errno));
    if (n == 0 && !sigterm_came)
        stat_add(&w->stats->timeouts, 1);
    return end_turn(w, n > 0);
}

static bool turn_in_accept(struct worker *w)
{
    if (w->stopping)
        return worker_turn(w);
    begin_turn(w);
    return end_turn(w, worker_take_connections(w));
}

void worker_sleep_in_accept(struct worker *w)
{
    while (turn_in_accept(w))
        continue;
}

void worker_main(unsigned id, void (*body)(struct worker *))
{
    struct worker w = {
        .id = id,
        .queue = evq_open(),
        .listener = {server.listener, listener_ready},
        .patience_ms = -1,
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
