/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_MEDIAN_H
#define WAKEONE_MEDIAN_H

/*
 * The median of a sample with a distribution-free interval: its ends are two of the values themselves.
 *
 * The number of n independent values below the population median is binomial, as heads in n throws of a coin. The j-th
 * smallest value is above that median with the probability of fewer than j heads, so the interval from the j-th smallest to
 * the j-th largest misses it with twice that probability. j is the largest that keeps this within 100 - percent. (W. J.
 * Conover, "Practical Nonparametric Statistics", 3rd edition 1999, section 3.2.)
 */

#include <stddef.h>

struct median {
    size_t n;
    double median;    /* NaN where n is 0 */
    double low, high; /* NaN where n is too small: at 95 %, below 6 */
    double min, max;  /* NaN where n is 0 */
};

/* Of n values in any order, which are sorted in place. percent is above 0 and below 100. */
struct median median_interval(double *values, size_t n, double percent);

#endif
