#ifndef WAKEONE_TASK_H
#define WAKEONE_TASK_H

/*
 * The life of one thread, told by the scheduler and by its system calls, and what it adds up to.
 *
 *      asleep --(is woken)--> runnable --switched in--> running --switched out--> asleep, or runnable
 *
 * A sleep ends with a wakeup, which is counted when the thread runs again. A turn is what happens
 * from there to the next sleep that waits for an event. It decides what the wakeup was: useful if a
 * call made progress, spurious if calls returned and none did, absorbed if none returned: the kernel
 * looked and went back to sleep, and the program knows nothing of it. A sleep that nothing but its
 * own cause can end (uninterruptible: a lock in the kernel, the disk) does not end a turn; the
 * wakeups of both belong to it.
 *
 * Compiled into the program in the kernel, into its reader, and into unit tests, which tell stories
 * to it: no more than freestanding C. All but being woken is told by the CPU that the thread is on,
 * so that plain additions do. No event carries its time: reading a clock takes longer than all else
 * that is done for it.
 */

#include "harness/lib/loglinear.h"

#include <stdbool.h>

enum task_count {
    COUNT_WAKEUPS,
    COUNT_BLOCKED, /* of these: from a sleep that nothing but its own cause could end */
    COUNT_ABSORBED,
    COUNT_CROSS_CPU, /* woken by another CPU than the one it ran on, which costs an interrupt */
    COUNT_USEFUL,
    COUNT_SPURIOUS,
    COUNT_TIMEOUTS, /* of the spurious ones: the wait's time was up, nobody else woke it */
    COUNT_ACCEPTS,
    COUNT_EAGAIN, /* accepts that found nothing */
    COUNT_PREEMPTIONS,
    COUNT_MIGRATIONS, /* ran on another CPU than before */
    COUNT_MISSED,     /* ran after a sleep, and nobody was seen to wake it: lost events */
    TASK_COUNTS
};

/* What system calls may mean for a turn. */
enum call {
    CALL_OTHER,
    CALL_WAIT,   /* epoll_wait, poll, select, ... */
    CALL_ACCEPT, /* accept, accept4 */
    CALL_READ,   /* read, recv, ...: progress with what it read, the end of it included */
    CALL_WRITE,  /* write, send, ...: progress with what it wrote */
    CALL_SLEPT, /* io_uring_enter, futex, flock, ...: progress if it was what the thread slept in */
};

/* Of Linux's numbers, each below this. */
enum { CALL_NUMBERS = 512, CALL_EAGAIN = 11 };

enum task_state {
    TASK_UNKNOWN, /* found at the start, asleep or not */
    TASK_ASLEEP,
    TASK_BLOCKED, /* asleep, uninterruptibly */
    TASK_AWAKE,   /* new, running, or preempted */
};

/* From wakeup to running, of the first wakeups all, then of one in so many (a prime, so that it falls
 * in step with nothing): buckets 12.5 % wide. A power of two of them, more than there are values
 * for, so that the kernel's verifier can see that no index is beyond. */
enum { DELAY_BITS = 3, DELAY_BUCKETS = 512, DELAYS_ALL = 1024, DELAYS_ONE_IN = 7 };
_Static_assert(LOGLINEAR_BUCKETS(64, DELAY_BITS) <= DELAY_BUCKETS, "every value has a bucket");

/* Written by whoever wakes the thread. On a cache line of its own, which is written once and read
 * once per wakeup: all else stays with the CPU that the thread runs on. */
struct wakings {
    uint64_t task;           /* the kernel's address of the thread; 0 = not known yet, or ended */
    uint64_t for_connection; /* by a connection that had just been established */
    uint64_t first;          /* of these, as the first of all that it woke */
    uint32_t count, cpu;     /* of all wakings, and which CPU the last was on */
} __attribute__((aligned(64)));

struct task {
    struct wakings wakings;

    uint64_t queued_ns;      /* that it had waited for CPUs in its life when it last left one */
    uint32_t state;          /* enum task_state */
    uint32_t cpu;            /* number + 1; 0 = has not been on any */
    uint32_t wakings_before; /* when it last came onto its CPU */
    uint32_t undecided;      /* wakeups of this turn */
    uint8_t delay_wanted;    /* of the wakeup that it came onto its CPU by */
    uint8_t returned, progress, timed_out;

    uint64_t counts[TASK_COUNTS];
    uint32_t delays[DELAY_BUCKETS];

    uint32_t tid, tgid,
        parent; /* parent: the process that forked this one; 0 = found at the start */
    uint32_t ended;
    char name[16];

    /* When counting began, and when it ended, if it has: the time between, and what of it the thread
     * spent on CPUs and waiting for them. */
    struct {
        uint64_t at, cpu_ns, queued_ns;
    } began, end;
};

/* What the wakeups of the turn so far would be counted as. */
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

/* It left its CPU to sleep; `interruptible`: until something happens, or a signal comes. */
static inline void task_fell_asleep(struct task *t, bool interruptible)
{
    if (interruptible)
        task_end_turn(t);
    t->state = interruptible ? TASK_ASLEEP : TASK_BLOCKED;
}

/* It left its CPU although it could have gone on. */
static inline void task_was_preempted(struct task *t)
{
    t->counts[COUNT_PREEMPTIONS]++;
    t->state = TASK_AWAKE;
}

/* Told when it leaves its CPU and somebody wanted to know: how long it has waited for CPUs in its
 * life. What came last to that is the wait after the wakeup. */
static inline void task_has_queued(struct task *t, uint64_t queued_ns)
{
    uint64_t delay = queued_ns - t->queued_ns;
    t->delays[loglinear_index(delay, DELAY_BITS) % DELAY_BUCKETS]++;
    t->delay_wanted = 0;
}

/* Somebody on `cpu` wakes it; `order`: of those that a connection wakes it is this one, from 1; 0 = it
 * is no connection. The waking may be told before the sleep: the thread went to sleep on another
 * CPU, and that one has not told yet. */
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

/* Where `delay_wanted` is set after it, `queued_ns` has to be. */
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

/* What it does shows that it is on `cpu`. Linux does not tell of each thread that comes onto its CPU: of
 * 16,066 switches of one worker on a busy 6.18 two were missing, for perf as well. */
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

/* Events of it were not told for a while: what it is doing is not known, as at the start, and the turn that it was in will
 * not be decided. */
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
