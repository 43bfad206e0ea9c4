/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_STATS_PAGE_H
#define WAKEONE_STATS_PAGE_H

/*
 * The counters of a server, one slot per process, in a page that the harness also maps
 * (`--stats FILE`) and reads at both ends of the window. A slot has one writer, its own process,
 * and its own cache lines, to avoid false sharing. All counters are monotonic.
 */

#include <stdint.h>

#define STATS_MAGIC UINT64_C(0x77616b656f6e6533) /* "wakeone3": changes with the layout */

enum worker_role { ROLE_WORKER, ROLE_ACCEPTOR };

struct worker_stats {
    uint64_t pid;
    uint64_t role;         /* enum worker_role */
    uint64_t waits;        /* waits for events, counted just before each */
    uint64_t useful;       /* returns from the wait with work to do */
    uint64_t spurious;     /* returns from the wait without work */
    uint64_t timeouts;     /* waits that ended by their timeout */
    uint64_t accepts;      /* connections accepted, or received from the acceptor */
    uint64_t eagain;       /* accepts that returned EAGAIN */
    uint64_t dropped;      /* connections closed at once because descriptors had run out */
    uint64_t closed;       /* connections closed */
    uint64_t requests;     /* requests answered with 200 */
    uint64_t bad_requests; /* requests answered with 400 */
    uint64_t holds_lock;   /* 1 while it holds the lock; not a counter */
    uint64_t reserved[3];
} __attribute__((aligned(128)));

struct stats_page {
    uint64_t magic;
    uint64_t slots;    /* processes: the workers, then the acceptor if there is one */
    uint64_t workers;  /* of these, workers */
    uint64_t dead;     /* processes that ended unexpectedly */
    uint64_t reported; /* 1 once a process has reported a fatal error: one message is enough */
    uint64_t foreign;  /* 1 = third-party server: of its slots, one per thread, only `pid` is set */
    struct worker_stats slot[] __attribute__((aligned(128)));
};

/* For the one writer: an addition without a locked instruction; readers see no torn values. */
static inline void stat_add(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static inline uint64_t stat_read(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

#endif
