/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TIMELINE_H
#define WAKEONE_TIMELINE_H

/*
 * Results for each 100 ms of the window. Threads count separately and submit a step when it is over (ten times a second,
 * under a lock); it becomes a row when the last thread has submitted it. Threads that end early do not contribute to later
 * steps.
 */

#include "harness/lib/histogram.h"

#include <stdio.h>

#define TIMELINE_STEP_NS UINT64_C(100000000)

struct timeline;

/* The counts of one thread for one step. */
struct timeline_part {
    uint64_t requests, errors, not_started;
    uint64_t in_flight; /* at its end */
    struct histogram latency;
};

/* NULL if out of memory. */
struct timeline *timeline_open(unsigned threads);
void timeline_close(struct timeline *timeline);

/* Adds a thread's part of step `step`, which began `step` * TIMELINE_STEP_NS after the beginning of the window and was
 * `length_ns` long (the last one of a run is shorter), and clears the part. A thread submits its steps in order and
 * without gaps. */
void timeline_add(struct timeline *timeline, unsigned long step, uint64_t length_ns,
                  struct timeline_part *part);

/* CSV, one row per step: see results/README.md. To be called after the last part was added; steps that only some threads
 * submitted are included. */
void timeline_write(struct timeline *timeline, FILE *file);

#endif
