/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_HICCUPS_H
#define WAKEONE_HICCUPS_H

/*
 * Times in which a CPU was not available to threads: it was taken by the host, or by the kernel with interrupts disabled.
 * One thread per CPU, with a higher priority than all that is measured (SCHED_FIFO), sleeps for 2 ms at a time and records
 * how late it wakes up. A sample that is due while the CPU is unavailable is late by the rest of that time, so that the
 * share of late samples is the share of time in which the CPU was unavailable, except for the last millisecond of each
 * such time.
 */

#include "harness/lib/cpulist.h"

#include <stdint.h>

struct hiccups;

struct hiccups_result {
    uint64_t looks, late; /* samples; late: by more than 1 ms */
    uint64_t max_ns;      /* maximum lateness */
};

/* One thread per CPU of the list, HICCUPS_CPUS at most. NULL if SCHED_FIFO is not permitted (it needs root, or CAP_SYS_NICE),
 * or threads cannot be created. Each wakes up 500 times a second, which takes 10 to 20 us of its CPU each time on a virtual
 * machine (a timer is set, and one expires): 1 %. */
enum { HICCUPS_CPUS = 64 };
struct hiccups *hiccups_start(const struct cpulist *cpus);

/* Samples due between the two calls count. */
void hiccups_window_begins(struct hiccups *hiccups);
void hiccups_window_ended(struct hiccups *hiccups);

/* Ends the threads, frees `h`, and returns the results of the window. */
struct hiccups_result hiccups_stop(struct hiccups *hiccups);

#endif
