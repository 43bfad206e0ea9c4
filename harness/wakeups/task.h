/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TASK_H
#define WAKEONE_TASK_H

/*
 * State machine of one thread, driven by scheduler and system-call events, and its counts.
 *
 *      asleep --(is woken)--> runnable --switched in--> running --switched out--> asleep, or runnable
 *
 * A sleep ends with a wakeup, which is counted when the thread runs again. An event-loop iteration lasts from there to the
 * next sleep that waits for an event. It determines the class of the wakeup: useful if a call made progress, spurious if
 * calls returned and none made progress, absorbed if none returned (woken, found nothing, slept again without returning to
 * user space). An uninterruptible sleep (a lock in the kernel, the disk) does not end an iteration; the wakeups of both
 * belong to it.
 *
 * Compiled into the BPF program, its reader, and unit tests: freestanding C only. All events but wakings are recorded by
 * the CPU that the thread runs on, so additions need not be atomic. Events carry no time: reading a clock takes longer than
 * all other work per event.
 */

#include "harness/lib/loglinear.h"

#include <stdbool.h>

enum task_count {
    COUNT_WAKEUPS,
    COUNT_BLOCKED, /* of these: from an uninterruptible sleep */
    COUNT_ABSORBED,
    COUNT_CROSS_CPU, /* woken by another CPU than the one it ran on, which costs an interrupt */
    COUNT_USEFUL,
    COUNT_SPURIOUS,
    COUNT_TIMEOUTS, /* of the spurious ones: by the timeout of the wait */
    COUNT_ACCEPTS,
    COUNT_EAGAIN, /* accepts without a connection */
    COUNT_PREEMPTIONS,
    COUNT_MIGRATIONS, /* ran on another CPU than before */
    COUNT_MISSED,     /* ran after a sleep without an observed wakeup: lost events */
    TASK_COUNTS
};

/* Classes of system calls. */
enum call {
    CALL_OTHER,
    CALL_WAIT,   /* epoll_wait, poll, select, ... */
    CALL_ACCEPT, /* accept, accept4 */
    CALL_READ,   /* read, recv, ...: progress if it read data or the end of file */
    CALL_WRITE,  /* write, send, ...: progress if it wrote data */
    CALL_SLEPT,  /* io_uring_enter, futex, flock, ...: progress if the thread slept in it */
};

/* Linux's system call numbers, all below this. */
enum { CALL_NUMBERS = 512, CALL_EAGAIN = 11 };

enum task_state {
    TASK_UNKNOWN, /* found at the start, state unknown */
    TASK_ASLEEP,
    TASK_BLOCKED, /* asleep, uninterruptibly */
    TASK_AWAKE,   /* new, running, or preempted */
};

/* Delays from wakeup to running: of the first wakeups all, then one in so many (a prime, to avoid synchronization with
 * periodic load); buckets are 12.5 % wide. Their number is a power of two, larger than needed, so that the kernel's
 * verifier can prove that the index is in range. */
enum { DELAY_BITS = 3, DELAY_BUCKETS = 512, DELAYS_ALL = 1024, DELAYS_ONE_IN = 7 };
_Static_assert(LOGLINEAR_BUCKETS(64, DELAY_BITS) <= DELAY_BUCKETS, "every value has a bucket");

/* Written by the waker. It has a cache line of its own, which is written once and read once per wakeup: all else stays on
 * the CPU that the thread runs on. */
struct wakings {
    uint64_t task;           /* the kernel's address of the thread; 0 = unknown yet, or ended */
    uint64_t for_connection; /* by a connection that had just been established */
    uint64_t first;          /* of these, as the first thread that it woke */
    uint32_t count, cpu;     /* number of all wakings, and CPU of the last one */
} __attribute__((aligned(64)));

struct task {
    struct wakings wakings;

    uint64_t queued_ns;      /* its lifetime wait for CPUs when it last left one */
    uint32_t state;          /* enum task_state */
    uint32_t cpu;            /* number + 1; 0 = none yet */
    uint32_t wakings_before; /* when it last came onto its CPU */
    uint32_t undecided;      /* unclassified wakeups of this iteration */
    uint8_t delay_wanted;    /* for the wakeup after which it was switched in */
    uint8_t returned, progress, timed_out;

    uint64_t counts[TASK_COUNTS];
    uint32_t delays[DELAY_BUCKETS];

    uint32_t tid, tgid, parent; /* parent: the process that forked it; 0 = found at the start */
    uint32_t ended;
    char name[16];

    /* Start of counting, and its end if it has ended: the time between, and the part of it that the thread spent on CPUs
     * and waiting for them. */
    struct {
        uint64_t at, cpu_ns, queued_ns;
    } began, end;
};

/* The class of the iteration's wakeups so far. */
static inline enum task_count task_counts_as(const struct task *t)
{
    if (t->progress)
        return COUNT_USEFUL;
    return t->returned ? COUNT_SPURIOUS : COUNT_ABSORBED;
}

static inline void task_end_turn(struct task *t)
{
    switch (task_counts_as(t)) {
    case COUNT_USEFUL:
        t->counts[COUNT_USEFUL] += t->undecided;
        break;
    case COUNT_SPURIOUS:
        t->counts[COUNT_SPURIOUS] += t->undecided;
        t->counts[COUNT_TIMEOUTS] += t->timed_out ? t->undecided : 0;
        break;
    default:
        t->counts[COUNT_ABSORBED] += t->undecided;
    }
    t->undecided = 0;
    t->returned = t->progress = t->timed_out = 0;
}

/* Switched out to sleep; `interruptible`: until an event or a signal. */
static inline void task_fell_asleep(struct task *t, bool interruptible)
{
    if (interruptible)
        task_end_turn(t);
    t->state = interruptible ? TASK_ASLEEP : TASK_BLOCKED;
}

/* Switched out while runnable. */
static inline void task_was_preempted(struct task *t)
{
    t->counts[COUNT_PREEMPTIONS]++;
    t->state = TASK_AWAKE;
}

/* Called when it is switched out and `delay_wanted` is set: its lifetime wait for CPUs. The last part of it is the wait
 * after the wakeup. */
static inline void task_has_queued(struct task *t, uint64_t queued_ns)
{
    uint64_t delay = queued_ns - t->queued_ns;
    t->delays[loglinear_index(delay, DELAY_BITS) % DELAY_BUCKETS]++;
    t->delay_wanted = 0;
}

/* Woken by `cpu`; `order`: position among the threads woken by a connection, from 1; 0 = not by a connection. The waking
 * may be recorded before the sleep: the thread went to sleep on another CPU, which has not recorded it yet. */
static inline void task_is_woken(struct wakings *wakings, uint32_t cpu, uint32_t order)
{
    wakings->for_connection += order > 0;
    wakings->first += order == 1;
    wakings->cpu = cpu;
    wakings->count++;
}

static inline void task_count_wakeup(struct task *t, uint32_t cpu)
{
    bool seen = t->wakings.count != t->wakings_before;
    uint64_t number = t->counts[COUNT_WAKEUPS]++;
    t->counts[COUNT_BLOCKED] += t->state == TASK_BLOCKED;
    t->counts[COUNT_CROSS_CPU] += seen && t->wakings.cpu != cpu;
    t->counts[COUNT_MISSED] += !seen;
    t->delay_wanted = number < DELAYS_ALL || number % DELAYS_ONE_IN == 0;
    t->undecided++;
}

/* If `delay_wanted` is set after it, `queued_ns` has to be set. */
static inline void task_was_switched_in(struct task *t, uint32_t cpu)
{
    if (t->state == TASK_ASLEEP || t->state == TASK_BLOCKED ||
        (t->state == TASK_UNKNOWN && t->wakings.count != t->wakings_before))
        task_count_wakeup(t, cpu);
    t->counts[COUNT_MIGRATIONS] += t->cpu && t->cpu != cpu + 1;
    t->cpu = cpu + 1;
    t->wakings_before = t->wakings.count;
    t->state = TASK_AWAKE;
}

/* An event of the thread shows that it is on `cpu`. Linux does not report all switches: of 16,066 switches of one worker on
 * a busy 6.18 two were missing, for perf as well. */
static inline void task_is_on(struct task *t, uint32_t cpu)
{
    if (t->state == TASK_AWAKE)
        return;
    task_was_switched_in(t, cpu);
    t->delay_wanted = 0;
}

static inline void task_returned_from(struct task *t, enum call call, int64_t result)
{
    bool slept_in = !t->returned;
    t->returned = 1;
    switch (call) {
    case CALL_WAIT:
        t->timed_out |= slept_in && result == 0;
        break;
    case CALL_ACCEPT:
        t->counts[COUNT_ACCEPTS] += result >= 0;
        t->counts[COUNT_EAGAIN] += result == -CALL_EAGAIN;
        t->progress |= result >= 0;
        break;
    case CALL_READ:
        t->progress |= result >= 0;
        break;
    case CALL_WRITE:
        t->progress |= result > 0;
        break;
    case CALL_SLEPT:
        t->progress |= slept_in && result >= 0;
        break;
    case CALL_OTHER:
        break;
    }
}

/* After a gap in its events: the state is unknown, as at the start, and the iteration in progress is not
 * classified. */
static inline void task_was_not_watched(struct task *t)
{
    t->wakings.task = 0;
    t->wakings_before = t->wakings.count;
    t->state = TASK_UNKNOWN;
    t->cpu = 0;
    t->undecided = 0;
    t->delay_wanted = t->returned = t->progress = t->timed_out = 0;
}

#endif
