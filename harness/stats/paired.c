/* SPDX-License-Identifier: BSD-2-Clause */
#include "paired.h"

#include "sample.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double MAD_TO_DEVIATION = 1.4826;
static const double OUTLIER = 3.5;
static const double DRIFT_SHOWN = 0.01;
static const size_t HALF_LEAST = 4;

/* Differences of logarithms below this are rounding errors of divisions. */
static const double ROUNDING = 1e-12;

/* The division keeps equal ratios equal, but may exceed the range of a double. */
static double log_ratio(double a, double b)
{
    double ratio = a / b;
    return isnormal(ratio) ? log(ratio) : log(a) - log(b);
}

static double *log_ratios(const double *a, const double *b, size_t n)
{
    double *logs = sample_room(n);
    for (size_t i = 0; i < n; i++)
        logs[i] = log_ratio(a[i], b[i]);
    return logs;
}

struct spread {
    double median, mad;
};

static struct spread spread_of(const double *logs, size_t n)
{
    struct spread s;
    double *sorted = sample_room(n);
    for (size_t i = 0; i < n; i++)
        sorted[i] = logs[i];
    sample_sort(sorted, n);
    s.median = sample_median(sorted, n);
    for (size_t i = 0; i < n; i++)
        sorted[i] = fabs(logs[i] - s.median);
    sample_sort(sorted, n);
    s.mad = MAD_TO_DEVIATION * sample_median(sorted, n);
    free(sorted);
    return s;
}

static bool is_outlier(double value, const struct spread *s)
{
    return s->mad > ROUNDING && fabs(value - s->median) > OUTLIER * s->mad;
}

static void set_interval(struct paired *p, const double *logs)
{
    double mean = gsl_stats_mean(logs, 1, p->n);
    p->ratio = exp(mean);
    if (p->n < 2)
        return;
    double error = gsl_stats_sd(logs, 1, p->n) / sqrt((double)p->n);
    double half = error * gsl_cdf_tdist_Pinv((100 + p->percent) / 200, (double)(p->n - 1));
    p->low = exp(mean - half);
    p->high = exp(mean + half);
    p->smallest = exp(half) - 1;
}

static void set_spread(struct paired *p, const double *logs)
{
    struct spread s = spread_of(logs, p->n);
    p->median = exp(s.median);
    if (p->n < 2)
        return;
    p->mad = s.mad;
    for (size_t i = 0; i < p->n; i++)
        p->outliers += is_outlier(logs[i], &s);
}

static double welch_p(const double *x, const double *y, size_t n)
{
    double error_x = gsl_stats_variance(x, 1, n) / (double)n;
    double error_y = gsl_stats_variance(y, 1, n) / (double)n;
    double error = error_x + error_y;
    if (error <= ROUNDING * ROUNDING)
        return NAN;
    double t = (gsl_stats_mean(y, 1, n) - gsl_stats_mean(x, 1, n)) / sqrt(error);
    double freedom = error * error * (double)(n - 1) / (error_x * error_x + error_y * error_y);
    return 2 * gsl_cdf_tdist_Q(fabs(t), freedom);
}

static void set_drift(struct paired *p, const double *logs)
{
    size_t half = p->n / 2;
    if (half < HALF_LEAST)
        return;
    const double *second = logs + (p->n - half);
    p->drift = exp(gsl_stats_mean(second, 1, half) - gsl_stats_mean(logs, 1, half));
    p->drift_p = welch_p(logs, second, half);
}

struct paired paired_ratio(const double *a, const double *b, size_t n, double percent)
{
    struct paired p = {n, percent, NAN, NAN, NAN, NAN, NAN, NAN, 0, NAN, NAN};
    if (n == 0)
        return p;
    double *logs = log_ratios(a, b, n);
    set_interval(&p, logs);
    set_spread(&p, logs);
    set_drift(&p, logs);
    free(logs);
    return p;
}

size_t paired_outliers(const double *a, const double *b, size_t n, size_t *numbers)
{
    size_t count = 0;
    if (n < 2)
        return 0;
    double *logs = log_ratios(a, b, n);
    struct spread s = spread_of(logs, n);
    for (size_t i = 0; i < n; i++)
        if (is_outlier(logs[i], &s))
            numbers[count++] = i + 1;
    free(logs);
    return count;
}

bool paired_drifts(const struct paired *p)
{
    return p->drift_p < DRIFT_SHOWN;
}

enum outcome paired_outcome(const struct paired *p, double threshold)
{
    if (p->n == 0)
        return OUTCOME_NOTHING;
    if (p->n == 1)
        return OUTCOME_SINGLE;
    if (p->low <= 1 && p->high >= 1)
        return OUTCOME_NONE;
    if (outcome_distance(p->ratio) < threshold)
        return OUTCOME_BELOW_THRESHOLD;
    return p->low > 1 ? OUTCOME_MORE : OUTCOME_LESS;
}

static void add_outcome(const struct paired *p, double threshold, char *text, size_t size)
{
    switch (paired_outcome(p, threshold)) {
    case OUTCOME_NOTHING:
        sentence_add(text, size, "nothing to compare");
        break;
    case OUTCOME_SINGLE:
        sentence_add(text, size, "%s in one pair: no interval", figure_ratio(p->ratio).text);
        break;
    case OUTCOME_NONE:
        sentence_add(text, size, "no significant difference; smallest detectable difference %s %%",
                     figure_percent(p->smallest).text);
        break;
    case OUTCOME_BELOW_THRESHOLD:
        sentence_add(text, size, "%s times as much, but within the noise threshold of %s %%",
                     figure_ratio(p->ratio).text, figure_percent(threshold).text);
        break;
    case OUTCOME_MORE:
    case OUTCOME_LESS:
        sentence_add(text, size, "%s times as much (%g %% interval %s to %s, %zu pairs)",
                     figure_ratio(p->ratio).text, p->percent, figure_ratio(p->low).text,
                     figure_ratio(p->high).text, p->n);
        break;
    }
}

void paired_sentence(const struct paired *p, double threshold, char *text, size_t size)
{
    text[0] = '\0';
    add_outcome(p, threshold, text, size);
    if (paired_drifts(p))
        sentence_add(text, size,
                     "; drift: the second half of the rounds differs from the first by %s %%",
                     figure_percent(fabs(p->drift - 1)).text);
    if (p->outliers > 0)
        sentence_add(text, size, "; %zu outlier%s among the pairs", p->outliers,
                     p->outliers == 1 ? "" : "s");
}
