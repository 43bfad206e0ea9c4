#ifndef WAKEONE_SERVER_H
#define WAKEONE_SERVER_H

/*
 * What a strategy is written with. A strategy is one file that defines `strategy`; all the rest
 * (options, processes, connections, HTTP, counters, the end) is shared, so that strategies differ
 * in nothing but how workers share the listener.
 */

#include "evq.h"
#include "harness/lib/options.h"
#include "stats_page.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct worker;

/* A descriptor in a worker's event queue and what to do when it is ready. */
struct watch {
    int fd;
    void (*ready)(struct worker *w, struct watch *watch, unsigned flags);
};

struct strategy {
    const char *name;
    const char *summary; /* one line */
    const char *wakes;   /* wakeups per idle connection, an expression in n sleeping workers */
    unsigned needs;      /* evq flags without which it cannot run */
    const struct option_spec *options; /* its own options; NULL = none */

    /* Runs in each worker until worker_turn() says that it is over. */
    void (*worker)(struct worker *w);

    /* Optional. Runs in one process more than the workers. */
    void (*acceptor)(struct worker *w);
    /* Optional. Before the processes are forked; says what is wrong and exits if it cannot. */
    void (*set_up)(unsigned workers);
    /* Optional. In the supervisor, after the processes were forked. */
    void (*forked)(void);
    /* Optional. In the supervisor, after a process ended that should not have. */
    void (*process_died)(void);
};

extern const struct strategy strategy;

/* The opening comment of the strategy's file, which --describe prints. */
extern const char strategy_description[];

struct worker {
    unsigned id; /* 0 to workers - 1; the acceptor is number `workers` */
    int queue;
    struct watch listener;
    void (*take)(struct worker *w, int fd); /* what becomes of an accepted connection; worker_serve
                                               unless the strategy has set another */
    struct worker_stats *stats;
    bool progress; /* something was found to do since the last wait */
    bool stopping; /* told to stop: finishes what it has, takes nothing new */
    /* below: worker.c and connection.c only */
    bool told_to_stop;
    struct watch stop;
    bool listener_watched;
    int spare_fd;
    unsigned timed; /* connections with a deadline */
    struct connection *open, *free;
};

/* Waits once and handles all that is ready. False when the worker has been told to stop and its
 * last connection is closed. */
bool worker_turn(struct worker *w);

/* Puts the listener into the queue or takes it out. While it is in, listener.ready is called;
 * unless the strategy has set another, that accepts one connection and takes it. */
void worker_watch_listener(struct worker *w, unsigned flags);
void worker_unwatch_listener(struct worker *w);

/* Puts any other descriptor into the queue. The watch stays the caller's. */
void worker_watch(struct worker *w, struct watch *watch, unsigned flags);

/* Accepts one connection: its descriptor, or -1 where there was none (counted). */
int worker_accept(struct worker *w);

/* Serves a connected, non-blocking socket, which is now the worker's, from here on. */
void worker_serve(struct worker *w, int fd);

/* Stops this worker as if it had been told to, at the end of the turn. */
void worker_stop(struct worker *w);

/* From here on the worker is stopped by worker_stop() only, not when the server is. */
void worker_ignore_stop(struct worker *w);

/* Says why the server cannot go on and ends this process with status 1. */
void worker_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* ---- between server.c, worker.c and connection.c ---- */

struct server {
    struct stats_page *stats;
    int listener;
    int stop_fd; /* end of file = stop */
    uint64_t service_ns;
    bool keep_alive;
};

extern struct server server;

/* Runs as slot `id` and never returns. */
void worker_main(unsigned id, void (*body)(struct worker *)) __attribute__((noreturn));

/* Gives all open connections until the drain limit; closes those between two requests now. */
void connections_drain(struct worker *w);
void connections_close_overdue(struct worker *w);
void connections_free(struct worker *w);

#endif
