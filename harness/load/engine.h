#ifndef WAKEONE_ENGINE_H
#define WAKEONE_ENGINE_H

/*
 * One thread of the load, in four files: connection.c moves bytes and says how a request ended;
 * requests.c decides what is begun when, and counts; window.c is warm-up, window and drain; engine.c is the
 * loop around them. Nothing else includes this.
 *
 *                  arrival, or a free place                     time-out, error
 *        (unused) --------------------------> CONNECTING --> SENDING --> RECEIVING --> (unused)
 *            ^                                                  ^            |
 *            |                                 next request     |            | answered
 *            +--------------- QUIET ----------------------------+            |
 *                               ^                                            |
 *                               +----- thinks, is idle, is held -------------+
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
    CONNECTION_QUIET, /* no request in flight; open, or (thinking, or to be tried again) not */
};

struct connection {
    int fd; /* -1 = none */
    enum connection_state state;
    uint32_t watched;      /* epoll events; 0 = not in the queue */
    unsigned class;        /* index into options.classes */
    unsigned url;          /* of the current request: index into options.urls */
    unsigned long sent;    /* requests sent on this connection */
    size_t request_sent;   /* bytes of the current request that are out */
    uint64_t intended_ns;  /* when the current request was meant to begin, ... */
    uint64_t begun_ns;     /* ... and when it did */
    uint64_t opened_ns;    /* when its connection was begun */
    uint64_t connected_ns; /* TLS: when its handshake began */
    struct ssl_st *tls;    /* NULL = none */
    bool reused;           /* the connection had a request before this one */
    bool retried;          /* this is the second time it is made */
    struct waiting *waiting;
    struct connection *previous, *next; /* in that list, or among the unused */
    uint64_t until_ns;
    struct response response;
};

struct request_bytes {
    char *text;
    size_t length;
};

/* The last one of a connection says close. */
struct request_pair {
    struct request_bytes kept, last;
};

/* How bytes are moved: as send(2) and recv(2) do it, or through TLS. */
struct transport {
    ssize_t (*send)(const struct connection *c, const void *data, size_t length);
    ssize_t (*receive)(const struct connection *c, void *data, size_t size);
};

extern const struct transport connection_plain, connection_tls;

enum phase { PHASE_WARMUP, PHASE_WINDOW, PHASE_DRAIN };

/* What the threads of one run have in common: written by the first, before they begin and at the
 * barriers. */
struct run {
    const struct load_options *options;
    struct request_pair *requests; /* of each URL, or the one of the target */
    unsigned request_count;
    const struct expect *expect; /* NULL = any body will do */
    const struct transport *transport;
    struct tls *tls;      /* NULL = no TLS */
    bool is_head;         /* the answers have no body */
    bool retries;         /* requests may be made once more */
    pthread_mutex_t gate; /* open once all threads are there, ... */
    bool cancelled;       /* ... or will not be */
    bool ready;           /* this process, whatever others are */
    pthread_barrier_t barrier;
    bool connected;           /* a connection was made, also before the window */
    uint64_t begun_ns;        /* when the schedule begins */
    uint64_t window_begin_ns; /* set at the barrier */
    struct engine **engines;
};

/* Counters of a thread. Only that thread writes them; the thread that shows the progress reads them meanwhile. */
enum engine_count {
    ENGINE_SUCCESSES, /* of the whole run, as are the failures: to give up a hopeless one */
    ENGINE_FAILURES,
    ENGINE_ENDED, /* requests that ended in the window, well or not */
    ENGINE_COUNTS,
};

struct engine {
    struct run *run;
    const struct load_options
        *options; /* those of the run, with this thread's share of the numbers */
    struct load_options share;
    unsigned thread;
    struct load_result *result;
    int queue, timer;
    uint64_t timer_ns; /* when it goes off, or went */
    enum phase phase;
    uint64_t phase_end_ns;
    uint64_t next_progress_ns;
    uint64_t window_begin_ns, cpu_begin_ns;
    uint64_t counts[ENGINE_COUNTS];
    uint64_t own_failures; /* of ENGINE_FAILURES, for want of ports: not the server's */
    bool over;

    /* open loop */
    struct schedule *schedule;
    uint64_t schedule_begin_ns, next_arrival_ns;

    struct waiting answering; /* in flight: until the time-out */
    struct waiting retrying, thinking, holding[CLASSES_MAX];
    struct waiting idle;  /* open loop: open, and ready for a request */
    unsigned long opened; /* closed loop: places whose first connection was begun */
    struct connection *connections, *unused;
    unsigned long places;
    uint64_t random; /* for the classes */
    uint64_t next_source;

    unsigned long timeline_step;
    struct timeline_part part;
    struct ramp *ramp;              /* this thread's part; NULL if the rate does not rise */
    struct ssl_session_st *session; /* TLS: to be resumed; NULL = none yet */
    uint64_t next_request;          /* its number: see urls.h */
    struct url_result *url_results; /* this thread's; NULL without urls */
    char received[64 * 1024];
};

static inline bool engine_is_open_loop(const struct engine *e)
{
    return e->options->schedule.kind != SCHEDULE_NONE;
}

static inline bool engine_in_window(const struct engine *e)
{
    return e->phase == PHASE_WINDOW;
}

static inline uint64_t engine_earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- connection.c ---- */

/* Begins a connection, and its first request. */
void connection_open(struct engine *e, struct connection *c);

/* Begins a request on a connection that is open. */
void connection_send(struct engine *e, struct connection *c);

/* epoll says that something can be done. */
void connection_ready(struct engine *e, struct connection *c);

/* By FIN or RST, as it was asked for; nothing if it is closed. */
void connection_close(const struct engine *e, struct connection *c);

/* ---- requests.c: what connections tell ---- */

/* The connection is there; `now` is when it was. */
void engine_connected(struct engine *e, struct connection *c, uint64_t now);

/* The TLS handshake is over, and well. */
void engine_shaken_hands(struct engine *e, struct connection *c, uint64_t now);

/* The first byte of an answer is there. */
void engine_first_byte(struct engine *e, struct connection *c, uint64_t now);

/* The answer is complete, whatever it says. */
void engine_answered(struct engine *e, const struct connection *c);

/* The request is over, and with it the connection unless it can be used again. */
void engine_succeeded(struct engine *e, struct connection *c, uint64_t now);
void engine_failed(struct engine *e, struct connection *c, enum load_error error,
                   const char *example);

/* The server has closed a connection that was used before, without a byte of an answer to this request. A server may
 * close a kept connection just when a request is sent; so it is made once more, on a new connection, as if it had not
 * been (RFC 9112, 9.3.1): its times begin where they began. */
void engine_try_again(struct engine *e, struct connection *c);

/* The server has closed a quiet connection. */
void engine_quiet_ended(struct engine *e, struct connection *c);

/* ---- requests.c: what is begun ---- */

/* Closed loop: some of the first connections, while there are places that had none. */
void engine_begin_first(struct engine *e);

/* Open loop: what is due, a few at a time. */
void engine_start_arrivals(struct engine *e, uint64_t now);

/* In the window: an arrival is due, whether it can be begun or not. */
void engine_count_due(struct engine *e, uint64_t intended);

/* Up to when arrivals are the current phase's. */
uint64_t engine_due_until(const struct engine *e, uint64_t now);

/* Sets next_arrival_ns. */
void engine_plan_arrival(struct engine *e);

/* Closes the connection; its place is free. */
void engine_put_away(struct engine *e, struct connection *c);

/* Time-outs, think times, holds and pauses that are over, and when the next one will be. */
void engine_end_waits(struct engine *e, uint64_t now);
uint64_t engine_next_end(const struct engine *e);

/* ---- window.c ---- */

/* Begins and ends the window when it is time, and says when all is over. */
void engine_advance_phase(struct engine *e, uint64_t now);

/* All is over before its time: every thread passes all barriers, however it ends. */
void engine_end_early(struct engine *e);

/* Hands in the steps of the timeline that are over, and when the current one will be. */
void engine_advance_timeline(struct engine *e);
uint64_t engine_step_end(const struct engine *e);

/* ---- engine.c ---- */

/* NULL, or what could not be had. */
const char *engine_set_up(struct engine *e, struct run *run, unsigned thread);
void engine_run(struct engine *e);
void engine_clean_up(struct engine *e);

#endif
