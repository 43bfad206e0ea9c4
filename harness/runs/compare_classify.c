/* SPDX-License-Identifier: BSD-2-Clause */
/* The outcomes of the comparisons with A, and the ratios within the runs. */

#include "compare.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { THRESHOLD_DECIMALS = 6, SEED = 1 };
static const double CONFIDENCE = 95;

/* ---- noise thresholds ---- */

/* Of two controls in a block the later one is used, of two ratios of a configuration the first. */
static void index_ratios(struct own_ratios *own)
{
    for (unsigned i = 0; i < own->count; i++)
        lookup_add(&own->by_key, &own->all[i].key, i);
    for (unsigned i = own->count; i-- > 0;) {
        struct configuration block = key_of_block(&own->all[i].key);
        if (own->all[i].control && own->all[i].ratio > 0)
            lookup_add(&own->control_of, &block, i);
    }
}

/* The noise threshold in the block of a configuration; NAN if the run has no A/A control. */
static double own_threshold(const struct side *side, unsigned metric,
                            const struct configuration *key)
{
    const struct own_ratios *own = &side->ratios[metric];
    struct configuration block = key_of_block(key);
    int i = lookup_find(&own->control_of, &block);
    return i < 0 ? NAN : noise_threshold(own->all[i].ratio, own->all[i].low, own->all[i].high);
}

/* The larger one of both runs; NAN = neither has a control. */
static double threshold_of(const struct comparison *c, unsigned metric, unsigned side,
                           const struct configuration *key)
{
    return rounded(
        fmax(own_threshold(&c->sides[0], metric, key), own_threshold(&c->sides[side], metric, key)),
        THRESHOLD_DECIMALS);
}

/* ---- comparisons with A ---- */

static const char *classify(enum outcome outcome, const char *direction)
{
    if (outcome != OUTCOME_MORE && outcome != OUTCOME_LESS)
        return "undecided";
    if (strcmp(direction, "more") != 0 && strcmp(direction, "less") != 0)
        return "different";
    return strcmp(outcome_word(outcome), direction) == 0 ? "better" : "worse";
}

/* For a comparison in which a side has no value */
static void set_missing_sentence(const struct comparison *c, struct metric_result *j)
{
    size_t a = j->result.n_b, b = j->result.n_a;
    if (j->outcome == OUTCOME_NOTHING)
        snprintf(j->sentence, sizeof j->sentence, "nothing to compare: no valid value in %s%s%s",
                 a ? "" : c->sides[0].letter, a || b ? "" : " and ",
                 b ? "" : c->sides[j->side].letter);
}

static struct metric_result compare_metric(struct comparison *c, struct resamples *kept,
                                           unsigned metric, unsigned side,
                                           const struct candidate *b)
{
    const struct candidate *a = candidate_find(&c->sides[0], &b->key);
    struct sample of_run = {b->values[metric].all, b->values[metric].count},
                  of_a = {a->values[metric].all, a->values[metric].count};
    struct metric_result j = {.metric = metric, .side = side, .key = a->key};
    j.threshold = threshold_of(c, metric, side, &a->key);
    double threshold = isnan(j.threshold) ? 0 : j.threshold;
    j.result = unpaired_compare_with(kept, of_run, of_a, CONFIDENCE, SEED);
    j.outcome = unpaired_outcome(&j.result, threshold);
    unpaired_sentence(&j.result, threshold, j.sentence, sizeof j.sentence);
    j.judgement = classify(j.outcome, metric_direction(c, column_name(c->metric[metric])));
    j.tested = j.outcome != OUTCOME_NOTHING && j.outcome != OUTCOME_SINGLE &&
               strncmp(j.sentence, "too few", 7) != 0;
    set_missing_sentence(c, &j);
    return j;
}

static double or_0(double value)
{
    return isnan(value) ? 0 : value;
}

static int key_order(const struct configuration *x, const struct configuration *y)
{
    const double pairs[][2] = {{x->connections, y->connections},
                               {x->rate, y->rate},
                               {x->requests, y->requests},
                               {x->cpus, y->cpus},
                               {x->workers, y->workers}};
    for (int i = 0; i < 5; i++) {
        double p = or_0(pairs[i][0]), q = or_0(pairs[i][1]);
        if (p != q)
            return p > q ? 1 : -1;
    }
    return strcmp(x->server, y->server);
}

static int result_order(const void *a, const void *b)
{
    const struct metric_result *x = a, *y = b;
    if (x->metric != y->metric)
        return x->metric > y->metric ? 1 : -1;
    if (x->side != y->side)
        return x->side > y->side ? 1 : -1;
    return key_order(&x->key, &y->key);
}

static bool has_values(const struct side *side, unsigned metric)
{
    for (unsigned i = 0; i < side->count; i++)
        if (side->candidates[i].values[metric].count > 0)
            return true;
    return false;
}

/* ---- loads ---- */

bool same_compared_load(const struct configuration *a, const struct configuration *b)
{
    struct configuration as_if = *b;
    as_if.workers = a->workers;
    return same_block(a, &as_if);
}

/* Loads are numbered in the order of output. */
static void number_loads(struct comparison *c)
{
    for (unsigned i = 0; i < c->result_count; i++) {
        struct configuration load = key_of_load(&c->results[i].key, "");
        lookup_add(&c->loads, &load, c->loads.count);
    }
}

int compare_classify(struct comparison *c, struct complaint *why)
{
    struct resamples kept = {NULL, 0, 0};
    for (unsigned side = 0; side < c->count; side++)
        for (unsigned m = 0; m < c->metrics; m++)
            index_ratios(&c->sides[side].ratios[m]);
    for (unsigned side = 0; side < c->count; side++)
        for (unsigned m = 0; m < c->metrics; m++)
            if (!has_values(&c->sides[side], m)) {
                complain(why, "no valid sample of %s has a value in %s: choose another --metric",
                         c->sides[side].letter, column_name(c->metric[m]));
                return EXIT_USAGE;
            }
    for (unsigned side = 1; side < c->count; side++)
        for (unsigned i = 0; i < c->sides[side].count; i++) {
            const struct candidate *candidate = &c->sides[side].candidates[i];
            if (!is_compared(c, side, candidate))
                continue;
            for (unsigned m = 0; m < c->metrics; m++) {
                c->results = array_grow(c->results, c->result_count, &c->result_room,
                                        sizeof *c->results);
                c->results[c->result_count++] = compare_metric(c, &kept, m, side, candidate);
            }
        }
    resamples_free(&kept);
    qsort(c->results, c->result_count, sizeof *c->results, result_order);
    number_loads(c);
    return EXIT_DONE;
}

/* ---- within the runs ---- */

/* Compared configurations and their blocks. A control is listed with the compared configurations of its block. */
struct common {
    struct lookup keys, blocks;
};

static struct common common_of(const struct comparison *c)
{
    struct common common = {.keys = {NULL}, .blocks = {NULL}};
    for (unsigned i = 0; i < c->result_count; i++) {
        struct configuration block = key_of_block(&c->results[i].key);
        lookup_add(&common.keys, &c->results[i].key, i);
        lookup_add(&common.blocks, &block, i);
    }
    return common;
}

static bool is_common(const struct common *common, const struct own_ratio *r)
{
    struct configuration block = key_of_block(&r->key);
    return r->control ? lookup_find(&common->blocks, &block) >= 0
                      : lookup_find(&common->keys, &r->key) >= 0;
}

static const struct own_ratio *ratio_with(const struct side *side, unsigned metric,
                                          const struct configuration *key)
{
    int i = lookup_find(&side->ratios[metric].by_key, key);
    return i < 0 ? NULL : &side->ratios[metric].all[i];
}

/* The relation of a run's interval to A's. "floor": apart, but by less than the noise threshold. */
static const char *relation(const struct own_ratio *a, const struct own_ratio *b, double threshold)
{
    if (!a || !b || !(a->low > 0 && a->high > 0 && b->low > 0 && b->high > 0))
        return "";
    if (a->low <= b->high && b->low <= a->high)
        return "overlap";
    if (outcome_distance(b->ratio / a->ratio) < (isnan(threshold) ? 0 : threshold))
        return "floor";
    return b->low > a->high ? "higher" : "lower";
}

static void add_within(struct comparison *c, unsigned metric, const struct configuration *key)
{
    c->within = array_grow(c->within, c->within_count, &c->within_room, sizeof *c->within);
    struct within *w = &c->within[c->within_count++];
    *w = (struct within){.metric = metric, .key = *key};
    for (unsigned side = 0; side < c->count; side++) {
        const struct candidate *candidate = candidate_find(&c->sides[side], key);
        bool compared = side > 0 && candidate && is_compared(c, side, candidate);
        w->ratios[side] = ratio_with(&c->sides[side], metric, key);
        w->relation[side] = side == 0
                                ? ""
                                : relation(w->ratios[0], w->ratios[side],
                                           compared ? threshold_of(c, metric, side, key) : NAN);
    }
}

static int within_order(const void *a, const void *b)
{
    const struct within *x = a, *y = b;
    if (x->metric != y->metric)
        return x->metric > y->metric ? 1 : -1;
    return key_order(&x->key, &y->key);
}

/* seen: already added */
static void add_side(struct comparison *c, const struct common *common, struct lookup *seen,
                     const struct side *side)
{
    for (unsigned m = 0; m < c->metrics; m++)
        for (unsigned i = 0; i < side->ratios[m].count; i++) {
            const struct own_ratio *r = &side->ratios[m].all[i];
            unsigned number = c->within_count;
            if (!is_common(common, r) || lookup_add(seen, &r->key, number) < number)
                continue;
            for (unsigned k = 0; k < c->metrics; k++)
                add_within(c, k, &r->key);
        }
}

void compare_within(struct comparison *c)
{
    for (unsigned i = 1; i < c->count; i++)
        c->baselines_differ |= strcmp(c->sides[i].baseline, c->sides[0].baseline) != 0;
    if (c->baselines_differ)
        return;
    struct common common = common_of(c);
    struct lookup seen = {.all = NULL};
    for (unsigned i = 0; i < c->count; i++)
        add_side(c, &common, &seen, &c->sides[i]);
    lookup_free(&common.keys);
    lookup_free(&common.blocks);
    lookup_free(&seen);
    if (c->within_count > 0)
        qsort(c->within, c->within_count, sizeof *c->within, within_order);
    for (unsigned i = 0; i < c->within_count; i++)
        lookup_add(&c->within_of[c->within[i].metric], &c->within[i].key, i);
}
