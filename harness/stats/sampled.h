/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SAMPLED_H
#define WAKEONE_SAMPLED_H

/*
 * A ratio of totals, estimated from samples in time: the wakeups and connections of each.
 *
 * Source: W. G. Cochran, Sampling Techniques, 3rd edition, Wiley 1977, section 6.4: R = sum y / sum x, and its variance is
 * sum (y - R x)^2 / (n - 1) / (n mean(x)^2). The factor for a finite population is left out: it would narrow the interval if
 * samples cover much of the time. The interval takes Student's t of n - 1 degrees of freedom, and is too narrow for few
 * samples with very different x, as that book notes.
 */

/* Of the samples so far; begins as {0}. */
struct sampled_sums {
    double n, x, y, xx, xy, yy;
};

struct sampled_ratio {
    double ratio;     /* NAN if all x are 0 */
    double low, high; /* the interval; NAN with fewer than two samples */
};

void sampled_add(struct sampled_sums *sums, double y, double x);

/* `percent`: confidence of the interval, between 0 and 100. */
struct sampled_ratio sampled_ratio(const struct sampled_sums *sums, double percent);

#endif
