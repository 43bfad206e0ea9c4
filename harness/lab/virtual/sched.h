/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_VIRTUAL_SCHED_H
#define WAKEONE_VIRTUAL_SCHED_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

/* The scheduler of a virtual-time machine: which of its tasks runs, and until when. A task is a virtual CPU, or the main
 * loop with its timers; each is a host thread with a clock of its own, in picoseconds of virtual time.
 *
 * One task runs at a time: the one with the smallest clock, until it is `quantum` ahead of the next one or reaches the next
 * timer. So no running clock is more than a quantum (plus one block of instructions) ahead of another, and two runs of the
 * same machine are identical, independent of the host.
 *
 *             sched_yield_at, sched_sleep, sched_block: the task gives up the CPU, and the next is picked
 *      +------------------------------------------------------------+
 *      |                                                            |
 *   RUNNING <--picked-- READY <--sched_wake---------- ASLEEP        |
 *                         ^                                         |
 *                         +------sched_unblock_all--- BLOCKED <-----+
 *
 *   RUNNING  executes instructions, or work that they have started in the emulator
 *   READY    waits for its time slice
 *   BLOCKED  waits in the emulator for other tasks (an exclusive section waits until all have left their blocks, which they
 *            do after the first block of their next slice); timers do not overtake it
 *   ASLEEP   halted: its clock is stopped until a wakeup, and then advances to the waker's time if that is later
 *
 * A task that is not RUNNING holds none of the emulator's locks, so the RUNNING one never waits for it. */

enum {
    SCHED_TASKS = 257,
    SCHED_TIMERS = 0, /* the main loop; virtual CPU n is task n + 1 */
};
#define SCHED_NEVER (UINT64_MAX / 2) /* ps; 106 days */
#define SCHED_ALONE \
    UINT64_C(1000000000) /* ps: 1 ms: the time slice of a task without competitors */

enum sched_state {
    SCHED_ASLEEP,
    SCHED_BLOCKED,
    SCHED_READY,
    SCHED_RUNNING,
};

struct sched_task {
    enum sched_state state;
    uint64_t clock, end;   /* ps; end: of the time slice */
    const void *waits_for; /* of one that is BLOCKED */
    sem_t go;
};

struct sched_counts {
    uint64_t slices;   /* started */
    uint64_t switches; /* slices of another task than the last one */
    uint64_t wakes;    /* wakeups of sleeping tasks */
    uint64_t blocks;   /* waits in the emulator */
};

struct sched {
    pthread_mutex_t lock;
    unsigned tasks;
    uint64_t quantum;  /* ps */
    int running, last; /* -1 = none */
    bool notified;     /* the main loop was notified while it did not wait */
    struct sched_task task[SCHED_TASKS];
    struct sched_counts counts;
};

/* All virtual CPUs are ASLEEP at 0, and the main loop RUNNING. 1 <= cpus < SCHED_TASKS; quantum > 0 ps. */
void sched_init(struct sched *sched, unsigned cpus, uint64_t quantum);

/* Gives up the CPU at `clock`, and waits for a time slice, which is from task[n].clock to task[n].end. The clock of a virtual
 * CPU never decreases; that of the main loop is the deadline of its next timer, or SCHED_NEVER. */
void sched_yield_at(struct sched *sched, unsigned n, uint64_t clock);

/* Halts at `clock`; or waits for `what`, any address. The caller then releases the emulator's locks, and waits in sched_await()
 * until it has been woken or unblocked, and has a time slice. */
void sched_sleep(struct sched *sched, unsigned n, uint64_t clock);
void sched_block(struct sched *sched, unsigned n, const void *what);
void sched_await(struct sched *sched, unsigned n);

/* Wakes a sleeping task, at the waker's time, and returns true: the waker then ends its time slice. */
bool sched_wake(struct sched *sched, unsigned n, uint64_t at);
/* All tasks that wait for `what` may continue. */
void sched_unblock_all(struct sched *sched, const void *what);

/* There is work for the main loop, at `at`: it runs next. */
void sched_notify(struct sched *sched, uint64_t at);

bool sched_is_asleep(struct sched *sched, unsigned n);
/* Whether any virtual CPU is awake. */
bool sched_any_awake(struct sched *sched);

#endif
