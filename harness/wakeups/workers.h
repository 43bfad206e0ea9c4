#ifndef WAKEONE_WORKERS_H
#define WAKEONE_WORKERS_H

/* Processes and what their threads add up to, or threads one by one, read from either instrument. */

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
    unsigned threads; /* that there are now; 0 = it has ended */
    unsigned lived; /* threads as of the last reading at which any lived that does not supervise */
    bool began;     /* while it was being counted */
    struct sums sums;   /* since counting began */
    struct sums before; /* as of the last but one reading */
    struct sums ended;  /* of these, of threads that have ended */
};

struct workers {
    struct worker *all;
    unsigned count, room;
};

void sums_add(struct sums *into, const struct sums *from);

/* Upper edge, in microseconds, of the bucket that the percentile falls into; NAN without any delay. */
double delay_percentile_us(const uint64_t delays[DELAY_BUCKETS], double percent);
double sums_delay_us(const struct sums *sums, double percent);

/* A process whose children are counted, and that accepts nothing itself, only supervises. */
bool worker_supervises(const struct workers *workers, const struct worker *worker);

void workers_free(struct workers *workers);

/* Reads the counter, and gives back the slots of threads that have ended. `apart`: takes each thread as a worker of
 * its own; NULL = not wanted. */
void workers_read_counter(struct workers *workers, struct workers *apart, struct counter *counter);

/* ---- the instrument without privilege: only wakeups and preemptions are known ---- */

struct thread {
    pid_t pid, tid;
    int fd; /* -1 = it has ended */
    bool began;
    uint64_t voluntary, involuntary; /* when it was found */
    uint64_t voluntary_now, involuntary_now;
};

struct threads {
    struct thread *all;
    unsigned count, room;
};

/* Adds the process's threads that are not known yet; `began`: they came while being counted. False
 * if there is no such process. */
bool threads_add(struct threads *threads, pid_t pid, bool began);
void threads_free(struct threads *threads);

/* Looks for new threads, and reads all. What a thread did after the last look before its end is lost. */
void workers_read_threads(struct workers *workers, struct workers *apart, struct threads *threads);

#endif
