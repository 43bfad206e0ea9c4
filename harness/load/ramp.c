/* SPDX-License-Identifier: BSD-2-Clause */
#include "ramp.h"

#include <math.h>
#include <stdlib.h>

static const double RATE_HELD = 0.95, P99_FACTOR = 10;

struct ramp *ramp_open(uint64_t window_ns)
{
    struct ramp *ramp = calloc(1, sizeof *ramp);
    if (ramp)
        ramp->slice_ns = (window_ns + RAMP_SLICES - 1) / RAMP_SLICES;
    return ramp;
}

void ramp_merge(struct ramp *into, const struct ramp *from)
{
    for (unsigned i = 0; i < RAMP_SLICES; i++) {
        into->slices[i].due += from->slices[i].due;
        into->slices[i].errors += from->slices[i].errors;
        histogram_merge(&into->slices[i].latency, &from->slices[i].latency);
        histogram_merge(&into->slices[i].send_lag, &from->slices[i].send_lag);
    }
}

static double per_second(const struct ramp *ramp, uint64_t count)
{
    return (double)count * 1e9 / (double)ramp->slice_ns;
}

double ramp_offered(const struct ramp *ramp, unsigned slice)
{
    return per_second(ramp, ramp->slices[slice].due);
}

double ramp_reached(const struct ramp *ramp, unsigned slice)
{
    return per_second(ramp, ramp->slices[slice].latency.count);
}

static double p99_us(const struct histogram *h)
{
    return histogram_percentile_us(h, 99);
}

static double smallest_p99_us(const struct ramp *ramp)
{
    double least = NAN;
    for (unsigned i = 0; i < RAMP_SLICES; i++)
        least = fmin(least, p99_us(&ramp->slices[i].latency)); /* fmin() ignores NAN */
    return least;
}

bool ramp_holds(const struct ramp_slice *slice, double p99_limit_us)
{
    return (double)slice->latency.count >= RATE_HELD * (double)slice->due &&
           !(p99_us(&slice->latency) > p99_limit_us);
}

struct ramp_knee ramp_find_knee(const struct ramp *ramp)
{
    struct ramp_knee knee = {.slice = -1, .p99_limit_us = P99_FACTOR * smallest_p99_us(ramp)};
    int last = -1;
    for (int i = 0; i < RAMP_SLICES; i++) {
        if (ramp->slices[i].due == 0)
            continue;
        last = i;
        if (ramp_holds(&ramp->slices[i], knee.p99_limit_us))
            knee.slice = i;
    }
    knee.bends = last > knee.slice;
    if (knee.bends) {
        const struct ramp_slice *behind = &ramp->slices[knee.slice + 1];
        knee.client_was_late = p99_us(&behind->send_lag) > p99_us(&behind->latency) / 2;
    }
    return knee;
}
