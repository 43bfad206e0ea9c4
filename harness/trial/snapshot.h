#ifndef WAKEONE_SNAPSHOT_H
#define WAKEONE_SNAPSHOT_H

/* All counters of a server and of the machine at one moment; a window is two of them. */

#include "harness/wakeups/counter.h"
#include "server_process.h"

#include <stdint.h>

struct process_counters {
    uint64_t voluntary;   /* context switches: the process went to sleep */
    uint64_t involuntary; /* context switches: it was preempted */
    uint64_t cpu_ns;
    struct worker_stats stats;
    uint64_t counts[TASK_COUNTS]; /* by the wakeup counter, where there is one; so are the delays */
    uint32_t delays[DELAY_BUCKETS];
    bool awake; /* by the wakeup counter: the scheduler has not taken it off its CPU to sleep */
};

struct machine_counters {
    uint64_t total, steal;     /* CPU time of all CPUs, clock ticks (proc(5), /proc/stat) */
    uint64_t listen_overflows; /* connections refused for a full backlog, since boot */
    int64_t suspended_ns;   /* CLOCK_BOOTTIME - CLOCK_MONOTONIC: time in which the machine slept */
    int64_t real_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC: jumps when the clock is set */
};

struct snapshot {
    struct machine_counters machine;
    bool by_counter; /* the wakeup counter was there */
    struct process_counters process[];
};

/* Keeps what is needed to read the counters quickly: the files stay open. */
struct probe;

/* With a wakeup counter, which is then told of the server's processes, or without one (NULL). */
struct probe *probe_open(const struct server_process *server, struct counter *counter);
void probe_close(struct probe *probe);

/* A snapshot has as many processes as the server has slots. The caller frees it. */
struct snapshot *snapshot_new(const struct probe *probe);

/* About 5 us per process, both instruments right after each other. A process that has ended keeps the counters
 * it had in `snapshot`. */
void snapshot_take(struct probe *probe, struct snapshot *snapshot);

#endif
