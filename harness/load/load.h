#ifndef WAKEONE_LOAD_H
#define WAKEONE_LOAD_H

/*
 * The load generator as a library: C connections in a closed loop (each sends its next request when
 * the last was answered), one thread, one event loop.
 *
 *      warm-up --> window --> drain
 *                  |     |
 *                  begin end: the caller's snapshots
 *
 * Latency of a request that opens a connection begins before socket(2), so the connect is in it. A
 * request counts if it ends inside the window. Those in flight when the window ends are `censored`:
 * known only to have taken longer. Nothing else is left out: every request that ends in the window
 * is either in the histogram or in one of the error counts.
 */

#include "harness/lib/histogram.h"
#include "harness/lib/record.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum load_error {
    LOAD_ERROR_CONNECT, /* refused, unreachable, reset while connecting */
    LOAD_ERROR_READ,    /* reset, closed early, or not an HTTP response */
    LOAD_ERROR_TIMEOUT, /* longer than the time-out, connecting or answering */
    LOAD_ERROR_STATUS,  /* answered, but not with 2xx */
    LOAD_ERROR_PORTS,   /* no local port or descriptor left: the client's own limit */
    LOAD_ERRORS,
};

extern const char *const load_error_names[LOAD_ERRORS];

struct load_target {
    struct sockaddr_storage address;
    socklen_t address_length;
    char host[272]; /* as it goes into the Host field */
    char path[1024];
};

struct load_options {
    struct load_target target;
    unsigned long connections;
    unsigned long requests_per_connection; /* 0 = as many as the server allows */
    uint64_t warmup_ns;
    uint64_t duration_ns;            /* of the window; used if count is 0 */
    unsigned long count;             /* requests in the window */
    uint64_t timeout_ns;             /* of one request, connect included */
    bool show_progress;              /* on stderr */
    const volatile int *interrupted; /* set by a signal handler: end now; may be NULL */

    /* Called as the window begins and has ended; either may be NULL. */
    void (*window_begins)(void *context);
    void (*window_ended)(void *context);
    void *context;
};

struct load_result {
    uint64_t window_ns; /* as it was, not as it was asked for */
    uint64_t connections, requests, censored, bytes;
    uint64_t errors[LOAD_ERRORS];
    char first_error[LOAD_ERRORS][128]; /* an example of each kind, or empty; also from outside the
                                           window */
    uint64_t cpu_ns;                    /* of this thread, in the window */
    bool complete; /* false: given up, or interrupted, before the window ended */
    struct histogram latency, connect;
};

/* Reads "http://host[:port][/path]" and looks the host up. Returns NULL, or what is wrong. */
const char *load_target_parse(struct load_target *target, const char *url);

bool load_target_is_loopback(const struct load_target *target);

/* Runs the load. 0, or -1 with errno set if it could not be set up (EMFILE: not enough
 * descriptors). If nothing but errors come from the start it gives up early. */
int load_run(const struct load_options *options, struct load_result *result);

/* The sum of all error counts. */
uint64_t load_errors(const struct load_result *result);

/* The columns window_s to send_lag_p99_us of trials.csv, in that order. */
enum { LOAD_FIELDS = 17 };
void load_fields(const struct load_result *result, struct field fields[LOAD_FIELDS]);

#endif
