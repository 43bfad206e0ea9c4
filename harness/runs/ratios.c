/* SPDX-License-Identifier: BSD-2-Clause */
#include "ratios.h"

#include "number.h"
#include "text.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { DECIMALS = 4, THRESHOLD_DIGITS = 6 };
static const double CONFIDENCE = 95;

double noise_threshold(double ratio, double low, double high)
{
    if (!(low > 0 && (low > 1 || high < 1)))
        return outcome_distance(ratio);
    return fmax(outcome_distance(low), outcome_distance(high));
}

/* ---- pairs ---- */

/* Values of the baseline by configuration and round */
struct base {
    unsigned configuration;
    double round, value;
};

struct bases {
    void *tree;
    struct base *all;
};

static int base_order(const void *a, const void *b)
{
    const struct base *x = a, *y = b;
    if (x->configuration != y->configuration)
        return x->configuration < y->configuration ? -1 : 1;
    return (x->round > y->round) - (x->round < y->round);
}

static void leave(void *node)
{
    (void)node;
}

/* Of two rows of one round the later one is used. */
static void add_bases(struct bases *bases, const struct run *run, enum column column)
{
    const struct rows *rows = &run->trials;
    unsigned count = 0;
    bases->tree = NULL;
    bases->all = calloc(rows->count + 1, sizeof *bases->all);
    if (!bases->all)
        fail("out of memory");
    for (unsigned i = 0; i < rows->count; i++) {
        const struct row *row = &rows->all[i];
        if (!row_is_valid(row) || strcmp(row->strategy, run->baseline) != 0)
            continue;
        struct base *base = &bases->all[count++];
        *base = (struct base){rows->configuration_of[i], row->round, row_number(row, column)};
        struct base **found = tsearch(base, &bases->tree, base_order);
        if (!found)
            fail("out of memory");
        (*found)->value = base->value;
    }
}

static int baseline_of(const struct run *run, const struct configuration *c)
{
    struct configuration wanted = *c;
    wanted.server = run->baseline;
    return rows_find(&run->trials, &wanted);
}

struct pairs {
    double *a, *b;
    size_t count;
    unsigned first; /* row of the first pair */
};

static struct pairs pairs_of(const struct run *run, const struct bases *bases,
                             unsigned configuration, enum column column)
{
    const struct configuration *c = &run->trials.configurations[configuration];
    int baseline = baseline_of(run, c);
    struct pairs pairs = {calloc(c->valid + 1, sizeof(double)),
                          calloc(c->valid + 1, sizeof(double)), 0, 0};
    if (!pairs.a || !pairs.b)
        fail("out of memory");
    for (unsigned i = 0; baseline >= 0 && i < c->valid; i++) {
        const struct row *row = &run->trials.all[c->samples[i]];
        struct base wanted = {(unsigned)baseline, row->round, 0};
        struct base *const *base = tfind(&wanted, &bases->tree, base_order);
        double value = row_number(row, column);
        if (!base || !(value > 0) || !((*base)->value > 0))
            continue;
        if (pairs.count == 0)
            pairs.first = c->samples[i];
        pairs.a[pairs.count] = value;
        pairs.b[pairs.count++] = (*base)->value;
    }
    return pairs;
}

/* ---- ratios ---- */

static char *outliers_of(const struct pairs *pairs)
{
    struct text text = {NULL, 0, 0};
    size_t *numbers = calloc(pairs->count + 1, sizeof *numbers);
    if (!numbers)
        fail("out of memory");
    size_t count = paired_outliers(pairs->a, pairs->b, pairs->count, numbers);
    text_add_string(&text, "");
    for (size_t i = 0; i < count; i++)
        text_add(&text, "%s%zu", i ? "+" : "", numbers[i]);
    free(numbers);
    return text.text;
}

static void add_ratio(struct ratios *ratios, unsigned configuration, const struct pairs *pairs)
{
    struct paired p = paired_ratio(pairs->a, pairs->b, pairs->count, CONFIDENCE);
    ratios->all = array_grow(ratios->all, ratios->count, &ratios->room, sizeof *ratios->all);
    ratios->all[ratios->count++] = (struct ratio){.configuration = configuration,
                                                  .first = pairs->first,
                                                  .paired = p,
                                                  .ratio = rounded(p.ratio, DECIMALS),
                                                  .low = rounded(p.low, DECIMALS),
                                                  .high = rounded(p.high, DECIMALS),
                                                  .smallest = rounded(p.smallest, DECIMALS),
                                                  .drift = rounded(p.drift, DECIMALS),
                                                  .threshold = NAN,
                                                  .outliers = outliers_of(pairs)};
}

/* The noise threshold in the block of a configuration */
static double threshold_of(const struct run *run, const struct ratios *ratios,
                           const struct configuration *c)
{
    struct configuration wanted = *c;
    wanted.server = run->control;
    int control = rows_find(&run->trials, &wanted);
    const struct ratio *r = control < 0 ? NULL : ratio_of(ratios, (unsigned)control);
    return r ? rounded_to_digits(noise_threshold(r->ratio, r->low, r->high), THRESHOLD_DIGITS)
             : NAN;
}

static void compare_with_threshold(const struct run *run, struct ratios *ratios, struct ratio *r)
{
    const struct configuration *c = &run->trials.configurations[r->configuration];
    if (role_of(run, c->server) != ROLE_CONTROL)
        r->threshold = threshold_of(run, ratios, c);
    double threshold = isnan(r->threshold) ? 0 : r->threshold;
    r->outcome = paired_outcome(&r->paired, threshold);
    paired_sentence(&r->paired, threshold, r->sentence, sizeof r->sentence);
}

static int by_first_pair(const void *a, const void *b)
{
    unsigned x = ((const struct ratio *)a)->first, y = ((const struct ratio *)b)->first;
    return (x > y) - (x < y);
}

struct ratios ratios_of(const struct run *run, enum column column)
{
    struct ratios ratios = {NULL, 0, 0};
    struct bases bases;
    add_bases(&bases, run, column);
    for (unsigned i = 0; i < run->trials.configuration_count; i++) {
        if (strcmp(run->trials.configurations[i].server, run->baseline) == 0)
            continue;
        struct pairs pairs = pairs_of(run, &bases, i, column);
        if (pairs.count > 0)
            add_ratio(&ratios, i, &pairs);
        free(pairs.a);
        free(pairs.b);
    }
    tdestroy(bases.tree, leave);
    free(bases.all);
    if (ratios.count > 0)
        qsort(ratios.all, ratios.count, sizeof *ratios.all, by_first_pair);
    for (unsigned i = 0; i < ratios.count; i++)
        compare_with_threshold(run, &ratios, &ratios.all[i]);
    return ratios;
}

void ratios_free(struct ratios *ratios)
{
    for (unsigned i = 0; i < ratios->count; i++)
        free(ratios->all[i].outliers);
    free(ratios->all);
    *ratios = (struct ratios){NULL, 0, 0};
}

const struct ratio *ratio_of(const struct ratios *ratios, unsigned configuration)
{
    for (unsigned i = 0; i < ratios->count; i++)
        if (ratios->all[i].configuration == configuration)
            return &ratios->all[i];
    return NULL;
}
