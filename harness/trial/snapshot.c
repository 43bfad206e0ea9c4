/* SPDX-License-Identifier: BSD-2-Clause */
#include "snapshot.h"

#include "harness/lib/clock.h"
#include "harness/lib/message.h"
#include "harness/wakeups/switches.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct process_probe {
    int switches_fd;
    const struct task *task; /* NULL = no wakeup counter */
    bool has_clock; /* threads have no CPU clock here: their time is part of their process's */
    clockid_t cpu_clock;
};

struct probe {
    const struct stats_page *stats;
    unsigned processes;
    bool by_counter;
    int stat_fd, netstat_fd;
    struct process_probe process[];
};

static int open_proc(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC);
}

static void open_process(struct process_probe *probe, pid_t pid, struct counter *counter)
{
    probe->switches_fd = switches_open(pid, pid);
    if (probe->switches_fd < 0)
        fail("cannot read the context switches of process %d: %s", (int)pid, strerror(errno));
    probe->has_clock = clock_getcpuclockid(pid, &probe->cpu_clock) == 0;
    if (!counter)
        return;
    if (counter_add(counter, pid))
        probe->task = counter_find(counter, pid);
    if (!probe->task)
        fail("cannot count the wakeups of process %d: it has ended", (int)pid);
}

struct probe *probe_open(const struct server_process *server, struct counter *counter)
{
    unsigned n = (unsigned)server->stats->slots;
    struct probe *probe = calloc(1, sizeof *probe + n * sizeof probe->process[0]);
    if (!probe)
        fail("out of memory");
    probe->stats = server->stats;
    probe->processes = n;
    probe->stat_fd = open_proc("/proc/stat");
    probe->netstat_fd = open_proc("/proc/net/netstat");
    probe->by_counter = counter != NULL;
    for (unsigned i = 0; i < n; i++)
        open_process(&probe->process[i], (pid_t)server->stats->slot[i].pid, counter);
    return probe;
}

void probe_close(struct probe *probe)
{
    for (unsigned i = 0; i < probe->processes; i++)
        close(probe->process[i].switches_fd);
    if (probe->stat_fd >= 0)
        close(probe->stat_fd);
    if (probe->netstat_fd >= 0)
        close(probe->netstat_fd);
    free(probe);
}

struct snapshot *snapshot_new(const struct probe *probe)
{
    struct snapshot *snapshot;
    /* worker_stats is aligned to cache lines, which malloc() does not guarantee */
    size_t size = sizeof *snapshot + probe->processes * sizeof snapshot->process[0];
    snapshot = aligned_alloc(_Alignof(struct snapshot), size);
    if (!snapshot)
        fail("out of memory");
    memset(snapshot, 0, size);
    return snapshot;
}

/* Reads a /proc file from its beginning; an empty string if it cannot be read. */
static const char *read_proc(int fd, char *text, size_t size)
{
    ssize_t n = fd < 0 ? 0 : pread(fd, text, size - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void take_task(const struct task *task, struct process_counters *counters)
{
    counters->awake = __atomic_load_n(&task->state, __ATOMIC_ACQUIRE) == TASK_AWAKE;
    for (unsigned i = 0; i < TASK_COUNTS; i++)
        counters->counts[i] = __atomic_load_n(&task->counts[i], __ATOMIC_RELAXED);
    for (unsigned i = 0; i < DELAY_BUCKETS; i++)
        counters->delays[i] = __atomic_load_n(&task->delays[i], __ATOMIC_RELAXED);
}

static void take_process(const struct process_probe *probe, struct process_counters *counters,
                         const struct worker_stats *stats)
{
    struct switches switches;
    struct timespec cpu = {0};
    memcpy(&counters->stats, stats, sizeof *stats);
    if (probe->task) /* read first: a sleep that it has counted is then included in the switches */
        take_task(probe->task, counters);
    if (!switches_read(probe->switches_fd, &switches) ||
        (probe->has_clock && clock_gettime(probe->cpu_clock, &cpu) != 0))
        return;
    counters->voluntary = switches.voluntary;
    counters->involuntary = switches.involuntary;
    counters->cpu_ns = timespec_ns(cpu);
}

/* The first line: cpu user nice system idle iowait irq softirq steal guest guest_nice */
static void take_cpu_times(int fd, struct machine_counters *machine)
{
    enum { STEAL = 7, COLUMNS = 8 }; /* user time includes guest time */
    char text[512], *at = text;
    if (strncmp(read_proc(fd, text, sizeof text), "cpu ", 4) != 0)
        return;
    at += 4;
    machine->total = 0;
    for (int column = 0; column < COLUMNS; column++) {
        uint64_t ticks = strtoull(at, &at, 10);
        machine->total += ticks;
        if (column == STEAL)
            machine->steal = ticks;
    }
}

/* Pairs of lines: names, and values in the same order. */
static void take_listen_overflows(int fd, struct machine_counters *machine)
{
    char text[8192], *names_end, *values_end, *name, *value;
    char *names = (char *)strstr(read_proc(fd, text, sizeof text), "TcpExt:");
    char *values = names ? strstr(names + 1, "TcpExt:") : NULL;
    if (!values)
        return;
    for (name = strtok_r(names, " \n", &names_end), value = strtok_r(values, " \n", &values_end);
         name && value;
         name = strtok_r(NULL, " \n", &names_end), value = strtok_r(NULL, " \n", &values_end))
        if (strcmp(name, "ListenOverflows") == 0)
            machine->listen_overflows = strtoull(value, NULL, 10);
}

/* The two clocks are read one after the other; repeated if the thread was interrupted between them. */
static int64_t ahead_of_monotonic(clockid_t id)
{
    static const uint64_t APART_NS = 50 * NS_PER_US;
    int tries = 10;
    uint64_t begin;
    struct timespec t;
    do {
        begin = clock_ns();
        clock_gettime(id, &t);
    } while (clock_ns() - begin > APART_NS && --tries > 0);
    return (int64_t)timespec_ns(t) - (int64_t)begin;
}

void snapshot_take(struct probe *probe, struct snapshot *snapshot)
{
    snapshot->by_counter = probe->by_counter;
    for (unsigned i = 0; i < probe->processes; i++)
        take_process(&probe->process[i], &snapshot->process[i], &probe->stats->slot[i]);
    take_cpu_times(probe->stat_fd, &snapshot->machine);
    take_listen_overflows(probe->netstat_fd, &snapshot->machine);
    snapshot->machine.suspended_ns = ahead_of_monotonic(CLOCK_BOOTTIME);
    snapshot->machine.real_offset_ns = ahead_of_monotonic(CLOCK_REALTIME);
}
