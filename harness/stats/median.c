/* SPDX-License-Identifier: BSD-2-Clause */
#include "median.h"

#include "sample.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* The largest j for which fewer than j heads in n throws have at most that probability; 0 = none. The median number of heads
 * is far above it: j is at most n / 2. */
static size_t rank_of_end(size_t n, double probability)
{
    size_t low = 0, high = n / 2;
    while (low < high) {
        size_t j = low + (high - low + 1) / 2;
        if (gsl_cdf_binomial_P((unsigned)j - 1, 0.5, (unsigned)n) <= probability)
            low = j;
        else
            high = j - 1;
    }
    return low;
}

struct median median_interval(double *values, size_t n, double percent)
{
    struct median m = {n, NAN, NAN, NAN, NAN, NAN};
    if (n == 0)
        return m;
    sample_sort(values, n);
    m.median = sample_median(values, n);
    m.min = values[0];
    m.max = values[n - 1];
    size_t j = rank_of_end(n, (100 - percent) / 200);
    if (j > 0) {
        m.low = values[j - 1];
        m.high = values[n - j];
    }
    return m;
}
