#ifndef WAKEONE_UNPAIRED_H
#define WAKEONE_UNPAIRED_H

/*
 * Two groups of values that were not measured side by side: A against the reference B. The weaker
 * test: whatever else differed between the two is in it. What does not exist is NAN.
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

/* All values must be finite, `percent` between 0 and 100, `seed` not 0. The same values, in whatever
 * order, and the same seed give the same result. Ends the program when memory is out. */
struct unpaired unpaired_compare(struct sample a, struct sample b, double percent,
                                 unsigned long seed);

/* Which of the sorted values resamples take depends on how many there are and on the seed alone: the caller that compares
 * many groups keeps it from one comparison to the next. Begins as {NULL}; resamples_free() is due. */
struct resamples {
    struct draws *all;
    unsigned count, next; /* next: which is replaced when there is no more room */
};

void resamples_free(struct resamples *resamples);

/* The same result as that of unpaired_compare(). */
struct unpaired unpaired_compare_with(struct resamples *kept, struct sample a, struct sample b,
                                      double percent, unsigned long seed);

/* A difference is one only if p, the interval of the difference and the floor say so, and there are
 * VALUES_LEAST values in both groups. `threshold`: by what share of the reference, at most, the same
 * against itself differs; 0 = not known. */
enum outcome unpaired_outcome(const struct unpaired *u, double threshold);

/* One sentence that claims no more than the outcome does. */
void unpaired_sentence(const struct unpaired *u, double threshold, char *text, size_t size);

#endif
