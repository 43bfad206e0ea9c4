#ifndef WAKEONE_RAMP_H
#define WAKEONE_RAMP_H

/*
 * A window in which the rate rises, in slices of equal length, and where the server stops keeping up.
 *
 * Arrivals belong to the slice in which they are due, answers and errors to the one in which they come: the rate that
 * is reached is what the server does at that time. A slice holds if
 *
 *   - its answers are 95 % or more of its arrivals, and
 *   - its 99th percentile of the latency (from the intended time) is at most 10 times the smallest of all slices.
 *
 * The knee is the last slice that holds: beyond it latency rises and throughput does not (R. Jain, The Art of Computer
 * Systems Performance Analysis, 1991, 3.3). The two thresholds are conventions of this tool. A slice that has fewer than
 * the 100 answers that a 99th percentile takes is checked by its rate only.
 */

#include "harness/lib/histogram.h"

#include <stdbool.h>
#include <stdint.h>

enum { RAMP_SLICES = 20 };

struct ramp_slice {
    uint64_t due, errors;
    struct histogram latency;  /* its count is that of the answers; ns */
    struct histogram send_lag; /* of what was begun in the slice, ns */
};

struct ramp {
    uint64_t slice_ns;
    struct ramp_slice slices[RAMP_SLICES];
};

struct ramp_knee {
    int slice;  /* the last one that holds; -1 = none does */
    bool bends; /* a later one does not hold */
    bool
        client_was_late; /* in the slice behind the knee, half of the 99th percentile or more is send lag */
    double
        p99_limit_us; /* that a slice's 99th percentile is held against; NAN = too few answers in all slices */
};

/* For a window of `window_ns`; freed by free(). NULL if memory is out. */
struct ramp *ramp_open(uint64_t window_ns);

/* The slice of a time after the window's beginning; the last one also for what comes later. */
static inline struct ramp_slice *ramp_slice_at(struct ramp *ramp, uint64_t ns)
{
    uint64_t i = ns / ramp->slice_ns;
    return &ramp->slices[i < RAMP_SLICES ? i : RAMP_SLICES - 1];
}

void ramp_merge(struct ramp *into, const struct ramp *from);

/* Slices in which nothing was due, because the run ended early, are left out. */
struct ramp_knee ramp_find_knee(const struct ramp *ramp);

/* Per second. */
double ramp_offered(const struct ramp *ramp, unsigned slice);
double ramp_reached(const struct ramp *ramp, unsigned slice);

/* See above. */
bool ramp_holds(const struct ramp_slice *slice, double p99_limit_us);

#endif
