#include "paired.h"

#include "harness/lib/message.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double CONFIDENCE = 0.95;

struct paired paired_ratio(const double *a, const double *b, size_t n)
{
    struct paired p = {n, NAN, NAN, NAN, NAN};
    if (n == 0)
        return p;
    double *logs = malloc(n * sizeof *logs);
    if (!logs)
        fail("out of memory");
    for (size_t i = 0; i < n; i++)
        logs[i] = log(a[i] / b[i]);
    double mean = gsl_stats_mean(logs, 1, n);
    p.ratio = exp(mean);
    if (n > 1) {
        double error = gsl_stats_sd(logs, 1, n) / sqrt((double)n);
        double half = error * gsl_cdf_tdist_Pinv((1 + CONFIDENCE) / 2, (double)(n - 1));
        p.low = exp(mean - half);
        p.high = exp(mean + half);
        p.smallest = exp(half) - 1;
    }
    free(logs);
    return p;
}

void paired_sentence(const struct paired *p, char *text, size_t size)
{
    if (p->n == 0)
        snprintf(text, size, "nothing to compare");
    else if (p->n == 1)
        snprintf(text, size, "%.3f in one pair: no interval", p->ratio);
    else if (p->low <= 1 && p->high >= 1)
        snprintf(text, size,
                 "no difference shown; the smallest this run could have seen is %.1f %%",
                 100 * p->smallest);
    else
        snprintf(text, size, "%.3f times as much (95 %% interval %.3f to %.3f, %zu pairs)",
                 p->ratio, p->low, p->high, p->n);
}
