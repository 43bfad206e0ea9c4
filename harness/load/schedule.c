/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule.h"

#include "harness/lib/clock.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
    SEED_OFFSET = 4358
}; /* the generator replaces 0 by 4357, which would be the same schedule */

struct schedule {
    struct schedule_options options;
    uint64_t arrival; /* number of the next arrival, in the schedule of all threads */
    uint64_t step;    /* distance between arrivals of this thread */
    gsl_rng *random;
    uint64_t drawn; /* how many gaps were drawn, and ... */
    double
        drawn_sum; /* ... their sum, ns (of a rising rate: in mean gaps); a double is exact to the nanosecond for 104 days */
};

struct schedule *schedule_open(const struct schedule_options *options, unsigned thread,
                               unsigned threads)
{
    struct schedule *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->options = *options;
    s->arrival = thread;
    s->step = threads;
    if (options->kind != SCHEDULE_POISSON)
        return s;
    /* GSL's default error handler would abort the program */
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    s->random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_set_error_handler(handler);
    if (!s->random) {
        free(s);
        return NULL;
    }
    gsl_rng_set(s->random, options->seed + SEED_OFFSET);
    return s;
}

void schedule_close(struct schedule *s)
{
    if (s && s->random)
        gsl_rng_free(s->random);
    free(s);
}

/* The time at which the integral of a rising rate is `n`. The inverse is written without a subtraction: for a flat ramp the
 * difference between a root and the rate would cancel all digits. */
static uint64_t ramped(const struct schedule_options *o, double n)
{
    double first = (double)o->rate / 1e9, last = (double)o->rate_end / 1e9; /* per ns */
    double begin = (double)o->ramp_begin_ns, length = (double)o->ramp_ns;
    double rise = (last - first) / length, in_ramp = (first + last) / 2 * length;
    double after_begin = n - first * begin;
    if (after_begin <= 0)
        return (uint64_t)llround(n / first);
    if (after_begin >= in_ramp)
        return (uint64_t)llround(begin + length + (after_begin - in_ramp) / last);
    double root = sqrt(first * first + 2 * rise * after_begin);
    return (uint64_t)llround(begin + 2 * after_begin / (first + root));
}

/* Computed from the arrival's number, so errors do not accumulate. Seconds and the remainder are separate, so that no
 * product overflows. */
static uint64_t constant(struct schedule *s)
{
    if (s->options.ramp_ns)
        return ramped(&s->options, (double)s->arrival);
    uint64_t rate = s->options.rate, rest = s->arrival % rate;
    return s->arrival / rate * NS_PER_S + rest * NS_PER_S / rate;
}

/* Each thread draws the gaps of all threads. */
static uint64_t poisson(struct schedule *s)
{
    bool rises = s->options.ramp_ns > 0;
    double mean = rises ? 1 : 1e9 / (double)s->options.rate;
    for (; s->drawn <= s->arrival; s->drawn++)
        s->drawn_sum += gsl_ran_exponential(s->random, mean);
    return rises ? ramped(&s->options, s->drawn_sum) : (uint64_t)llround(s->drawn_sum);
}

static uint64_t burst(struct schedule *s)
{
    return (s->arrival / s->options.burst + 1) * s->options.every_ns;
}

uint64_t schedule_next(struct schedule *s)
{
    static uint64_t (*const kinds[])(struct schedule *) = {
        [SCHEDULE_CONSTANT] = constant,
        [SCHEDULE_POISSON] = poisson,
        [SCHEDULE_BURST] = burst,
    };
    uint64_t at = kinds[s->options.kind](s);
    s->arrival += s->step;
    return at;
}

double schedule_rate(const struct schedule_options *options)
{
    if (options->kind == SCHEDULE_BURST)
        return (double)options->burst * 1e9 / (double)options->every_ns;
    if (options->ramp_ns)
        return ((double)options->rate + (double)options->rate_end) / 2;
    return (double)options->rate;
}
