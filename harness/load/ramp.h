/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_RAMP_H
#define WAKEONE_RAMP_H

/*
 * A window in which the rate rises, in slices of equal length, and the point at which the server stops keeping up.
 *
 * Arrivals belong to the slice in which they are due, responses and errors to the one in which they arrive: the reached
 * rate is the server's throughput at that time. A slice holds if
 *
 *   - its responses are at least 95 % of its arrivals, and
 *   - its 99th percentile of the latency (from the intended time) is at most 10 times the smallest of all slices.
 *
 * The knee is the last slice that holds: beyond it latency rises and throughput does not (R. Jain, The Art of Computer
 * Systems Performance Analysis, 1991, 3.3). The two thresholds are conventions of this tool. A slice that has fewer than
 * the 100 responses needed for a 99th percentile is checked by its rate only.
 */

#include "harness/lib/histogram.h"

#include <stdbool.h>
#include <stdint.h>

enum { RAMP_SLICES = 20 };

struct ramp_slice {
    uint64_t due, errors;
    struct histogram latency;  /* its count is the number of responses; ns */
    struct histogram send_lag; /* dispatch delay of requests started in the slice, ns */
};

struct ramp {
    uint64_t slice_ns;
    struct ramp_slice slices[RAMP_SLICES];
};

struct ramp_knee {
    int slice;  /* the last one that holds; -1 = none */
    bool bends; /* a later one does not hold */
    bool
        client_was_late; /* in the slice after the knee, at least half of the 99th percentile is dispatch delay */
    double
        p99_limit_us; /* limit for a slice's 99th percentile; NAN = too few responses in all slices */
};

/* For a window of `window_ns`; to be freed by free(). NULL if out of memory. */
struct ramp *ramp_open(uint64_t window_ns);

/* The slice of a time after the beginning of the window; later times belong to the last one. */
static inline struct ramp_slice *ramp_slice_at(struct ramp *ramp, uint64_t ns)
{
    uint64_t i = ns / ramp->slice_ns;
    return &ramp->slices[i < RAMP_SLICES ? i : RAMP_SLICES - 1];
}

void ramp_merge(struct ramp *into, const struct ramp *from);

/* Slices without arrivals, after a run that ended early, are left out. */
struct ramp_knee ramp_find_knee(const struct ramp *ramp);

/* Rates per second. */
double ramp_offered(const struct ramp *ramp, unsigned slice);
double ramp_reached(const struct ramp *ramp, unsigned slice);

/* See the conditions above. */
bool ramp_holds(const struct ramp_slice *slice, double p99_limit_us);

#endif
