/* SPDX-License-Identifier: BSD-2-Clause */
#include "sampled.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

void sampled_add(struct sampled_sums *sums, double y, double x)
{
    sums->n++;
    sums->x += x;
    sums->y += y;
    sums->xx += x * x;
    sums->xy += x * y;
    sums->yy += y * y;
}

struct sampled_ratio sampled_ratio(const struct sampled_sums *sums, double percent)
{
    struct sampled_ratio r = {NAN, NAN, NAN};
    double n = sums->n;
    if (sums->x <= 0)
        return r;
    r.ratio = sums->y / sums->x;
    if (n < 2)
        return r;
    /* The sum of (y - R x)^2, which rounding may make slightly negative. */
    double squares = fmax(0, sums->yy - 2 * r.ratio * sums->xy + r.ratio * r.ratio * sums->xx);
    double error = sqrt(n * squares / (n - 1)) / sums->x;
    double half = error * gsl_cdf_tdist_Pinv((100 + percent) / 200, n - 1);
    r.low = r.ratio - half;
    r.high = r.ratio + half;
    return r;
}
