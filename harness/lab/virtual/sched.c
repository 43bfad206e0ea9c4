/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/lab/virtual/sched.h"

#include <errno.h>

void sched_init(struct sched *sched, unsigned cpus, uint64_t quantum)
{
    *sched = (struct sched){
        .tasks = cpus + 1, .quantum = quantum, .running = SCHED_TIMERS, .last = SCHED_TIMERS};
    pthread_mutex_init(&sched->lock, NULL);
    for (unsigned i = 0; i < sched->tasks; i++)
        sem_init(&sched->task[i].go, 0, 0);
    sched->task[SCHED_TIMERS].state = SCHED_RUNNING;
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Summary of the virtual CPUs: the first of those that are ready (-1: none), its clock and the next one's, and
 * the first of those that are blocked. */
struct order {
    int first;
    uint64_t clock, next, blocked;
};

static struct order order_of(const struct sched *sched)
{
    struct order o = {-1, SCHED_NEVER, SCHED_NEVER, SCHED_NEVER};
    for (unsigned i = 1; i < sched->tasks; i++) {
        const struct sched_task *t = &sched->task[i];
        if (t->state == SCHED_BLOCKED)
            o.blocked = earliest(o.blocked, t->clock);
        if (t->state != SCHED_READY)
            continue;
        if (t->clock < o.clock) {
            o.next = o.clock;
            o.clock = t->clock;
            o.first = (int)i;
        } else {
            o.next = earliest(o.next, t->clock);
        }
    }
    return o;
}

static void begin_slice(struct sched *sched, int n, uint64_t end)
{
    struct sched_task *t = &sched->task[n];
    t->end = end > t->clock ? end : t->clock + 1;
    t->state = SCHED_RUNNING;
    sched->counts.slices++;
    sched->counts.switches += sched->last != n;
    sched->running = sched->last = n;
    sem_post(&t->go);
}

static void pick(struct sched *sched)
{
    if (sched->running >= 0)
        return;
    const struct order o = order_of(sched);
    const struct sched_task *timers = &sched->task[SCHED_TIMERS];
    uint64_t deadline = timers->state == SCHED_READY ? timers->clock : SCHED_NEVER;
    if (deadline < SCHED_NEVER && (o.first < 0 || deadline <= earliest(o.clock, o.blocked))) {
        begin_slice(sched, SCHED_TIMERS, deadline);
        return;
    }
    if (o.first < 0)
        return;
    uint64_t end = o.next == SCHED_NEVER ? o.clock + SCHED_ALONE : o.next + sched->quantum;
    begin_slice(sched, o.first, earliest(end, deadline));
}

/* The task no longer runs, if it did, and another may. */
static void leave(struct sched *sched, unsigned n, enum sched_state state)
{
    if (sched->running == (int)n)
        sched->running = -1;
    sched->task[n].state = state;
    pick(sched);
}

static void set_clock(struct sched *sched, unsigned n, uint64_t clock)
{
    struct sched_task *t = &sched->task[n];
    if (n != SCHED_TIMERS) {
        t->clock = clock > t->clock ? clock : t->clock;
        return;
    }
    t->clock = sched->notified ? 0 : clock; /* immediately */
    sched->notified = false;
}

void sched_await(struct sched *sched, unsigned n)
{
    while (sem_wait(&sched->task[n].go) != 0 && errno == EINTR) {
    }
}

void sched_yield_at(struct sched *sched, unsigned n, uint64_t clock)
{
    pthread_mutex_lock(&sched->lock);
    set_clock(sched, n, clock);
    leave(sched, n, SCHED_READY);
    pthread_mutex_unlock(&sched->lock);
    sched_await(sched, n);
}

void sched_sleep(struct sched *sched, unsigned n, uint64_t clock)
{
    pthread_mutex_lock(&sched->lock);
    set_clock(sched, n, clock);
    leave(sched, n, SCHED_ASLEEP);
    pthread_mutex_unlock(&sched->lock);
}

void sched_block(struct sched *sched, unsigned n, const void *what)
{
    pthread_mutex_lock(&sched->lock);
    sched->counts.blocks++;
    sched->task[n].waits_for = what;
    leave(sched, n, SCHED_BLOCKED);
    pthread_mutex_unlock(&sched->lock);
}

bool sched_wake(struct sched *sched, unsigned n, uint64_t at)
{
    pthread_mutex_lock(&sched->lock);
    bool slept = sched->task[n].state == SCHED_ASLEEP;
    if (slept) {
        sched->counts.wakes++;
        set_clock(sched, n, at);
        leave(sched, n, SCHED_READY);
    }
    pthread_mutex_unlock(&sched->lock);
    return slept;
}

void sched_unblock_all(struct sched *sched, const void *what)
{
    pthread_mutex_lock(&sched->lock);
    for (unsigned i = 0; i < sched->tasks; i++) {
        struct sched_task *t = &sched->task[i];
        if (t->state != SCHED_BLOCKED || t->waits_for != what)
            continue;
        t->state = SCHED_READY;
        if (i == SCHED_TIMERS)
            t->clock = 0; /* immediately */
    }
    pick(sched);
    pthread_mutex_unlock(&sched->lock);
}

void sched_notify(struct sched *sched, uint64_t at)
{
    struct sched_task *timers = &sched->task[SCHED_TIMERS];
    pthread_mutex_lock(&sched->lock);
    if (timers->state == SCHED_READY)
        timers->clock = earliest(timers->clock, at);
    else
        sched->notified = true;
    pick(sched);
    pthread_mutex_unlock(&sched->lock);
}

bool sched_is_asleep(struct sched *sched, unsigned n)
{
    return __atomic_load_n(&sched->task[n].state, __ATOMIC_ACQUIRE) == SCHED_ASLEEP;
}

bool sched_any_awake(struct sched *sched)
{
    for (unsigned i = 1; i < sched->tasks; i++)
        if (!sched_is_asleep(sched, i))
            return true;
    return false;
}
