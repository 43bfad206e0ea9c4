/* SPDX-License-Identifier: BSD-2-Clause */
#include "packet_capture.h"

#include "harness/lib/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* 64 bytes of metadata and the first 192 of a packet: room for a second at the packet rate of two CPUs. */
enum { RING_MIB = 64, CONNECTIONS = 200000 };

struct packet_capture {
    struct wire *wire;
    pthread_t thread;
    int stop;
    uint64_t begin_ns;
};

static void *watch(void *argument)
{
    struct packet_capture *w = argument;
    int more = 1;
    while (more > 0 && !__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE))
        more = wire_read(w->wire);
    if (more > 0)
        wire_drain(w->wire);
    return NULL;
}

/* Signals are handled by the thread that makes the load. */
static bool start_thread(struct packet_capture *w)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&w->thread, NULL, watch, w) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct packet_capture *packet_capture_open(uint16_t port, const char **why)
{
    const struct wire_options options = {
        .capture = {.interface = "lo", .port = port, .ring_mib = RING_MIB},
        .most = CONNECTIONS,
        .idle_ns = 60 * NS_PER_S,
    };
    bool is_usage;
    struct packet_capture *w = calloc(1, sizeof *w);
    *why = "out of memory";
    if (!w)
        return NULL;
    w->wire = wire_open(&options, why, &is_usage);
    if (!w->wire) {
        free(w);
        return NULL;
    }
    wire_window(w->wire, UINT64_MAX, UINT64_MAX); /* excludes all packets until the window begins */
    if (start_thread(w))
        return w;
    *why = "cannot create the packet capture thread";
    wire_close(w->wire);
    free(w);
    return NULL;
}

void packet_capture_window_begins(struct packet_capture *w)
{
    w->begin_ns = real_time_ns();
    wire_window(w->wire, w->begin_ns, UINT64_MAX);
}

void packet_capture_window_ended(struct packet_capture *w)
{
    wire_window(w->wire, w->begin_ns, real_time_ns());
}

const struct wire_result *packet_capture_stop(struct packet_capture *w)
{
    __atomic_store_n(&w->stop, 1, __ATOMIC_RELEASE);
    pthread_join(w->thread, NULL);
    wire_end(w->wire);
    return wire_result(w->wire);
}

void packet_capture_close(struct packet_capture *w)
{
    wire_close(w->wire);
    free(w);
}
