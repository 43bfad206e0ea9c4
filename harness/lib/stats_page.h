#ifndef WAKEONE_STATS_PAGE_H
#define WAKEONE_STATS_PAGE_H

/*
 * The counters of a server, one slot per process, in a page that whoever measures maps too
 * (`--stats FILE`) and reads at both ends of the window. A slot has one writer, its own process,
 * and cache lines of its own, so that counting costs no sharing. All counters only grow.
 */

#include <stdint.h>

#define STATS_MAGIC UINT64_C(0x77616b656f6e6533) /* "wakeone3": changes with the layout */

enum worker_role { ROLE_WORKER, ROLE_ACCEPTOR };

struct worker_stats {
    uint64_t pid;
    uint64_t role;         /* enum worker_role */
    uint64_t waits;        /* times it went to wait for events, counted just before */
    uint64_t useful;       /* returns from the wait with something to do */
    uint64_t spurious;     /* returns from the wait with nothing to do */
    uint64_t timeouts;     /* waits that ended with nothing, because their time was over */
    uint64_t accepts;      /* connections it took: accepted, or received from the acceptor */
    uint64_t eagain;       /* accepts that found nothing */
    uint64_t shed;         /* connections closed at once because descriptors had run out */
    uint64_t closed;       /* connections it has finished with */
    uint64_t requests;     /* requests answered with 200 */
    uint64_t bad_requests; /* requests answered with 400 */
    uint64_t holds_lock;   /* 1 while it does; not a counter */
    uint64_t reserved[3];
} __attribute__((aligned(128)));

struct stats_page {
    uint64_t magic;
    uint64_t slots;   /* processes: workers, and the acceptor last where there is one */
    uint64_t workers; /* of these, workers */
    uint64_t dead;    /* processes that ended before they were told to */
    uint64_t spoken;  /* 1 once a process has said why it cannot go on: one message is enough */
    uint64_t
        foreign; /* 1 = a server of others: of its slots, one per thread, only `pid` is known */
    struct worker_stats slot[] __attribute__((aligned(128)));
};

/* The writer's side: a plain addition, torn for no reader. */
static inline void stat_add(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static inline uint64_t stat_read(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

#endif
