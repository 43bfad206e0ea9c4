/* SPDX-License-Identifier: BSD-2-Clause */
#include "unpaired.h"

#include "sample.h"

#include "harness/lib/message.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { EXACT_MAX = 20 };

/* ---- Mann-Whitney ---- */

struct ranks {
    double u;    /* pairs (a, b) with a > b, and half of those with a = b */
    double ties; /* sum of t^3 - t over the values that t of both groups share */
};

static size_t run_length(struct sample sorted, size_t from, double value)
{
    size_t end = from;
    while (end < sorted.n && sorted.values[end] == value)
        end++;
    return end - from;
}

static struct ranks rank(struct sample a, struct sample b)
{
    struct ranks r = {0, 0};
    for (size_t i = 0, j = 0; i < a.n || j < b.n;) {
        bool of_a = j == b.n || (i < a.n && a.values[i] < b.values[j]);
        double value = of_a ? a.values[i] : b.values[j];
        size_t in_a = run_length(a, i, value), in_b = run_length(b, j, value);
        double t = (double)(in_a + in_b);
        r.u += (double)in_a * ((double)j + (double)in_b / 2);
        r.ties += t * t * t - t;
        i += in_a;
        j += in_b;
    }
    return r;
}

/* How many of the orders of n_a + n_b values have which u: the coefficients of the Gaussian
 * polynomial, the product of (1 - q^(n_b + i)) / (1 - q^i) for i = 1 to n_a (G. E. Andrews, The
 * Theory of Partitions, 1976, chapter 3). All are whole numbers below 2^53. */
static void count_orders(size_t n_a, size_t n_b, double *counts)
{
    size_t most = n_a * n_b;
    counts[0] = 1;
    for (size_t u = 1; u <= most; u++)
        counts[u] = 0;
    for (size_t i = 1; i <= n_a; i++) {
        for (size_t u = most; u >= n_b + i; u--)
            counts[u] -= counts[u - n_b - i];
        for (size_t u = i; u <= most; u++)
            counts[u] += counts[u - i];
    }
}

static double exact_p(double u, size_t n_a, size_t n_b)
{
    double counts[EXACT_MAX * EXACT_MAX + 1], all = 0, tail = 0;
    size_t most = n_a * n_b;
    double nearer = fmin(u, (double)most - u);
    count_orders(n_a, n_b, counts);
    for (size_t i = 0; i <= most; i++) {
        all += counts[i];
        if ((double)i <= nearer)
            tail += counts[i];
    }
    return fmin(1, 2 * tail / all);
}

static double normal_p(const struct ranks *r, double n_a, double n_b)
{
    double n = n_a + n_b;
    double variance = n_a * n_b / 12 * (n + 1 - r->ties / (n * (n - 1)));
    double distance = fabs(r->u - n_a * n_b / 2) - 0.5;
    if (distance <= 0 || variance <= 0)
        return 1;
    return 2 * gsl_cdf_ugaussian_Q(distance / sqrt(variance));
}

static double mann_whitney_p(struct sample a, struct sample b)
{
    struct ranks r = rank(a, b);
    if (a.n <= EXACT_MAX && b.n <= EXACT_MAX && r.ties == 0)
        return exact_p(r.u, a.n, b.n);
    return normal_p(&r, (double)a.n, (double)b.n);
}

/* ---- bootstrap ---- */

/* Position of a resample's median among the sorted values: between these two */
struct place {
    unsigned lower, upper;
};

struct draws {
    size_t n_a, n_b;
    unsigned long seed;
    struct place (*places)[2]; /* RESAMPLES, of a and of b */
};

enum {
    DRAWS_MOST = 256
}; /* 160 kB each; runs of 200 rounds with some invalid samples have about as many */

static unsigned index_at(size_t n, double uniform)
{
    size_t i = (size_t)(uniform * (double)n);
    return (unsigned)(i < n ? i : n - 1);
}

/* The median of as many draws with replacement. Only the middle ones have to be drawn: order
 * statistics of n uniform numbers are beta distributed, and those above one of them are order
 * statistics of uniform numbers again (H. A. David, H. N. Nagaraja, Order Statistics, 2003,
 * chapter 2). */
static struct place draw(gsl_rng *random, size_t count)
{
    size_t middle = (count + 1) / 2;
    double rank_of_lower = (double)middle, n = (double)count;
    double lower = gsl_ran_beta(random, rank_of_lower, n - rank_of_lower + 1);
    if (count % 2 == 1)
        return (struct place){index_at(count, lower), index_at(count, lower)};
    double above = pow(gsl_rng_uniform_pos(random), 1 / (n - rank_of_lower));
    double upper = 1 - (1 - lower) * above;
    return (struct place){index_at(count, lower), index_at(count, upper)};
}

static void draw_all(struct draws *draws)
{
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random, draws->seed);
    for (size_t i = 0; i < RESAMPLES; i++) {
        draws->places[i][0] = draw(random, draws->n_a);
        draws->places[i][1] = draw(random, draws->n_b);
    }
    gsl_rng_free(random);
}

/* Room for one more, or that of the oldest */
static struct draws *room_for_draws(struct resamples *kept)
{
    if (!kept->all)
        kept->all = calloc(DRAWS_MOST, sizeof *kept->all);
    if (!kept->all)
        fail("out of memory");
    struct draws *draws = &kept->all[kept->next];
    kept->next = (kept->next + 1) % DRAWS_MOST;
    kept->count += kept->count < DRAWS_MOST;
    if (!draws->places)
        draws->places = calloc(RESAMPLES, sizeof *draws->places);
    if (!draws->places)
        fail("out of memory");
    return draws;
}

static const struct draws *draws_for(struct resamples *kept, size_t n_a, size_t n_b,
                                     unsigned long seed)
{
    for (unsigned i = 0; i < kept->count; i++) {
        const struct draws *draws = &kept->all[i];
        if (draws->n_a == n_a && draws->n_b == n_b && draws->seed == seed)
            return draws;
    }
    struct draws *draws = room_for_draws(kept);
    draws->n_a = n_a;
    draws->n_b = n_b;
    draws->seed = seed;
    draw_all(draws);
    return draws;
}

void resamples_free(struct resamples *resamples)
{
    for (unsigned i = 0; i < resamples->count; i++)
        free(resamples->all[i].places);
    free(resamples->all);
    *resamples = (struct resamples){NULL, 0, 0};
}

static double median_at(struct sample sorted, struct place place)
{
    return sample_middle(sorted.values[place.lower], sorted.values[place.upper]);
}

static void set_percentiles(double *resampled, double percent, double *low, double *high)
{
    size_t outside = (size_t)(RESAMPLES * (100 - percent) / 200);
    *low = sample_select(resampled, RESAMPLES, outside);
    *high = sample_select(resampled, RESAMPLES, RESAMPLES - 1 - outside);
}

static void set_intervals(struct unpaired *u, struct sample a, struct sample b,
                          const struct draws *draws)
{
    double *differences = sample_room(RESAMPLES), *ratios = sample_room(RESAMPLES);
    for (size_t i = 0; i < RESAMPLES; i++) {
        double of_a = median_at(a, draws->places[i][0]), of_b = median_at(b, draws->places[i][1]);
        differences[i] = of_a - of_b;
        ratios[i] = of_a / of_b;
    }
    set_percentiles(differences, u->percent, &u->low, &u->high);
    if (!isnan(u->ratio))
        set_percentiles(ratios, u->percent, &u->ratio_low, &u->ratio_high);
    free(differences);
    free(ratios);
}

/* ---- both ---- */

static struct sample sorted_copy(struct sample s)
{
    double *values = sample_room(s.n);
    for (size_t i = 0; i < s.n; i++)
        values[i] = s.values[i];
    sample_sort(values, s.n);
    return (struct sample){values, s.n};
}

static void compare_sorted(struct unpaired *u, struct sample a, struct sample b,
                           struct resamples *kept, unsigned long seed)
{
    u->median_a = a.n ? sample_median(a.values, a.n) : NAN;
    u->median_b = b.n ? sample_median(b.values, b.n) : NAN;
    if (a.n == 0 || b.n == 0)
        return;
    u->difference = u->median_a - u->median_b;
    if (a.values[0] > 0 && b.values[0] > 0)
        u->ratio = u->median_a / u->median_b;
    u->p = mann_whitney_p(a, b);
    if (a.n > 1 && b.n > 1)
        set_intervals(u, a, b, draws_for(kept, a.n, b.n, seed));
}

struct unpaired unpaired_compare_with(struct resamples *kept, struct sample a, struct sample b,
                                      double percent, unsigned long seed)
{
    struct unpaired u = {a.n, b.n, percent, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    a = sorted_copy(a);
    b = sorted_copy(b);
    compare_sorted(&u, a, b, kept, seed);
    free((double *)a.values);
    free((double *)b.values);
    return u;
}

struct unpaired unpaired_compare(struct sample a, struct sample b, double percent,
                                 unsigned long seed)
{
    struct resamples kept = {NULL, 0, 0};
    struct unpaired u = unpaired_compare_with(&kept, a, b, percent, seed);
    resamples_free(&kept);
    return u;
}

static double share_of_baseline(const struct unpaired *u, double difference)
{
    return fabs(difference) / fabs(u->median_b);
}

static double distance(const struct unpaired *u)
{
    return isnan(u->ratio) ? share_of_baseline(u, u->difference) : outcome_distance(u->ratio);
}

static bool too_few(const struct unpaired *u)
{
    return u->n_a < VALUES_LEAST || u->n_b < VALUES_LEAST;
}

enum outcome unpaired_outcome(const struct unpaired *u, double threshold)
{
    if (u->n_a == 0 || u->n_b == 0)
        return OUTCOME_NOTHING;
    if (u->n_a == 1 || u->n_b == 1)
        return OUTCOME_SINGLE;
    bool likely = u->p<(100 - u->percent) / 100, apart = u->low> 0 || u->high < 0;
    if (too_few(u) || !likely || !apart)
        return OUTCOME_NONE;
    if (distance(u) < threshold)
        return OUTCOME_BELOW_THRESHOLD;
    return u->low > 0 ? OUTCOME_MORE : OUTCOME_LESS;
}

static void add_none(const struct unpaired *u, char *text, size_t size)
{
    double half = u->high / 2 - u->low / 2;
    if (too_few(u)) {
        sentence_add(text, size, "too few values: %zu and %zu, at least %d of each are needed",
                     u->n_a, u->n_b, VALUES_LEAST);
        return;
    }
    sentence_add(text, size, "no significant difference; half the width of the interval is %.4g",
                 half);
    if (u->median_b != 0)
        sentence_add(text, size, ", %s %% of the baseline",
                     figure_percent(share_of_baseline(u, half)).text);
}

static void add_size(const struct unpaired *u, char *text, size_t size)
{
    if (isnan(u->ratio))
        sentence_add(text, size, "%.4g %s", fabs(u->difference), u->low > 0 ? "more" : "less");
    else
        sentence_add(text, size, "%s times as much", figure_ratio(u->ratio).text);
}

static void add_interval(const struct unpaired *u, char *text, size_t size)
{
    sentence_add(text, size, " (%g %% interval ", u->percent);
    if (isnan(u->ratio))
        sentence_add(text, size, "of the difference %.4g to %.4g", u->low, u->high);
    else
        sentence_add(text, size, "%s to %s", figure_ratio(u->ratio_low).text,
                     figure_ratio(u->ratio_high).text);
    sentence_add(text, size, ", %zu and %zu values)", u->n_a, u->n_b);
}

static void add_outcome(const struct unpaired *u, double threshold, char *text, size_t size)
{
    switch (unpaired_outcome(u, threshold)) {
    case OUTCOME_NOTHING:
        sentence_add(text, size, "nothing to compare");
        break;
    case OUTCOME_SINGLE:
        sentence_add(text, size, "one value in a group: no interval");
        break;
    case OUTCOME_NONE:
        add_none(u, text, size);
        break;
    case OUTCOME_BELOW_THRESHOLD:
        add_size(u, text, size);
        sentence_add(text, size, ", but within the noise threshold of %s %%",
                     figure_percent(threshold).text);
        break;
    case OUTCOME_MORE:
    case OUTCOME_LESS:
        add_size(u, text, size);
        add_interval(u, text, size);
        break;
    }
}

void unpaired_sentence(const struct unpaired *u, double threshold, char *text, size_t size)
{
    text[0] = '\0';
    add_outcome(u, threshold, text, size);
    if (u->n_a > 0 && u->n_b > 0)
        sentence_add(text, size, "; unpaired: every other difference between the two is included");
}
