#ifndef WAKEONE_LOAD_H
#define WAKEONE_LOAD_H

/*
 * The load generator as a library: HTTP requests in a closed or an open loop.
 *
 *      warm-up --> window --> drain
 *                  |     |
 *                  begin end: the caller's snapshots
 *
 * Closed loop: C connections, each sends its next request when the last was answered (and a think
 * time has passed). When the server stalls, so does the load, and what users with a schedule of their own
 * would have met is not seen.
 *
 * Open loop: each request has an intended time from one seeded schedule, whatever the server does.
 * Latency counts from it, so that a stall is in the latency of all who would have come meanwhile.
 *
 * A request counts if it ends inside the window. Those in flight when the window ends are
 * `censored`: known only to have taken longer. Nothing else is left out: every request due in the
 * window ends in a histogram, in an error count, in `censored` or in `not_started`.
 *
 * Threads share nothing: each has its connections, its part of the schedule and its result; results
 * are merged at the end.
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
    LOAD_READ_SHORT, /* closed before the answer, or in the middle of it */
    LOAD_STATUS,     /* answered, but not with an expected status */
    LOAD_MALFORMED,  /* not an HTTP response */
    LOAD_BODY,       /* not the body that was expected */
    LOAD_TLS,        /* no handshake, a certificate that is not trusted, bytes that are not TLS */
    LOAD_PORTS,      /* no local port or descriptor left: the client's own limit */
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
    struct url_result *url_results;  /* of each of them, filled as the window goes; NULL without */
    struct expect expect;            /* of each body */
    struct status_set expect_status; /* statuses that are no error */
    struct sources sources; /* addresses connections come from; none = the kernel chooses */
    struct classes classes; /* of connections: how many requests, how long held */
    enum load_close close;

    unsigned long threads; /* 1 to LOAD_THREADS */
    struct cpulist cpus;   /* thread i runs on CPU i of the list, cyclically; empty = on any */
    bool spin;             /* never sleep: an answer is seen when it comes, at the price of a CPU */

    /* This process is one of those that make the load together: connections, rates and counts are those of all. They begin
     * when the last of them is ready: all_ready() is called once, just before, says whether this one is, and returns
     * whether all are. NULL = there is only this one. */
    unsigned rank, ranks; /* 0 ranks = 1 */
    bool (*all_ready)(bool ready);

    /* Arrivals: a closed loop if `schedule.kind` is SCHEDULE_NONE. */
    struct schedule_options schedule;
    unsigned long connections; /* closed loop: open at a time */
    unsigned long max_open;    /* open loop: at most so many */
    uint64_t think_ns;         /* closed loop: from an answer to the next request */

    uint64_t warmup_ns;
    uint64_t duration_ns;      /* of the window; used if count is 0 */
    unsigned long count;       /* requests in the window */
    uint64_t timeout_ns;       /* of one request, connect included, from when it was really begun */
    bool retry;                /* a request that a kept connection did not survive, once */
    bool show_progress;        /* on stderr */
    struct timeline *timeline; /* filled as the window goes; may be NULL */
    struct ramp *ramp;         /* filled as the window goes; NULL if the rate does not rise */
    const volatile int *interrupted; /* set by a signal handler: end now; may be NULL */

    /* Called as the window begins and has ended, by the thread that called load_run(), which is the first
     * of the threads that make the load; either may be NULL. */
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
    uint64_t window_ns;    /* as it was, not as it was asked for; of the first thread */
    double throughput_rps; /* each thread's requests over its own window, added up */
    uint64_t connections, requests, bytes;
    uint64_t intended;                   /* arrivals due in the window */
    uint64_t not_started;                /* of these: those that could not be begun, ... */
    uint64_t too_late;                   /* ... and of these: for want of time, not for max_open */
    uint64_t in_flight_before, censored; /* when the window began, and when it ended */
    uint64_t statuses[STATUS_MOST + 1];  /* answers with that status, expected or not */
    uint64_t resumed;                    /* TLS handshakes that resumed a session */
    struct tls_facts tls;                /* of the first handshake of a thread */
    uint64_t retried;                    /* requests made once more: see engine_try_again() */
    uint64_t errors[LOAD_ERRORS];
    char first_error[LOAD_ERRORS][LOAD_EXAMPLE]; /* an example of each kind, or empty; also from
                                                    outside the window */
    uint64_t cpu_ns;                             /* of all threads, each in its window */
    uint64_t time_wait_before, time_wait_after;  /* sockets in TIME_WAIT; NOT_COUNTED = not known */
    unsigned long max_open;                      /* as it was used */
    const struct ramp *ramp;                     /* that of the options, filled */
    bool complete; /* false: given up, or interrupted, before the window ended */

    struct histogram latency; /* from the intended time, or else the true one, to the last byte */
    struct histogram
        censored_age;            /* what is known of the latencies of those in flight at the end */
    struct histogram from_send;  /* from when it was begun to the last byte; open loop only */
    struct histogram send_lag;   /* from the intended time to when it was begun; open loop only */
    struct histogram connect;    /* from before socket(2) to connected */
    struct histogram handshake;  /* of TLS: from connected to when the request can be sent */
    struct histogram first_byte; /* from when it was begun to the first byte of the answer */

    struct load_class classes[CLASSES_MAX]; /* used if there is more than one */
    struct load_thread threads[LOAD_THREADS];
    unsigned long thread_count;
};

/* The threads of all processes that make the load together, and the number of one of this process among them. */
static inline unsigned long load_all_threads(const struct load_options *o)
{
    return o->threads * (o->ranks ? o->ranks : 1);
}

static inline unsigned load_thread_number(const struct load_options *o, unsigned thread)
{
    return o->rank * (unsigned)o->threads + thread;
}

/* Runs the load. NULL, or what is unavailable, in one line without the end of the sentence; empty where another process of this
 * load has reported it. Errors in the measured part are counted, not returned. If nothing but errors come from the start it
 * gives up early. The result is large: static or allocated, not on the stack. */
const char *load_run(const struct load_options *options, struct load_result *result);

/* Adds what one thread found, or what several did that are merged already, to a result that began as zeros and
 * `complete`. Of more than LOAD_THREADS threads all is counted, and those are listed. */
void load_result_merge(struct load_result *into, const struct load_result *from);

#endif
