/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_WORKERS_H
#define WAKEONE_WORKERS_H

/* Processes with the sums of their threads, or single threads, read by either instrument. */

#include "counter.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct sums {
    uint64_t counts[TASK_COUNTS];
    uint64_t delays[DELAY_BUCKETS];
    uint64_t for_connection, first; /* see struct wakings */
    uint64_t asleep_ns;
};

struct worker {
    pid_t pid, parent;
    pid_t tid; /* 0 = all threads of the process */
    char name[16];
    unsigned threads;   /* running; 0 = the process has ended */
    unsigned lived;     /* threads at the last reading with any that is not a supervisor */
    bool began;         /* created while counting */
    struct sums sums;   /* since counting began */
    struct sums before; /* at the previous reading */
    struct sums ended;  /* part of `sums` of threads that have ended */
};

struct workers {
    struct worker *all;
    unsigned count, room;
};

void sums_add(struct sums *into, const struct sums *from);

/* Upper bound, in microseconds, of the bucket that contains the percentile; NAN without delays. */
double delay_percentile_us(const uint64_t delays[DELAY_BUCKETS], double percent);
double sums_delay_us(const struct sums *sums, double percent);

/* A process whose children are counted, and that accepts no connections itself, is a supervisor. */
bool worker_supervises(const struct workers *workers, const struct worker *worker);

void workers_free(struct workers *workers);

/* Reads the counter, and releases the slots of threads that have ended. `apart`: receives each thread as a worker of its
 * own; NULL = none. */
void workers_read_counter(struct workers *workers, struct workers *apart, struct counter *counter);

/* ---- context switches, without privilege: only wakeups and preemptions are known ---- */

struct thread {
    pid_t pid, tid;
    int fd; /* -1 = ended */
    bool began;
    uint64_t voluntary, involuntary; /* initial values */
    uint64_t voluntary_now, involuntary_now;
};

struct threads {
    struct thread *all;
    unsigned count, room;
};

/* Adds the process's new threads; `began`: they were created while counting. False if there is no such process. */
bool threads_add(struct threads *threads, pid_t pid, bool began);
void threads_free(struct threads *threads);

/* Finds new threads, and reads all. Switches of a thread between the last reading and its end are lost. */
void workers_read_threads(struct workers *workers, struct workers *apart, struct threads *threads);

#endif
