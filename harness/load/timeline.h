#ifndef WAKEONE_TIMELINE_H
#define WAKEONE_TIMELINE_H

/*
 * What happened in each tenth of a second of the window. Threads count on their own and hand a tenth in
 * when it is over (ten times a second, under a lock); it becomes a row when the last of them has. Those
 * that end before others leave steps to the others.
 */

#include "harness/lib/histogram.h"

#include <stdio.h>

#define TIMELINE_STEP_NS UINT64_C(100000000)

struct timeline;

/* What one thread has counted of one step. */
struct timeline_part {
    uint64_t requests, errors, not_started;
    uint64_t in_flight; /* at its end */
    struct histogram latency;
};

/* NULL if memory is out. */
struct timeline *timeline_open(unsigned threads);
void timeline_close(struct timeline *timeline);

/* Adds a thread's part of step `step`, which began `step` * TIMELINE_STEP_NS after the window, was
 * `length_ns` long (the last one of a run is shorter), and empties the part. A thread hands in its
 * steps in order, and leaves none out. */
void timeline_add(struct timeline *timeline, unsigned long step, uint64_t length_ns,
                  struct timeline_part *part);

/* CSV, one line per step: see results/README.md. After the last part was added: steps that not all
 * threads were part of are written, too. */
void timeline_write(struct timeline *timeline, FILE *file);

#endif
