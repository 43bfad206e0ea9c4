/* SPDX-License-Identifier: BSD-2-Clause */
#include "workers.h"

#include "harness/lib/array.h"
#include "processes.h"
#include "switches.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void sums_add(struct sums *into, const struct sums *from)
{
    for (unsigned i = 0; i < TASK_COUNTS; i++)
        into->counts[i] += from->counts[i];
    into->asleep_ns += from->asleep_ns;
    into->for_connection += from->for_connection;
    into->first += from->first;
    for (unsigned i = 0; i < DELAY_BUCKETS; i++)
        into->delays[i] += from->delays[i];
}

double sums_delay_us(const struct sums *sums, double percent)
{
    return delay_percentile_us(sums->delays, percent);
}

double delay_percentile_us(const uint64_t delays[DELAY_BUCKETS], double percent)
{
    uint64_t count = 0, reached = 0;
    for (unsigned i = 0; i < DELAY_BUCKETS; i++)
        count += delays[i];
    double wanted = percent * (double)count / 100.0;
    for (unsigned i = 0; i < DELAY_BUCKETS && count; i++) {
        reached += delays[i];
        if (reached && (double)reached >= wanted)
            return (double)loglinear_upper_edge(i, DELAY_BITS) / 1e3;
    }
    return NAN;
}

/* Names are untrusted: control characters and non-ASCII bytes are replaced. */
static void set_name(struct worker *worker, const char *name)
{
    snprintf(worker->name, sizeof worker->name, "%s", name);
    for (char *c = worker->name; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

/* A process's name is that of its first thread. */
static bool is_named_after(const struct worker *worker, pid_t tid)
{
    return worker->tid || tid == worker->pid || worker->name[0] == '\0';
}

/* A thread of a new process may be seen before the first one. */
static struct worker *with_parent(struct worker *worker, pid_t parent)
{
    if (worker->parent == worker->pid && parent)
        worker->parent = parent;
    return worker;
}

/* A new one's parent: the process that forked it while counting; 0 = it existed before. */
static struct worker *worker_of(struct workers *workers, pid_t pid, pid_t tid, pid_t parent)
{
    for (unsigned i = 0; i < workers->count; i++)
        if (workers->all[i].pid == pid && workers->all[i].tid == tid)
            return with_parent(&workers->all[i], parent);
    workers->all = array_grow(workers->all, workers->count, &workers->room, sizeof workers->all[0]);
    struct worker *worker = &workers->all[workers->count++];
    memset(worker, 0, sizeof *worker);
    worker->pid = pid;
    worker->tid = tid;
    worker->began = parent != 0;
    worker->parent = parent ? parent : process_parent(pid);
    return worker;
}

void workers_free(struct workers *workers)
{
    free(workers->all);
    *workers = (struct workers){0};
}

static void begin_reading(struct workers *workers)
{
    if (!workers)
        return;
    for (unsigned i = 0; i < workers->count; i++) {
        struct worker *worker = &workers->all[i];
        worker->before = worker->sums;
        worker->sums = worker->ended;
        worker->threads = 0;
    }
}

bool worker_supervises(const struct workers *workers, const struct worker *worker)
{
    if (worker->sums.counts[COUNT_ACCEPTS] > 0)
        return false;
    for (unsigned i = 0; i < workers->count; i++) {
        const struct worker *other = &workers->all[i];
        if (other != worker && other->parent == worker->pid &&
            (other->lived > 0 || other->threads > 0))
            return true;
    }
    return false;
}

/* A supervisor often ends last: then the previous number of its workers is used. */
static void end_reading(struct workers *workers)
{
    bool any = false;
    for (unsigned i = 0; workers && i < workers->count; i++)
        any |= workers->all[i].threads > 0 && !worker_supervises(workers, &workers->all[i]);
    for (unsigned i = 0; any && i < workers->count; i++)
        workers->all[i].lived = workers->all[i].threads;
}

/* ---- counter ---- */

static void add_task(struct sums *sums, const struct task *task)
{
    for (unsigned i = 0; i < TASK_COUNTS; i++)
        sums->counts[i] += __atomic_load_n(&task->counts[i], __ATOMIC_RELAXED);
    sums->asleep_ns += counter_asleep_ns(task);
    sums->for_connection += __atomic_load_n(&task->wakings.for_connection, __ATOMIC_RELAXED);
    sums->first += __atomic_load_n(&task->wakings.first, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < DELAY_BUCKETS; i++)
        sums->delays[i] += __atomic_load_n(&task->delays[i], __ATOMIC_RELAXED);
}

static void read_task(struct worker *worker, const struct task *task, bool ended)
{
    add_task(&worker->sums, task);
    worker->threads += !ended;
    if (ended)
        add_task(&worker->ended, task);
    if (is_named_after(worker, (pid_t)task->tid))
        set_name(worker, task->name);
}

void workers_read_counter(struct workers *workers, struct workers *apart, struct counter *counter)
{
    begin_reading(workers);
    begin_reading(apart);
    for (unsigned slot = 1; slot <= counter_slots(counter); slot++) {
        const struct task *task = counter_slot(counter, slot);
        pid_t pid = (pid_t)task->tgid, tid = (pid_t)task->tid, parent = (pid_t)task->parent;
        if (!tid)
            continue;
        bool ended = __atomic_load_n(&task->ended, __ATOMIC_ACQUIRE);
        read_task(worker_of(workers, pid, 0, parent), task, ended);
        if (apart)
            read_task(worker_of(apart, pid, tid, parent), task, ended);
        if (ended)
            counter_release(counter, slot);
    }
    end_reading(workers);
    end_reading(apart);
}

/* ---- threads ---- */

struct search {
    struct threads *threads;
    pid_t pid;
    bool began;
};

static bool is_known(const struct threads *threads, pid_t tid)
{
    for (unsigned i = 0; i < threads->count; i++)
        if (threads->all[i].tid == tid && threads->all[i].fd >= 0)
            return true;
    return false;
}

static void add_thread(pid_t tid, void *context)
{
    struct search *search = context;
    struct threads *threads = search->threads;
    struct switches switches;
    if (is_known(threads, tid))
        return;
    struct thread thread = {
        .pid = search->pid,
        .tid = tid,
        .fd = switches_open(search->pid, tid),
        .began = search->began,
    };
    if (!switches_read(thread.fd, &switches))
        return;
    thread.voluntary_now = switches.voluntary;
    thread.involuntary_now = switches.involuntary;
    if (!thread.began) {
        thread.voluntary = switches.voluntary;
        thread.involuntary = switches.involuntary;
    }
    threads->all = array_grow(threads->all, threads->count, &threads->room, sizeof threads->all[0]);
    threads->all[threads->count++] = thread;
}

bool threads_add(struct threads *threads, pid_t pid, bool began)
{
    struct search search = {threads, pid, began};
    return each_thread(pid, add_thread, &search);
}

void threads_free(struct threads *threads)
{
    for (unsigned i = 0; i < threads->count; i++)
        if (threads->all[i].fd >= 0)
            close(threads->all[i].fd);
    free(threads->all);
    *threads = (struct threads){0};
}

static void read_thread(struct thread *thread)
{
    struct switches switches;
    if (thread->fd < 0)
        return;
    if (!switches_read(thread->fd, &switches)) {
        close(thread->fd);
        thread->fd = -1;
        return;
    }
    thread->voluntary_now = switches.voluntary;
    thread->involuntary_now = switches.involuntary;
}

static void add_switches(struct worker *worker, const struct thread *thread, const char *name)
{
    worker->threads += thread->fd >= 0;
    worker->sums.counts[COUNT_WAKEUPS] += thread->voluntary_now - thread->voluntary;
    worker->sums.counts[COUNT_PREEMPTIONS] += thread->involuntary_now - thread->involuntary;
    if (*name && is_named_after(worker, thread->tid))
        set_name(worker, name);
}

void workers_read_threads(struct workers *workers, struct workers *apart, struct threads *threads)
{
    char name[16] = "";
    for (unsigned i = 0; i < workers->count; i++)
        if (workers->all[i].threads > 0)
            threads_add(threads, workers->all[i].pid, true);
    begin_reading(workers);
    begin_reading(apart);
    for (unsigned i = 0; i < threads->count; i++) {
        struct thread *thread = &threads->all[i];
        pid_t parent = thread->began ? process_parent(thread->pid) : 0;
        read_thread(thread);
        process_name(thread->tid, name, sizeof name);
        add_switches(worker_of(workers, thread->pid, 0, parent), thread, name);
        if (apart)
            add_switches(worker_of(apart, thread->pid, thread->tid, parent), thread, name);
    }
    end_reading(workers);
    end_reading(apart);
}
