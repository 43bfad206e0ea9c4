/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TRACING_H
#define WAKEONE_TRACING_H

/* A trace of a server's processes and of the connections to its listeners (harness/wakeups/trace.h). */

#include "harness/wakeups/counter.h"
#include "harness/wakeups/trace.h"
#include "server_process.h"

struct tracing {
    const char *path; /* NULL = no trace; the other functions then do nothing */
    uint64_t last_ns; /* see struct trace */
    struct trace trace;
};

/* Opens the wakeup counter, with tracing if enabled. NULL if it is unavailable, with the reason in *why. */
struct counter *tracing_open(struct tracing *tracing, const struct server_process *server,
                             const char **why);

/* Stops counting, and writes the trace. */
void tracing_write(struct tracing *tracing, struct counter *counter);

#endif
