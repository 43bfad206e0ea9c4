/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SERVER_H
#define WAKEONE_SERVER_H

/*
 * The interface that strategies are written against. A strategy is one file that defines
 * `strategy`; the rest (options, processes, connections, HTTP, counters, shutdown) is shared, so
 * that strategies differ only in how workers share the listener.
 */

#include "evq.h"
#include "harness/lib/options.h"
#include "harness/lib/stats_page.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct worker;

/*
 * A strategy with preset options, under a name of its own: build/<backend>/<name> is the strategy's
 * binary, which selects the variant by argv[0]. The first variant is the strategy itself. Makefile
 * and commands read the names from the lines that begin with VARIANT.
 */
struct variant {
    const char *name;
    const char *arguments; /* the options that it presets, space-separated */
    /* Wakeups per idle connection, an expression in n (sleeping workers) and r (1 on PREEMPT_RT,
     * else 0); if the number is not fixed, a range "MINIMUM .. MAXIMUM". */
    const char *wakes;
    const char *order;   /* which idle worker gets a connection: one of the names below */
    const char *backend; /* the only backend that supports it; NULL = any */
};

#define VARIANT(name, arguments, wakes, order) \
    {                                          \
        name, arguments, wakes, order, NULL    \
    }
#define VARIANT_KQUEUE(name, arguments, wakes, order) \
    {                                                 \
        name, arguments, wakes, order, "kqueue"       \
    }
#define VARIANTS_END                 \
    {                                \
        NULL, NULL, NULL, NULL, NULL \
    }

/* Values of `order`, as harness/selftest/check.c checks them. */
#define ANY        "any"        /* the first worker that runs; not deterministic */
#define REGISTERED "registered" /* the worker that registered first, regardless of its load */
#define FIFO       "fifo"       /* the worker that has slept longest */
#define LIFO       "lifo"       /* the worker that went to sleep last */
#define ROTATES    "rotates"    /* round robin, in the order of registration */
#define LATEST     "latest"     /* the last to sleep, again and again if it returns at once */
#define NUMBERED   "numbered"   /* round robin by worker number: a policy of the program */

/* A descriptor in a worker's event queue and what to do when it is ready. */
struct watch {
    int fd;
    void (*ready)(struct worker *w, struct watch *watch, unsigned flags);
};

struct strategy {
    const char *summary;            /* one line */
    const struct variant *variants; /* closed by VARIANTS_END */
    unsigned needs;                 /* evq flags that it requires */
    unsigned workers_max;           /* 0 = the limit of the server */
    /* Its wait does not cover a worker's own connections: accepted connections are served until
     * they are closed before it waits for the next. */
    bool serves_to_the_end;
    bool takes_one;        /* --accept does not apply: one connection per wait */
    bool listener_of_each; /* the supervisor only binds the port; workers call worker_listen() */
    const struct option_spec *options; /* its own options; NULL = none */

    /* Optional. Called after the options were parsed: the feature that is missing on this kernel or
     * under the limits of this process; NULL = none. */
    const char *(*unsupported)(void);

    /* Runs in each worker until worker_iterate() returns false. */
    void (*worker)(struct worker *w);

    /* Optional. Runs in one process in addition to the workers. */
    void (*acceptor)(struct worker *w);
    /* Optional. Before the processes are forked; prints a message and exits on failure. */
    void (*set_up)(unsigned workers);
    /* Optional. In the supervisor, after the start: all processes were forked, or no more will be. */
    void (*forked)(void);
    /* Optional. In the supervisor, after a process ended unexpectedly. */
    void (*process_died)(void);
    /* Optional. In a worker that stops, before it accepts its last connections. */
    void (*stop)(struct worker *w);
};

extern const struct strategy strategy;

/* The opening comment of the strategy's file, which --describe prints. */
extern const char strategy_description[];

/* Result of a strategy's own wait. */
enum {
    FOUND_LISTENER = 1, /* the listener is ready: call listener.ready */
    FOUND_QUEUE = 2,    /* the worker's queue has events */
    FOUND_HANDLED = 4,  /* an event that the strategy has already handled */
};

struct worker {
    unsigned id; /* 0 to workers - 1; the acceptor is number `workers` */
    int queue;
    struct watch listener;
    void (*take)(struct worker *w, int fd); /* handles an accepted connection; worker_serve unless
                                               the strategy has set another */
    int (*wait)(struct worker *w, int timeout_ms); /* replaces the wait for the queue alone;
                                                      FOUND_ bits, or -1 with errno set; 0 after a
                                                      timeout or a signal */
    int timeout_ms; /* the longest wait of one event-loop iteration; -1 = no limit */
    struct worker_stats *stats;
    bool progress; /* work was found since the last wait */
    bool stopping; /* shutting down: finishes its connections, accepts no new ones */
    /* below: worker.c and connection.c only */
    bool stop_requested, ignores_stop;
    struct watch stop;
    bool listener_watched;
    int spare_fd;
    unsigned timed; /* connections with a deadline */
    struct connection *open, *free;
};

/* One event-loop iteration: waits once and handles all ready events. False when a stop was
 * requested and the last connection is closed. */
bool worker_iterate(struct worker *w);

/* A complete worker that sleeps in accept(2), not in its queue; and the set_up for it. */
void worker_sleep_in_accept(struct worker *w);
void server_let_accept_sleep(unsigned workers);

/* Opens a listener of this worker's own on the server's port; ends the process on failure. */
void worker_listen(struct worker *w);

/* Adds the listener to the queue or removes it. While it is in the queue, listener.ready is called;
 * the default is worker_take_connections. */
void worker_watch_listener(struct worker *w, unsigned flags);
void worker_unwatch_listener(struct worker *w);

/* Adds any other descriptor to the queue. The caller owns the watch. */
void worker_watch(struct worker *w, struct watch *watch, unsigned flags);

/* Accepts one connection: its descriptor, or -1 if there was none (counted). */
int worker_accept(struct worker *w);

/* For strategies that accept by other means: counts and takes a connection; counts an accept that
 * failed with the errno `error`, or ends the process. */
void worker_accepted(struct worker *w, int fd);
void worker_accept_failed(struct worker *w, int error);

/* Accepts and takes one connection or, with --accept drain, all pending ones. True if there was at
 * least one. */
bool worker_take_connections(struct worker *w);

/* Serves a connected, non-blocking socket and takes ownership of it. */
void worker_serve(struct worker *w, int fd);

/* Requests a stop of this worker at the end of the event-loop iteration. */
void worker_stop(struct worker *w);

/* After this call only worker_stop() stops the worker, not SIGTERM. */
void worker_ignore_stop(struct worker *w);

/* Reports a fatal error and ends this process with status 1. */
void worker_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* ---- between server.c, worker.c and connection.c ---- */

enum accept_mode { ACCEPT_ONE, ACCEPT_DRAIN, ACCEPT_UNSET };

struct server {
    struct stats_page *stats;
    const struct variant *variant;
    int listener;
    unsigned accept; /* enum accept_mode; not ACCEPT_UNSET after set_up */
    uint64_t service_ns;
    bool keep_alive;
};

extern struct server server;

/* Runs as slot `id` and never returns. SIGTERM stops it; it may have to be sent again, because a
 * signal that arrives just before a wait does not interrupt it. */
void worker_main(unsigned id, void (*body)(struct worker *)) __attribute__((noreturn));

/* For edge-triggered listeners, which are not reported again for connections left in the backlog:
 * selects --accept drain; a usage error with --accept one. `option` is named in the message. */
void server_must_drain(const char *option);

/* A listening socket on the server's address and port; -1 with errno set. */
int server_listen(void);

/* Milliseconds until the next deadline of a connection; -1 = none is set. */
int connections_timeout_ms(const struct worker *w);

/* Sets the drain deadline of all open connections; closes those between two requests at once. */
void connections_drain(struct worker *w);
void connections_close_overdue(struct worker *w);
void connections_free(struct worker *w);

#endif
