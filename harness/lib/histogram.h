/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_HISTOGRAM_H
#define WAKEONE_HISTOGRAM_H

/*
 * Log-linear histogram of durations in nanoseconds, see loglinear.h: a recorded value is reported
 * too high by less than 2^-8 = 1/256 < 0.4 %, over the full range: buckets cover all 64 bits, so no
 * value is out of range or dropped. The maximum is exact, and no percentile is reported above it.
 */

#include "loglinear.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    HISTOGRAM_BITS = 8,
    HISTOGRAM_BUCKETS = LOGLINEAR_BUCKETS(64, HISTOGRAM_BITS),
};

struct histogram {
    uint64_t count;
    uint64_t max;
    double sum, sum_of_squares;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

static inline unsigned histogram_index(uint64_t value)
{
    return loglinear_index(value, HISTOGRAM_BITS);
}

/* The largest value that falls into bucket `index`. */
static inline uint64_t histogram_upper_edge(unsigned index)
{
    return loglinear_upper_edge(index, HISTOGRAM_BITS);
}

void histogram_reset(struct histogram *h);

static inline void histogram_record(struct histogram *h, uint64_t value)
{
    h->buckets[histogram_index(value)]++;
    h->count++;
    h->sum += (double)value;
    h->sum_of_squares += (double)value * (double)value;
    if (value > h->max)
        h->max = value;
}

/* Adds all samples of `from`. Exact: merged counts are the counts of the merged samples. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/* The upper edge of the first bucket at which at least `percent` of the samples are reached
 * (nearest rank), never above the maximum. 0 if nothing was recorded. */
uint64_t histogram_percentile(const struct histogram *h, double percent);

/* A percentile p requires 1 / (1 - p) samples: with fewer it would equal the maximum. The maximum (100) requires
 * one. */
bool histogram_is_enough(uint64_t samples, double percent);

/* The percentile of durations, in microseconds; NAN if there are too few samples for it. */
double histogram_percentile_us(const struct histogram *h, double percent);

double histogram_mean(const struct histogram *h);
double histogram_deviation(const struct histogram *h);

/* Writes the percentile format of HdrHistogram (value in microseconds, percentile as a fraction,
 * cumulative count, 1/(1-percentile)), one line per non-empty bucket, so that no information is
 * lost and files can be merged exactly. Returns 0, or -1 with errno set by the stream. */
int histogram_write_hgrm(const struct histogram *h, FILE *file);

#endif
