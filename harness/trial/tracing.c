/* SPDX-License-Identifier: BSD-2-Clause */
#include "tracing.h"

#include "harness/wakeups/processes.h"

#include <sys/socket.h>

static void watch_listener(const struct listener *at, void *context)
{
    if (at->family != AF_UNIX)
        counter_watch(context, at);
}

/* Listeners are tracked only for the trace: the counts do not refer to single connections. */
struct counter *tracing_open(struct tracing *tracing, const struct server_process *server,
                             const char **why)
{
    const struct counter_options wanted = {
        .tasks = (unsigned)server->stats->slots + 16,
        .trace = tracing->path ? &tracing->trace : NULL,
    };
    struct counter *counter = counter_open(&wanted, why);
    for (uint64_t i = 0; counter && tracing->path && i < server->stats->slots; i++)
        each_listener((pid_t)server->stats->slot[i].pid, watch_listener, counter);
    return counter;
}

void tracing_write(struct tracing *tracing, struct counter *counter)
{
    if (!tracing->path)
        return;
    tracing->trace.last_ns = tracing->last_ns;
    counter_stop(counter);
    counter_end_trace(counter);
    trace_write_file(&tracing->trace, tracing->path);
    trace_free(&tracing->trace);
}
