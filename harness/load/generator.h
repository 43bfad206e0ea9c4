/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_GENERATOR_H
#define WAKEONE_GENERATOR_H

/*
 * One thread of the load, in four files: connection.c moves bytes and reports how a request ended; requests.c starts
 * requests and counts results; window.c is warm-up, window and drain; generator.c is the event loop. Internal to these files.
 *
 *                  arrival, or a free slot                      timeout, error
 *        (unused) --------------------------> CONNECTING --> SENDING --> RECEIVING --> (unused)
 *            ^                                                  ^            |
 *            |                                 next request     |            | response complete
 *            +--------------- QUIET ----------------------------+            |
 *                               ^                                            |
 *                               +----- think time, idle, hold ---------------+
 */

#include "load.h"
#include "response.h"
#include "waiting.h"

#include <pthread.h>

enum connection_state {
    CONNECTION_UNUSED,
    CONNECTION_CONNECTING,
    CONNECTION_HANDSHAKING, /* TLS */
    CONNECTION_SENDING,
    CONNECTION_RECEIVING,
    CONNECTION_QUIET, /* no request in flight; closed only during a think time or before a retry */
};

struct connection {
    int fd; /* -1 = none */
    enum connection_state state;
    uint32_t watched;      /* epoll events; 0 = not in the epoll set */
    unsigned class;        /* index into options.classes */
    unsigned url;          /* of the current request: index into options.urls */
    unsigned long sent;    /* requests sent on this connection */
    size_t request_sent;   /* bytes of the current request sent so far */
    uint64_t intended_ns;  /* scheduled start of the current request */
    uint64_t begun_ns;     /* actual start of the current request */
    uint64_t opened_ns;    /* start of the connect */
    uint64_t connected_ns; /* TLS: start of the handshake */
    struct ssl_st *tls;    /* NULL = none */
    bool reused;           /* this is not the first request of the connection */
    bool retried;          /* this request is a retry */
    struct waiting *waiting;
    struct connection *previous, *next; /* links of that list, or of the unused */
    uint64_t until_ns;
    struct response response;
};

struct request_bytes {
    char *text;
    size_t length;
};

/* The last request of a connection has Connection: close. */
struct request_pair {
    struct request_bytes kept, last;
};

/* Plain, as send(2) and recv(2), or through TLS. */
struct transport {
    ssize_t (*send)(const struct connection *c, const void *data, size_t length);
    ssize_t (*receive)(const struct connection *c, void *data, size_t size);
};

extern const struct transport connection_plain, connection_tls;

enum phase { PHASE_WARMUP, PHASE_WINDOW, PHASE_DRAIN };

/* State shared by the threads of a run: written by the first one, before the others start and at the barriers. */
struct run {
    const struct load_options *options;
    struct request_pair *requests; /* one per URL, or one for the target */
    unsigned request_count;
    const struct expect *expect; /* NULL = any body is accepted */
    const struct transport *transport;
    struct tls *tls;      /* NULL = no TLS */
    bool is_head;         /* the responses have no body */
    bool retries;         /* requests may be retried */
    pthread_mutex_t gate; /* released once all threads are created, ... */
    bool cancelled;       /* ... or creating one has failed */
    bool ready;           /* this process; others may not be */
    pthread_barrier_t barrier;
    bool connected;           /* a connection was established, also before the window */
    uint64_t begun_ns;        /* start of the schedule */
    uint64_t window_begin_ns; /* set at the barrier */
    struct generator **generators;
};

/* Counters of a thread, written only by that thread, and read concurrently by the one that prints the progress. */
enum generator_count {
    GENERATOR_SUCCESSES, /* over the whole run, like failures: for giving up early */
    GENERATOR_FAILURES,
    GENERATOR_ENDED, /* requests that succeeded or failed in the window */
    GENERATOR_COUNTS,
};

struct generator {
    struct run *run;
    const struct load_options
        *options; /* the run's options, with this thread's share of the counts */
    struct load_options share;
    unsigned thread;
    struct load_result *result;
    int queue, timer;
    uint64_t timer_ns; /* its last deadline, which may have expired */
    enum phase phase;
    uint64_t phase_end_ns;
    uint64_t next_progress_ns;
    uint64_t window_begin_ns, cpu_begin_ns;
    uint64_t counts[GENERATOR_COUNTS];
    uint64_t own_failures; /* part of GENERATOR_FAILURES: no local port, not the server's failure */
    bool over;

    /* open loop */
    struct schedule *schedule;
    uint64_t schedule_begin_ns, next_arrival_ns;

    struct waiting answering; /* in flight: until the timeout */
    struct waiting retrying, thinking, holding[CLASSES_MAX];
    struct waiting idle;  /* open loop: open and idle */
    unsigned long opened; /* closed loop: slots whose first connection was begun */
    struct connection *connections, *unused;
    unsigned long slots;
    uint64_t random; /* state of the generator that chooses classes */
    uint64_t next_source;

    unsigned long timeline_step;
    struct timeline_part part;
    struct ramp *ramp;              /* this thread's part; NULL if the rate does not rise */
    struct ssl_session_st *session; /* TLS: to be resumed; NULL = none yet */
    uint64_t next_request;          /* number of the next request: see urls.h */
    struct url_result *url_results; /* this thread's; NULL without urls */
    char received[64 * 1024];
};

static inline bool generator_is_open_loop(const struct generator *e)
{
    return e->options->schedule.kind != SCHEDULE_NONE;
}

static inline bool generator_in_window(const struct generator *e)
{
    return e->phase == PHASE_WINDOW;
}

static inline uint64_t generator_earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- connection.c ---- */

/* Starts a connection and its first request. */
void connection_open(struct generator *e, struct connection *c);

/* Starts a request on an open connection. */
void connection_send(struct generator *e, struct connection *c);

/* Handles an epoll event. */
void connection_ready(struct generator *e, struct connection *c);

/* Closes by FIN or RST, as set by --close; no effect if closed. */
void connection_close(const struct generator *e, struct connection *c);

/* ---- requests.c: events of connections ---- */

/* The connection was established at `now`. */
void generator_connected(struct generator *e, struct connection *c, uint64_t now);

/* The TLS handshake has completed. */
void generator_handshake_done(struct generator *e, struct connection *c, uint64_t now);

/* The first byte of a response has arrived. */
void generator_first_byte(struct generator *e, struct connection *c, uint64_t now);

/* The response is complete, with any status. */
void generator_answered(struct generator *e, const struct connection *c);

/* The request has ended; its connection is closed unless it can be reused. */
void generator_succeeded(struct generator *e, struct connection *c, uint64_t now);
void generator_failed(struct generator *e, struct connection *c, enum load_error error,
                      const char *example);

/* The server has closed a reused connection without a byte of a response to this request. A server may close a keep-alive
 * connection at the moment a request is sent; so the request is retried once, on a new connection, with its original
 * start times (RFC 9112, 9.3.1). */
void generator_retry(struct generator *e, struct connection *c);

/* The server has closed a connection without a request in flight. */
void generator_quiet_ended(struct generator *e, struct connection *c);

/* ---- requests.c: starting requests ---- */

/* Closed loop: starts some of the first connections, while there are slots without one. */
void generator_begin_first(struct generator *e);

/* Open loop: starts requests that are due, a few at a time. */
void generator_start_arrivals(struct generator *e, uint64_t now);

/* In the window: counts an arrival that is due, started or not. */
void generator_count_due(struct generator *e, uint64_t intended);

/* Arrivals up to this time belong to the current phase. */
uint64_t generator_due_until(const struct generator *e, uint64_t now);

/* Sets next_arrival_ns. */
void generator_plan_arrival(struct generator *e);

/* Closes the connection and frees its slot. */
void generator_put_away(struct generator *e, struct connection *c);

/* Handles expired timeouts, think times, holds and pauses; returns the next deadline. */
void generator_end_waits(struct generator *e, uint64_t now);
uint64_t generator_next_end(const struct generator *e);

/* ---- window.c ---- */

/* Begins and ends the window when due, and ends the loop after the drain. */
void generator_advance_phase(struct generator *e, uint64_t now);

/* Ends the run early. Every thread still passes all barriers. */
void generator_end_early(struct generator *e);

/* Submits the completed steps of the timeline; the end of the current step. */
void generator_advance_timeline(struct generator *e);
uint64_t generator_step_end(const struct generator *e);

/* ---- generator.c ---- */

/* NULL, or the name of the resource that is unavailable, with errno. */
const char *generator_set_up(struct generator *e, struct run *run, unsigned thread);
void generator_run(struct generator *e);
void generator_clean_up(struct generator *e);

#endif
