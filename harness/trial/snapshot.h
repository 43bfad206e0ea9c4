/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SNAPSHOT_H
#define WAKEONE_SNAPSHOT_H

/* All counters of a server and of the machine at one time; a window is the difference of two snapshots. */

#include "harness/wakeups/counter.h"
#include "server_process.h"

#include <stdint.h>

struct process_counters {
    uint64_t voluntary;   /* voluntary context switches */
    uint64_t involuntary; /* involuntary context switches: preemptions */
    uint64_t cpu_ns;
    struct worker_stats stats;
    uint64_t counts[TASK_COUNTS]; /* of the wakeup counter, if available; likewise the delays */
    uint32_t delays[DELAY_BUCKETS];
    bool awake; /* of the wakeup counter: the task has not been switched out to sleep */
};

struct machine_counters {
    uint64_t total, steal;     /* CPU time of all CPUs, clock ticks (proc(5), /proc/stat) */
    uint64_t listen_overflows; /* connections dropped because of a full backlog, since boot */
    int64_t suspended_ns;      /* CLOCK_BOOTTIME - CLOCK_MONOTONIC: time in suspend */
    int64_t real_offset_ns;    /* CLOCK_REALTIME - CLOCK_MONOTONIC: jumps when the clock is set */
};

struct snapshot {
    struct machine_counters machine;
    bool by_counter; /* the wakeup counter was available */
    struct process_counters process[];
};

/* Keeps the /proc files open, so that counters are read quickly. */
struct probe;

/* `counter` may be NULL; otherwise the server's processes are added to it. */
struct probe *probe_open(const struct server_process *server, struct counter *counter);
void probe_close(struct probe *probe);

/* Allocates a snapshot with one entry per slot of the server. The caller frees it. */
struct snapshot *snapshot_new(const struct probe *probe);

/* Takes about 5 us per process; both instruments are read right after each other. For a process that has ended `snapshot`
 * keeps its previous counters. */
void snapshot_take(struct probe *probe, struct snapshot *snapshot);

#endif
