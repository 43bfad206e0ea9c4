#ifndef WAKEONE_VIRTUAL_SCHED_H
#define WAKEONE_VIRTUAL_SCHED_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

/* The scheduler of a virtual-time machine: which of its tasks runs, and until when. A task is a virtual CPU, or the main
 * loop with its timers; each is a host thread with a clock of its own, in picoseconds of virtual time.
 *
 * One task runs at a time: the one with the smallest clock, until it is `quantum` beyond the next one, or has reached the
 * next timer. So no clock that is awake is ever more than a quantum (and what one block of instructions takes) beyond
 * another, whatever the host does, and two runs of one machine take the same decisions.
 *
 *               sched_yield, sched_sleep, sched_block: the task gives up the CPU, and the next is picked
 *      +---------------------------------------------------------------------------+
 *      |                                                                           |
 *   RUNNING <--picked-- READY <--sched_yield-- AWAY <--sched_wake---- ASLEEP       |
 *                         |                     ^                                  |
 *                         |                     +--sched_unblock----- BLOCKED <----+
 *                         +--sched_release_kicked--> AWAY (executes one block, and returns)
 *
 *   RUNNING  executes instructions, or what they have begun in the emulator
 *   READY    waits in sched_yield() for its time slice
 *   AWAY     is in the emulator, and on its way to sched_yield() or sched_sleep(): if its clock is the smallest, all wait
 *   BLOCKED  waits in the emulator for other tasks (an exclusive section): nothing waits for it, but timers do not overtake it
 *   ASLEEP   has halted: its clock stands still until somebody wakes it, and then is the waker's, if that is later
 *
 * A task that is kicked while READY or RUNNING is wanted out of its execution loop, by one who is about to wait for it: it
 * gets through sched_yield() once without a time slice. It is not let through before the kicker waits, since the emulator
 * asks it to leave only after the kick. */

enum {
    SCHED_TASKS = 257,
    SCHED_TIMERS = 0, /* the main loop; virtual CPU n is task n + 1 */
};
#define SCHED_NEVER (UINT64_MAX / 2) /* ps; 106 days */
#define SCHED_ALONE 1000000000ull    /* ps: 1 ms: the time slice of the only task there is */

enum sched_state {
    SCHED_ASLEEP,
    SCHED_BLOCKED,
    SCHED_AWAY,
    SCHED_READY,
    SCHED_RUNNING,
};

struct sched_task {
    enum sched_state state;
    uint64_t clock, end; /* ps; end: of the time slice */
    enum { NOT_KICKED, KICKED, LEAVES } kicked;
    sem_t go;
};

struct sched_counts {
    uint64_t slices;   /* that were begun */
    uint64_t switches; /* of them by another task than the last */
    uint64_t wakes;    /* of tasks that slept */
    uint64_t released; /* that were READY and kicked */
};

struct sched {
    pthread_mutex_t lock;
    unsigned tasks;
    uint64_t quantum;  /* ps */
    int running, last; /* -1 = none */
    bool notified;     /* the main loop was, while it did not wait */
    struct sched_task task[SCHED_TASKS];
    struct sched_counts counts;
};

/* All virtual CPUs are ASLEEP at 0, and the main loop RUNNING. 1 <= cpus < SCHED_TASKS; quantum > 0 ps. */
void sched_init(struct sched *sched, unsigned cpus, uint64_t quantum);

/* Gives up the CPU at `clock`, and waits for a time slice, which is from task[n].clock to task[n].end; returns false when
 * the task was let through without one. The clock of a virtual CPU never goes back; the one of the main loop is the
 * deadline of its next timer, or SCHED_NEVER. */
bool sched_yield_at(struct sched *sched, unsigned n, uint64_t clock);

/* Halts at `clock`; the caller then waits for sched_wake() in sched_await(), without any of the emulator's locks. */
void sched_sleep(struct sched *sched, unsigned n, uint64_t clock);
void sched_await(struct sched *sched, unsigned n);

/* Wakes a task that sleeps, at the waker's time, and returns true: the waker then ends its time slice. One that does not
 * sleep is kicked. */
bool sched_wake(struct sched *sched, unsigned n, uint64_t at);
/* Before the caller waits for others: whoever is kicked gets through sched_yield_at(). */
void sched_release_kicked(struct sched *sched);

/* Around any other wait of a task in the emulator */
void sched_block(struct sched *sched, unsigned n);
void sched_unblock(struct sched *sched, unsigned n);

/* There is something to do for the main loop, at `at`: it is next. */
void sched_notify(struct sched *sched, uint64_t at);

bool sched_is_asleep(struct sched *sched, unsigned n);
/* Whether any virtual CPU is awake. */
bool sched_any_awake(struct sched *sched);

#endif
