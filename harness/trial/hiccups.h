#ifndef WAKEONE_HICCUPS_H
#define WAKEONE_HICCUPS_H

/*
 * Times in which a CPU was not there for whoever was to run on it: taken by the host, or by what the kernel
 * does with interrupts disabled. A thread for each CPU, ahead of all that is measured (SCHED_FIFO), sleeps for
 * 2 ms at a time and notes how late it comes back. A look that is due in an absence is late by what is left of
 * it, so that the share of late looks is the share of time in which the CPU was away, without the last
 * millisecond of each absence.
 */

#include "harness/lib/cpulist.h"

#include <stdint.h>

struct hiccups;

struct hiccups_result {
    uint64_t looks, late; /* late: by more than 1 ms */
    uint64_t max_ns;      /* the latest */
};

/* One for each CPU of the list, HICCUPS_CPUS at most. NULL where the scheduler does not let it go ahead (it
 * takes root, or CAP_SYS_NICE), or there are no threads to be had. Each wakes 500 times a second, which takes
 * 10 to 20 us of its CPU each time on a virtual machine (a timer is set, and one comes): 1 %. */
enum { HICCUPS_CPUS = 64 };
struct hiccups *hiccups_start(const struct cpulist *cpus);

/* Looks that are due between the two count. */
void hiccups_window_begins(struct hiccups *hiccups);
void hiccups_window_ended(struct hiccups *hiccups);

/* What was seen in the window. Ends the threads and frees it. */
struct hiccups_result hiccups_stop(struct hiccups *hiccups);

#endif
