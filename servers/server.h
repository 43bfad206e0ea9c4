#ifndef WAKEONE_SERVER_H
#define WAKEONE_SERVER_H

/*
 * What a strategy is written with. A strategy is one file that defines `strategy`; all the rest
 * (options, processes, connections, HTTP, counters, the end) is shared, so that strategies differ
 * in nothing but how workers share the listener.
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
 * A strategy with its options set, under a name of its own: build/<backend>/<name> is the strategy's
 * binary, which looks at the name it was called by. The first of a strategy is the strategy itself.
 * Makefile and commands read the names from the lines that begin with VARIANT.
 */
struct variant {
    const char *name;
    const char *arguments; /* the options it stands for, blanks between */
    /* Wakeups per idle connection, an expression in n sleeping workers and r (1 on PREEMPT_RT, else
     * 0); where it is not fixed, two with ".." between: at least and at most. */
    const char *wakes;
    const char *order;   /* which idle worker gets a connection: a word from those below */
    const char *backend; /* the only one that can have it; NULL = any */
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

/* Words for `order`, as harness/selftest/check.c checks them. */
#define ANY        "any"        /* whoever runs first; nothing fixes it */
#define REGISTERED "registered" /* the one that began to watch first, however busy it has been */
#define FIFO       "fifo"       /* the one that has slept longest */
#define LIFO       "lifo"       /* the one that went to sleep last */
#define ROTATES    "rotates"    /* each in turn, in the order in which they began */
#define LATEST     "latest"     /* the one that slept last, and again when it is back at once */
#define NUMBERED   "numbered"   /* each in turn, by number: a policy of the program */

/* A descriptor in a worker's event queue and what to do when it is ready. */
struct watch {
    int fd;
    void (*ready)(struct worker *w, struct watch *watch, unsigned flags);
};

struct strategy {
    const char *summary;            /* one line */
    const struct variant *variants; /* closed by VARIANTS_END */
    unsigned needs;                 /* evq flags without which it cannot run */
    unsigned workers_max;           /* 0 = as many as the server can */
    /* Its wait cannot see a worker's own connections: those it has taken are served to their end
     * before it waits for the next. */
    bool serves_to_the_end;
    bool takes_one;        /* --accept does not apply: it takes one connection at a time */
    bool listener_of_each; /* the supervisor only holds the port; workers call worker_listen() */
    const struct option_spec *options; /* its own options; NULL = none */

    /* Optional. After the options were read: what this kernel, or the limits set for this process,
     * do not let it do; NULL if nothing. */
    const char *(*lacks)(void);

    /* Runs in each worker until worker_turn() says that it is over. */
    void (*worker)(struct worker *w);

    /* Optional. Runs in one process more than the workers. */
    void (*acceptor)(struct worker *w);
    /* Optional. Before the processes are forked; says what is wrong and exits if it cannot. */
    void (*set_up)(unsigned workers);
    /* Optional. In the supervisor, after the start: all processes were forked, or no more will be. */
    void (*forked)(void);
    /* Optional. In the supervisor, after a process ended that should not have. */
    void (*process_died)(void);
    /* Optional. In a worker that stops, before it takes its last connections. */
    void (*stop)(struct worker *w);
};

extern const struct strategy strategy;

/* The opening comment of the strategy's file, which --describe prints. */
extern const char strategy_description[];

/* What a strategy's own wait has found. */
enum {
    FOUND_LISTENER = 1, /* listener.ready is to be called */
    FOUND_QUEUE = 2,    /* the worker's queue is to be looked at */
    FOUND_HANDLED = 4,  /* something that the strategy has handled itself */
};

struct worker {
    unsigned id; /* 0 to workers - 1; the acceptor is number `workers` */
    int queue;
    struct watch listener;
    void (*take)(struct worker *w, int fd); /* what becomes of an accepted connection; worker_serve
                                               unless the strategy has set another */
    int (*wait)(struct worker *w, int timeout_ms); /* how it waits, where not for its queue alone:
                                                      FOUND_ bits, or -1 with errno set; 0 after a
                                                      time-out or a signal */
    int patience_ms; /* how long a turn may wait; -1 = until something comes */
    struct worker_stats *stats;
    bool progress; /* something was found to do since the last wait */
    bool stopping; /* told to stop: finishes what it has, takes nothing new */
    /* below: worker.c and connection.c only */
    bool told_to_stop, ignores_stop;
    struct watch stop;
    bool listener_watched;
    int spare_fd;
    unsigned timed; /* connections with a deadline */
    struct connection *open, *free;
};

/* Waits once and handles all that is ready. False when the worker has been told to stop and its
 * last connection is closed. */
bool worker_turn(struct worker *w);

/* A whole worker that sleeps in accept(2), not in its queue; and the set_up for it. */
void worker_sleep_in_accept(struct worker *w);
void server_let_accept_sleep(unsigned workers);

/* Opens a listener of this worker's own on the server's port; ends the process if it cannot. */
void worker_listen(struct worker *w);

/* Puts the listener into the queue or takes it out. While it is in, listener.ready is called;
 * unless the strategy has set another, that is worker_take_connections. */
void worker_watch_listener(struct worker *w, unsigned flags);
void worker_unwatch_listener(struct worker *w);

/* Puts any other descriptor into the queue. The watch stays the caller's. */
void worker_watch(struct worker *w, struct watch *watch, unsigned flags);

/* Accepts one connection: its descriptor, or -1 where there was none (counted). */
int worker_accept(struct worker *w);

/* For strategies that accept otherwise: a connection that came so is counted and taken; an accept
 * that failed with the errno `error` is counted, or ends the process. */
void worker_accepted(struct worker *w, int fd);
void worker_accept_failed(struct worker *w, int error);

/* Accepts and takes one connection or, with --accept drain, all that there are. True if there was
 * one. */
bool worker_take_connections(struct worker *w);

/* Serves a connected, non-blocking socket, which is now the worker's, from here on. */
void worker_serve(struct worker *w, int fd);

/* Stops this worker as if it had been told to, at the end of the turn. */
void worker_stop(struct worker *w);

/* From here on the worker is stopped by worker_stop() only, not when the server is. */
void worker_ignore_stop(struct worker *w);

/* Says why the server cannot go on and ends this process with status 1. */
void worker_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* ---- between server.c, worker.c and connection.c ---- */

enum accept_mode { ACCEPT_ONE, ACCEPT_DRAIN, ACCEPT_UNSAID };

struct server {
    struct stats_page *stats;
    const struct variant *variant;
    int listener;
    unsigned accept; /* enum accept_mode; not ACCEPT_UNSAID after set_up */
    uint64_t service_ns;
    bool keep_alive;
};

extern struct server server;

/* Runs as slot `id` and never returns. SIGTERM stops it: it may have to be sent again, since a
 * signal that comes just before a wait does not end it. */
void worker_main(unsigned id, void (*body)(struct worker *)) __attribute__((noreturn));

/* What is for edge-triggered listeners: whoever leaves one in the queue is not told of it again. */
void server_must_drain(const char *option);

/* A listening socket on the server's address and port; -1 with errno set. */
int server_listen(void);

/* How long a wait may last before a deadline is due, in milliseconds; -1 = none is set. */
int connections_patience_ms(const struct worker *w);

/* Gives all open connections until the drain limit; closes those between two requests now. */
void connections_drain(struct worker *w);
void connections_close_overdue(struct worker *w);
void connections_free(struct worker *w);

#endif
