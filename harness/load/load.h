/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_LOAD_H
#define WAKEONE_LOAD_H

/*
 * The load generator as a library: HTTP requests in a closed or an open loop.
 *
 *      warm-up --> window --> drain
 *                  |     |
 *                  begin end: the caller's snapshots
 *
 * Closed loop: C connections, each sends its next request after the response to the previous one (and a think time). When
 * the server stalls, so does the load, and the delay of requests that would have arrived meanwhile is not measured
 * (coordinated omission).
 *
 * Open loop: each request has an intended time from one seeded schedule, independent of the responses. Latency counts
 * from that time, so that a stall is part of the latency of all requests due meanwhile.
 *
 * A request counts if it ends inside the window. Those in flight when the window ends are `censored`: their latency is
 * only known to be longer. Every request due in the window is counted in a histogram, in an error count, in `censored` or
 * in `not_started`.
 *
 * Threads share nothing: each has its own connections, part of the schedule and result; results are merged at the end.
 */

#include "classes.h"
#include "expect.h"
#include "harness/lib/cpulist.h"
#include "harness/lib/histogram.h"
#include "ramp.h"
#include "request.h"
#include "schedule.h"
#include "sources.h"
#include "status.h"
#include "target.h"
#include "timeline.h"
#include "tls.h"
#include "urls.h"

#include <stdbool.h>
#include <stdint.h>

enum load_error {
    LOAD_CONNECT_REFUSED,
    LOAD_CONNECT_RESET,
    LOAD_CONNECT_TIMEOUT,
    LOAD_CONNECT_OTHER, /* unreachable, no such socket, ... */
    LOAD_READ_RESET,
    LOAD_READ_TIMEOUT,
    LOAD_READ_SHORT, /* closed before or within the response */
    LOAD_STATUS,     /* unexpected status */
    LOAD_MALFORMED,  /* not an HTTP response */
    LOAD_BODY,       /* unexpected body */
    LOAD_TLS,        /* handshake failed, untrusted certificate, or not TLS */
    LOAD_PORTS,      /* no local port or descriptor left: a limit of the client */
    LOAD_ERRORS,
};

extern const char *const load_error_names[LOAD_ERRORS];

enum { LOAD_THREADS = 256, LOAD_EXAMPLE = 128 };

enum load_close { LOAD_CLOSE_FIN, LOAD_CLOSE_RST };

struct load_options {
    struct load_target target;
    struct tls_options tls; /* used if the target's URL is https */
    struct request request;
    const struct urls *urls;         /* requested instead of the target's path; NULL = only that */
    struct url_result *url_results;  /* one per URL, filled during the window; NULL without */
    struct expect expect;            /* expected body */
    struct status_set expect_status; /* statuses that are no error */
    struct sources sources;          /* source addresses; none = the kernel chooses */
    struct classes classes;          /* connection classes: requests, hold time */
    enum load_close close;

    unsigned long threads; /* 1 to LOAD_THREADS */
    struct cpulist cpus;   /* thread i runs on CPU i of the list, cyclically; empty = on any */
    bool spin;             /* busy-poll: uses a whole CPU per thread */

    /* Several processes make the load together: connections, rates and counts are totals of all. They begin when the last
     * one is ready: all_ready() is called once, just before, with the state of this process, and returns whether all are
     * ready. NULL = a single process. */
    unsigned rank, ranks; /* 0 ranks = 1 */
    bool (*all_ready)(bool ready);

    /* Arrivals: a closed loop if `schedule.kind` is SCHEDULE_NONE. */
    struct schedule_options schedule;
    unsigned long connections; /* closed loop: open at a time */
    unsigned long max_open;    /* open loop: limit of open connections */
    uint64_t think_ns;         /* closed loop: from a response to the next request */

    uint64_t warmup_ns;
    uint64_t duration_ns;      /* of the window; used if count is 0 */
    unsigned long count;       /* requests in the window */
    uint64_t timeout_ns;       /* of a request, connect included, from its actual start */
    bool retry;                /* retry a request once if a keep-alive connection was closed */
    bool show_progress;        /* on stderr */
    struct timeline *timeline; /* filled during the window; may be NULL */
    struct ramp *ramp;         /* filled during the window; NULL if the rate does not rise */
    const volatile int *interrupted; /* set by a signal handler: end now; may be NULL */

    /* Called at the beginning and after the end of the window, in the thread that called load_run(), which is the first
     * thread of the load; either may be NULL. */
    void (*window_begins)(void *context);
    void (*window_ended)(void *context);
    void *context;
};

struct load_thread {
    uint64_t window_ns, requests, connections, cpu_ns;
};

struct load_class {
    uint64_t connections, requests;
    struct histogram latency;
};

struct load_result {
    uint64_t window_ns;    /* measured length, not the requested one; of the first thread */
    double throughput_rps; /* each thread's requests over its own window, added up */
    uint64_t connections, requests, bytes;
    uint64_t intended;                   /* arrivals due in the window */
    uint64_t not_started;                /* of these, not started */
    uint64_t too_late;                   /* of not_started: the client was too slow, not max_open */
    uint64_t in_flight_before, censored; /* in flight at the beginning and at the end */
    uint64_t statuses[STATUS_MOST + 1];  /* responses by status, expected or not */
    uint64_t resumed;                    /* TLS handshakes that resumed a session */
    struct tls_facts tls;                /* of the first handshake of a thread */
    uint64_t retried;                    /* retried requests: see generator_retry() */
    uint64_t errors[LOAD_ERRORS];
    char first_error[LOAD_ERRORS][LOAD_EXAMPLE]; /* an example of each kind, or empty; also from
                                                    outside the window */
    uint64_t cpu_ns;                             /* of all threads, each in its window */
    uint64_t time_wait_before, time_wait_after;  /* sockets in TIME_WAIT; NOT_COUNTED = unknown */
    unsigned long max_open;                      /* effective value */
    const struct ramp *ramp;                     /* the ramp of the options, filled */
    bool complete; /* false: given up or interrupted before the end of the window */

    struct histogram
        latency; /* from the intended start (closed loop: the actual one) to the last byte */
    struct histogram censored_age; /* ages of the requests in flight at the end */
    struct histogram from_send;    /* from the actual start to the last byte; open loop only */
    struct histogram
        send_lag; /* dispatch delay: from the intended to the actual start; open loop only */
    struct histogram connect;    /* from before socket(2) to connected */
    struct histogram handshake;  /* TLS: from connected to when the request can be sent */
    struct histogram first_byte; /* from the actual start to the first byte of the response */

    struct load_class classes[CLASSES_MAX]; /* used if there is more than one */
    struct load_thread threads[LOAD_THREADS];
    unsigned long thread_count;
};

/* The number of threads in all processes of the load, and the number of a thread of this process among them. */
static inline unsigned long load_all_threads(const struct load_options *o)
{
    return o->threads * (o->ranks ? o->ranks : 1);
}

static inline unsigned load_thread_number(const struct load_options *o, unsigned thread)
{
    return o->rank * (unsigned)o->threads + thread;
}

/* Runs the load. Returns NULL, or an error message without a full stop; empty if another process of this load has reported
 * it. Errors in the measured part are counted, not returned. Gives up early if there are only errors from the start. The
 * result is large: static or allocated, not on the stack. */
const char *load_run(const struct load_options *options, struct load_result *result);

/* Adds the result of a thread, or an already merged one, to a result that began as zeros and `complete`. Beyond
 * LOAD_THREADS threads all are counted, but no more are listed. */
void load_result_merge(struct load_result *into, const struct load_result *from);

#endif
