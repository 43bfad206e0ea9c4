#include "witness.h"

#include "harness/lib/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* 64 bytes of head and a packet's first 192: room for a second of what two CPUs do. */
enum { RING_MIB = 64, CONNECTIONS = 200000 };

struct witness {
    struct wire *wire;
    pthread_t thread;
    int stop;
    uint64_t begin_ns;
};

static void *watch(void *argument)
{
    struct witness *w = argument;
    int more = 1;
    while (more > 0 && !__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE))
        more = wire_read(w->wire);
    if (more > 0)
        wire_drain(w->wire);
    return NULL;
}

/* Signals are for the thread that makes the load. */
static bool start_thread(struct witness *w)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&w->thread, NULL, watch, w) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct witness *witness_open(uint16_t port, const char **why)
{
    const struct wire_options options = {
        .capture = {.interface = "lo", .port = port, .ring_mib = RING_MIB},
        .most = CONNECTIONS,
        .idle_ns = 60 * NS_PER_S,
    };
    bool is_usage;
    struct witness *w = calloc(1, sizeof *w);
    *why = "out of memory";
    if (!w)
        return NULL;
    w->wire = wire_open(&options, why, &is_usage);
    if (!w->wire) {
        free(w);
        return NULL;
    }
    wire_window(w->wire, UINT64_MAX, UINT64_MAX); /* nothing counts yet */
    if (start_thread(w))
        return w;
    *why = "cannot start a thread to capture packets";
    wire_close(w->wire);
    free(w);
    return NULL;
}

void witness_window_begins(struct witness *w)
{
    w->begin_ns = real_time_ns();
    wire_window(w->wire, w->begin_ns, UINT64_MAX);
}

void witness_window_ended(struct witness *w)
{
    wire_window(w->wire, w->begin_ns, real_time_ns());
}

const struct wire_result *witness_stop(struct witness *w)
{
    __atomic_store_n(&w->stop, 1, __ATOMIC_RELEASE);
    pthread_join(w->thread, NULL);
    wire_end(w->wire);
    return wire_result(w->wire);
}

void witness_close(struct witness *w)
{
    wire_close(w->wire);
    free(w);
}
