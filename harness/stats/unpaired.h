/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_UNPAIRED_H
#define WAKEONE_UNPAIRED_H

/*
 * Two groups of values that were not measured side by side: A against the baseline B. Every other difference between the two
 * is included, so this is weaker evidence than a paired comparison. Undefined values are NAN.
 *
 * Sources: p: H. B. Mann, D. R. Whitney, On a test of whether one of two random variables is
 * stochastically larger than the other, Annals of Mathematical Statistics 18 (1947); with ties and
 * for many values: E. L. Lehmann, Nonparametrics, 1975, chapter 1. Intervals: B. Efron,
 * R. J. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13 (percentiles).
 */

#include "outcome.h"

#include <stddef.h>

enum { RESAMPLES = 10000, VALUES_LEAST = 4 };

struct sample {
    const double *values;
    size_t n;
};

struct unpaired {
    size_t n_a, n_b;
    double percent; /* confidence of the intervals */
    double median_a, median_b;
    double difference;            /* median_a - median_b, in the unit of the values */
    double low, high;             /* its interval; at least 2 values in both groups */
    double ratio;                 /* median_a / median_b; only if all values are above 0 */
    double ratio_low, ratio_high; /* its interval, from the same resamples */
    double p; /* two-sided, Mann-Whitney: exact up to 20 values without ties in each group, else
                 the normal approximation with corrections for ties and for continuity */
};

/* All values must be finite, `percent` between 0 and 100, `seed` not 0. The same values in any order and the same seed give the
 * same result. Ends the program when out of memory. */
struct unpaired unpaired_compare(struct sample a, struct sample b, double percent,
                                 unsigned long seed);

/* Which of the sorted values resamples take depends on how many there are and on the seed alone: a caller that compares many
 * groups keeps it between comparisons. Begins as {NULL}; call resamples_free(). */
struct resamples {
    struct draws *all;
    unsigned count, next; /* next: replaced when full */
};

void resamples_free(struct resamples *resamples);

/* The same result as unpaired_compare(). */
struct unpaired unpaired_compare_with(struct resamples *kept, struct sample a, struct sample b,
                                      double percent, unsigned long seed);

/* A difference is significant if p is, the interval of the difference excludes 0, the difference exceeds the noise threshold,
 * and both groups have VALUES_LEAST values. `threshold`: from the A/A control, as a share of the baseline; 0 = unknown. */
enum outcome unpaired_outcome(const struct unpaired *u, double threshold);

/* The outcome as a sentence. */
void unpaired_sentence(const struct unpaired *u, double threshold, char *text, size_t size);

#endif
