#ifndef WAKEONE_EVENTS_H
#define WAKEONE_EVENTS_H

/* Between the program in the kernel and whoever loads it. */

#include <stdint.h>

enum { SLOTS_MAX = 65535, SHORT_WAYS = 16384, LISTENERS_MAX = 4096, CPUS_MAX = 1024 };

/* What the program could not follow. */
struct losses {
    uint64_t tasks;  /* threads and processes begun when all slots were taken */
    uint64_t events; /* steps of connections for which the ring had no room */
    uint64_t runs;   /* of the program, left out by the kernel: it was interrupted by itself */
};

/* A listening socket, by the local address that its connections have. */
struct listener {
    uint32_t network; /* inode number of its network namespace; 0 = the kernel has none */
    uint32_t family, port;
    uint8_t address[16]; /* of IPv4 the first 4; all 0 = any */
};

enum event_kind { EVENT_ESTABLISHED, EVENT_WOKEN, EVENT_ACCEPTED };

/* One step of a connection, told only where somebody asked for connections one by one. */
struct event {
    uint64_t at;     /* ns, CLOCK_MONOTONIC */
    uint64_t socket; /* identity of the connection as long as it lives; 0 = not known */
    uint64_t number; /* of the connection, as no other has it; 0 with EVENT_ACCEPTED */
    uint32_t kind;   /* enum event_kind */
    uint32_t tid;    /* woken or accepted; 0 with EVENT_ESTABLISHED, or of a thread not followed */
    uint32_t port;
    uint32_t reserved;
};

/* What happened to a thread that is followed, or to a connection of a listener that is watched: kept only where a trace
 * was asked for. */
enum trace_kind {
    TRACE_ARRIVED, /* the connection was established */
    TRACE_WOKEN,
    TRACE_BEGAN, /* the thread was forked, and is runnable */
    TRACE_ON,    /* it runs */
    TRACE_PREEMPTED,
    TRACE_ASLEEP,
    TRACE_BLOCKED, /* asleep, uninterruptibly */
    TRACE_ENDED,
    TRACE_ACCEPTED,
};

struct trace_event {
    uint64_t at; /* ns, CLOCK_MONOTONIC of the kernel */
    /* ARRIVED, ACCEPTED: the socket; WOKEN: the thread that was on the waker's CPU, 0 = not known */
    uint64_t subject;
    uint32_t tid;        /* 0 with ARRIVED, and ACCEPTED by a thread that is not followed */
    uint32_t connection; /* as no other has, with ARRIVED, and WOKEN if it was by one; else 0 */
    uint16_t cpu;
    uint8_t kind; /* enum trace_kind */
    /* enum task_count. ON: COUNT_WAKEUPS if it counted a wakeup, which is not decided yet; ASLEEP and ENDED: what the
     * wakeups of the turn were counted as; else TASK_COUNTS. */
    uint8_t count;
    uint32_t order; /* the reader's: of events at the same time */
};

/* The connection that was just established on a CPU, until something else happens there. */
struct last_arrival {
    uint64_t number; /* 0 = none */
    uint64_t socket;
    uint32_t woken, port;
} __attribute__((aligned(64)));

/* How many events a CPU has traced, of which its part of the memory has the last. */
struct trace_head {
    uint64_t written;
} __attribute__((aligned(64)));

#endif
