#ifndef WAKEONE_PAIRED_H
#define WAKEONE_PAIRED_H

/*
 * The ratio a/b of two things measured side by side, from one ratio per round. What does not exist
 * is NAN.
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

    /* The half width of the interval, as a share (0.05 = 5 %); n >= 2. Where the true ratio is this
     * far from 1, about half of such runs show a difference and the other half do not: it is what
     * this run could just have seen, not what it would surely have. */
    double smallest;

    /* Of the ratios; of an even number the geometric mean of the middle two, so that swapping a and b
     * inverts it. */
    double median;

    /* Median absolute deviation of the logarithms of the ratios from their median, times 1.4826: for
     * normal data an estimate of their standard deviation (0.05 is about 5 %); n >= 2. */
    double mad;

    /* Pairs whose |log ratio - median log| is above 3.5 mad. They are counted in all figures. None
     * where mad is 0: there is nothing to measure them with. Normal data have one, too, in 10 % of the
     * runs of 20 pairs and in 28 % of those of 3. */
    size_t outliers;

    /* Geometric mean of the ratios of the second half of the pairs / of the first; an odd one in the
     * middle is in neither; at least 4 in a half. */
    double drift;

    /* Two-sided p of Welch's t test of the logarithms of the halves; NAN also where they have no
     * variance. */
    double drift_p;
};

/* All values must be positive and finite, `percent` between 0 and 100. Ends the program when memory
 * is out. */
struct paired paired_ratio(const double *a, const double *b, size_t n, double percent);

/* The numbers of the outliers, counted from 1 in the order of the pairs, into `numbers`, which has
 * room for n. Returns how many. */
size_t paired_outliers(const double *a, const double *b, size_t n, size_t *numbers);

/* The second half of the pairs differs from the first (drift_p below 1 %). */
bool paired_drifts(const struct paired *p);

/* `threshold`: by what share, at most, the same against itself differs; 0 = not known. */
enum outcome paired_outcome(const struct paired *p, double threshold);

/* One sentence that claims no more than the outcome does. */
void paired_sentence(const struct paired *p, double threshold, char *text, size_t size);

#endif
