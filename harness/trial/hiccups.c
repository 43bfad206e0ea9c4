/* SPDX-License-Identifier: BSD-2-Clause */
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

struct sampler {
    struct hiccups *all;
    unsigned cpu;
    bool is_real_time; /* runs with real-time priority */
    pthread_t thread;
    struct hiccups_result seen;
};

struct hiccups {
    _Atomic uint64_t begin_ns, end_ns; /* UINT64_MAX = not yet */
    _Atomic bool stop;
    sem_t started;
    unsigned count;
    struct sampler samplers[];
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

static bool set_real_time(void)
{
    static const struct sched_param first = {.sched_priority = 1};
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &first) == 0;
}

/* "0" moves the calling thread. Groups of v2 have no such file. */
static bool set_real_time_in(void *done, const char *directory)
{
    char path[8300];
    snprintf(path, sizeof path, "%s/tasks", directory);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool moved = fd >= 0 && write(fd, "0", 1) == 1;
    if (fd >= 0)
        close(fd);
    *(bool *)done = moved && set_real_time();
    return !*(bool *)done;
}

/* A group of v1 has no real-time budget by default (cpu.rt_runtime_us is 0, with CONFIG_RT_GROUP_SCHED); an ancestor may
 * have one, the root group has. Only this thread is moved. */
static bool set_real_time_outside(void)
{
    bool done = false;
    cgroup_visit_cpu("", getpid(), set_real_time_in, &done);
    return done;
}

/* Samples that were due while the CPU was unavailable are late, too, each by the rest of that time. Samples due in the
 * window count: the CPU may have been unavailable since before it. */
static void *sampler(void *argument)
{
    struct sampler *self = argument;
    self->is_real_time = set_real_time() || set_real_time_outside();
    sem_post(&self->all->started);
    if (!self->is_real_time)
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

static bool start_one(struct sampler *self)
{
    pthread_attr_t attributes;
    cpu_set_t cpu;
    CPU_ZERO(&cpu);
    CPU_SET(self->cpu, &cpu);
    pthread_attr_init(&attributes);
    pthread_attr_setaffinity_np(&attributes, sizeof cpu, &cpu);
    int error = pthread_create(&self->thread, &attributes, sampler, self);
    pthread_attr_destroy(&attributes);
    if (error != 0)
        return false;
    while (sem_wait(&self->all->started) != 0)
        ;
    if (!self->is_real_time)
        pthread_join(self->thread, NULL);
    return self->is_real_time;
}

struct hiccups *hiccups_start(const struct cpulist *cpus)
{
    unsigned wanted = cpus->count < HICCUPS_CPUS ? cpus->count : HICCUPS_CPUS;
    struct hiccups *h = calloc(1, sizeof *h + wanted * sizeof h->samplers[0]);
    sigset_t all, before;
    if (!h)
        return NULL;
    h->begin_ns = h->end_ns = UINT64_MAX;
    sem_init(&h->started, 0, 0);
    /* Signals are handled by the main thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; h->count < wanted; h->count++) {
        h->samplers[h->count] = (struct sampler){.all = h, .cpu = cpus->cpus[h->count]};
        if (!start_one(&h->samplers[h->count]))
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
        const struct hiccups_result *seen = &h->samplers[i].seen;
        pthread_join(h->samplers[i].thread, NULL);
        all.looks += seen->looks;
        all.late += seen->late;
        if (seen->max_ns > all.max_ns)
            all.max_ns = seen->max_ns;
    }
    sem_destroy(&h->started);
    free(h);
    return all;
}
