#include "hiccups.h"

#include "cgroup.h"

#include "harness/lib/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const uint64_t PERIOD_NS = 2 * NS_PER_MS;
static const uint64_t LATE_NS = NS_PER_MS;

struct look_out {
    struct hiccups *all;
    unsigned cpu;
    bool ahead; /* of all that is measured */
    pthread_t thread;
    struct hiccups_result seen;
};

struct hiccups {
    _Atomic uint64_t begin_ns, end_ns; /* UINT64_MAX = not yet */
    _Atomic bool stop;
    sem_t started;
    unsigned count;
    struct look_out looks[];
};

static void note(struct hiccups_result *seen, uint64_t lateness)
{
    seen->looks++;
    seen->late += lateness > LATE_NS;
    if (lateness > seen->max_ns)
        seen->max_ns = lateness;
}

static void sleep_until(uint64_t ns)
{
    struct timespec at = {.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static bool go_ahead(void)
{
    static const struct sched_param first = {.sched_priority = 1};
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &first) == 0;
}

/* "0" is the thread that writes. Groups of v2 have no such file. */
static bool go_ahead_in(void *gone, const char *directory)
{
    char path[8300];
    snprintf(path, sizeof path, "%s/tasks", directory);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool moved = fd >= 0 && write(fd, "0", 1) == 1;
    if (fd >= 0)
        close(fd);
    *(bool *)gone = moved && go_ahead();
    return !*(bool *)gone;
}

/* A group of v1 has no time for real-time threads unless somebody gave it some (cpu.rt_runtime_us is 0, with
 * CONFIG_RT_GROUP_SCHED): those above may have, the uppermost has. Only the thread leaves its group. */
static bool go_ahead_outside(void)
{
    bool gone = false;
    cgroup_visit_cpu("", getpid(), go_ahead_in, &gone);
    return gone;
}

/* The looks that an absence swallowed are late, too, each by what was left of it. Those count that were due in
 * the window: an absence may begin before it. */
static void *look_out(void *argument)
{
    struct look_out *self = argument;
    self->ahead = go_ahead() || go_ahead_outside();
    sem_post(&self->all->started);
    if (!self->ahead)
        return NULL;
    uint64_t due = clock_ns() + PERIOD_NS;
    while (!atomic_load(&self->all->stop)) {
        sleep_until(due);
        uint64_t begin = atomic_load(&self->all->begin_ns), end = atomic_load(&self->all->end_ns);
        for (uint64_t now = clock_ns(); due <= now; due += PERIOD_NS)
            if (due >= begin && due < end)
                note(&self->seen, now - due);
    }
    return NULL;
}

static bool start_one(struct look_out *self)
{
    pthread_attr_t attributes;
    cpu_set_t cpu;
    CPU_ZERO(&cpu);
    CPU_SET(self->cpu, &cpu);
    pthread_attr_init(&attributes);
    pthread_attr_setaffinity_np(&attributes, sizeof cpu, &cpu);
    int error = pthread_create(&self->thread, &attributes, look_out, self);
    pthread_attr_destroy(&attributes);
    if (error != 0)
        return false;
    while (sem_wait(&self->all->started) != 0)
        ;
    if (!self->ahead)
        pthread_join(self->thread, NULL);
    return self->ahead;
}

struct hiccups *hiccups_start(const struct cpulist *cpus)
{
    unsigned wanted = cpus->count < HICCUPS_CPUS ? cpus->count : HICCUPS_CPUS;
    struct hiccups *h = calloc(1, sizeof *h + wanted * sizeof h->looks[0]);
    sigset_t all, before;
    if (!h)
        return NULL;
    h->begin_ns = h->end_ns = UINT64_MAX;
    sem_init(&h->started, 0, 0);
    /* Signals are for the thread that waits for them. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; h->count < wanted; h->count++) {
        h->looks[h->count] = (struct look_out){.all = h, .cpu = cpus->cpus[h->count]};
        if (!start_one(&h->looks[h->count]))
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (h->count == wanted && wanted > 0)
        return h;
    hiccups_stop(h);
    return NULL;
}

void hiccups_window_begins(struct hiccups *h)
{
    atomic_store(&h->begin_ns, clock_ns());
}

void hiccups_window_ended(struct hiccups *h)
{
    atomic_store(&h->end_ns, clock_ns());
}

struct hiccups_result hiccups_stop(struct hiccups *h)
{
    struct hiccups_result all = {0};
    atomic_store(&h->stop, true);
    for (unsigned i = 0; i < h->count; i++) {
        const struct hiccups_result *seen = &h->looks[i].seen;
        pthread_join(h->looks[i].thread, NULL);
        all.looks += seen->looks;
        all.late += seen->late;
        if (seen->max_ns > all.max_ns)
            all.max_ns = seen->max_ns;
    }
    sem_destroy(&h->started);
    free(h);
    return all;
}
