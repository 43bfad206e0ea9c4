/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_EVENTS_H
#define WAKEONE_EVENTS_H

/* Interface between the BPF program and its loader. */

#include <stdint.h>

enum { SLOTS_MAX = 65535, TASK_CACHE = 16384, LISTENERS_MAX = 4096, CPUS_MAX = 1024 };

/* What the program could not count. */
struct losses {
    uint64_t tasks;  /* threads and processes created when all slots were taken */
    uint64_t events; /* connection events dropped because the ring was full */
    uint64_t runs;   /* runs of the program skipped by the kernel, because of recursion */
};

/* A listening socket, identified by the local address of its connections. */
struct listener {
    uint32_t network; /* inode number of its network namespace; 0 = unsupported by the kernel */
    uint32_t family, port;
    uint8_t address[16]; /* of IPv4 the first 4; all 0 = any */
};

enum event_kind { EVENT_ESTABLISHED, EVENT_WOKEN, EVENT_ACCEPTED };

/* An event of a connection, reported only if single connections are recorded. */
struct event {
    uint64_t at;     /* ns, CLOCK_MONOTONIC */
    uint64_t socket; /* identifies the connection during its lifetime; 0 = unknown */
    uint64_t number; /* unique number of the connection; 0 with EVENT_ACCEPTED */
    uint32_t kind;   /* enum event_kind */
    uint32_t tid;    /* woken or accepting thread; 0 with EVENT_ESTABLISHED, or untracked */
    uint32_t port;
    uint32_t reserved;
};

/* An event of a tracked thread, or of a connection to a tracked listener: recorded only for a trace. */
enum trace_kind {
    TRACE_ARRIVED, /* the connection was established */
    TRACE_WOKEN,
    TRACE_BEGAN, /* forked, and runnable */
    TRACE_ON,    /* switched in */
    TRACE_PREEMPTED,
    TRACE_ASLEEP,
    TRACE_BLOCKED, /* asleep, uninterruptibly */
    TRACE_ENDED,
    TRACE_ACCEPTED,
};

struct trace_event {
    uint64_t at; /* ns, CLOCK_MONOTONIC of the kernel */
    /* ARRIVED, ACCEPTED: the socket; WOKEN: the thread that was on the waker's CPU, 0 = unknown */
    uint64_t subject;
    uint32_t tid;        /* 0 with ARRIVED, and ACCEPTED by an untracked thread */
    uint32_t connection; /* unique number, with ARRIVED, and WOKEN by a connection; else 0 */
    uint16_t cpu;
    uint8_t kind; /* enum trace_kind */
    /* enum task_count. ON: COUNT_WAKEUPS for a wakeup that is not classified yet; ASLEEP and ENDED: the class of the
     * loop iteration's wakeups; else TASK_COUNTS. */
    uint8_t count;
    uint32_t order; /* set by the reader: order of events at the same time */
};

/* The connection just established on a CPU, until another event there. */
struct last_arrival {
    uint64_t number; /* 0 = none */
    uint64_t socket;
    uint32_t woken, port;
} __attribute__((aligned(64)));

/* Number of events traced by a CPU; its part of the memory holds the last ones. */
struct trace_head {
    uint64_t written;
} __attribute__((aligned(64)));

#endif
