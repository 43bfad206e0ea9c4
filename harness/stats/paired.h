/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PAIRED_H
#define WAKEONE_PAIRED_H

/*
 * The ratio a/b of two things measured side by side, from one ratio per round. Undefined values are NAN.
 *
 * Sources: Student's t interval on the logarithms: J. M. Bland, D. G. Altman, The use of
 * transformation when comparing two means, BMJ 312 (1996). Outliers: B. Iglewicz, D. C. Hoaglin,
 * How to Detect and Handle Outliers, 1993: modified z-score above 3.5. Drift: B. L. Welch, The
 * generalization of 'Student's' problem when several different population variances are involved,
 * Biometrika 34 (1947).
 */

#include "outcome.h"

#include <stdbool.h>
#include <stddef.h>

struct paired {
    size_t n;         /* pairs */
    double percent;   /* confidence of the interval */
    double ratio;     /* geometric mean of the ratios */
    double low, high; /* its interval; n >= 2 */

    /* The smallest detectable difference: half the width of the interval, as a share (0.05 = 5 %); n >= 2. If the true ratio is
     * this far from 1, about half of such runs show a significant difference (a power of 50 %). */
    double smallest;

    /* Of the ratios; of an even number the geometric mean of the middle two, so that swapping a and b
     * inverts it. */
    double median;

    /* Median absolute deviation of the logarithms of the ratios from their median, times 1.4826: for
     * normal data an estimate of their standard deviation (0.05 is about 5 %); n >= 2. */
    double mad;

    /* Pairs whose |log ratio - median log| is above 3.5 mad. They are included in all figures. None if mad is 0. Normal data
     * have one in 10 % of the runs of 20 pairs and in 28 % of the runs of 3. */
    size_t outliers;

    /* Geometric mean of the ratios of the second half of the pairs / of the first; the middle one of an odd number is in
     * neither; at least 4 in a half. */
    double drift;

    /* Two-sided p of Welch's t test of the logarithms of the halves; NAN also if they have no variance. */
    double drift_p;
};

/* All values must be positive and finite, `percent` between 0 and 100. Ends the program when memory
 * is out. */
struct paired paired_ratio(const double *a, const double *b, size_t n, double percent);

/* The numbers of the outliers, counted from 1 in the order of the pairs, into `numbers` (room for n). Returns their number. */
size_t paired_outliers(const double *a, const double *b, size_t n, size_t *numbers);

/* The second half of the pairs differs from the first (drift_p below 1 %). */
bool paired_drifts(const struct paired *p);

/* `threshold`: the noise threshold from the A/A control, as a share; 0 = unknown. */
enum outcome paired_outcome(const struct paired *p, double threshold);

/* The outcome as a sentence. */
void paired_sentence(const struct paired *p, double threshold, char *text, size_t size);

#endif
