/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/load/schedule.h"

#include "support.h"

#include <math.h>
#include <stdlib.h>

enum { GAPS = 100000, TOGETHER = 20000 };

#define CONSTANT(per_second)      .kind = SCHEDULE_CONSTANT, .rate = (per_second)
#define POISSON(per_second, from) .kind = SCHEDULE_POISSON, .rate = (per_second), .seed = (from)
#define BURST(size, ns)           .kind = SCHEDULE_BURST, .burst = (size), .every_ns = (ns)
#define RAMP(kind_, from, to, after_ns, in_ns, seed_)                                        \
    .kind = SCHEDULE_##kind_, .rate = (from), .rate_end = (to), .ramp_begin_ns = (after_ns), \
    .ramp_ns = (in_ns), .seed = (seed_)

struct row {
    const char *name;
    struct schedule_options options;
    double rate;
};

static struct schedule *opened(const struct schedule_options *options, unsigned thread,
                               unsigned threads)
{
    struct schedule *schedule = schedule_open(options, thread, threads);
    assert_non_null(schedule);
    return schedule;
}

static const struct row constants[] = {
    {"1 a second", {CONSTANT(1)}},
    {"3 a second", {CONSTANT(3)}},
    {"999 a second", {CONSTANT(999)}},
    {"7001 a second", {CONSTANT(7001)}},
    {"65536 a second", {CONSTANT(65536)}},
    {"999983 a second", {CONSTANT(999983)}},
    {"3000000 a second", {CONSTANT(3000000)}},
    {"999999999 a second", {CONSTANT(999999999)}},
};

/* No more than the rounding to whole nanoseconds away from k / rate, however large k: no drift. */
TEST(constant_arrival_k_is_at_k_by_rate)
{
    const struct row *row = *state;
    struct schedule *schedule = opened(&row->options, 0, 1);
    for (uint64_t k = 0; k < 1000000; k++) {
        uint64_t at = schedule_next(schedule) * row->options.rate, exact = k * 1000000000;
        assert_true((at > exact ? at - exact : exact - at) < row->options.rate);
    }
    schedule_close(schedule);
}

/* 2 x 10^11 seconds are 6,000 years. */
TEST(constant_far_from_the_begin)
{
    static const struct schedule_options options = {CONSTANT(1)};
    enum { STEP = 2000000000 };
    struct schedule *schedule = opened(&options, STEP - 1, STEP);
    for (uint64_t k = 1; k <= 4; k++)
        assert_int_equal(schedule_next(schedule), (k * STEP - 1) * 1000000000);
    schedule_close(schedule);
}

static const struct row all_kinds[] = {
    {"constant, 1 a second", {CONSTANT(1)}, 1},
    {"constant, 7001 a second", {CONSTANT(7001)}, 7001},
    {"constant, a million a second", {CONSTANT(1000000)}, 1e6},
    {"poisson, 1 a second", {POISSON(1, 1)}, 1},
    {"poisson, 7001 a second", {POISSON(7001, 2)}, 7001},
    {"poisson, a million a second", {POISSON(1000000, 3)}, 1e6},
    {"constant, rising", {RAMP(CONSTANT, 1000, 20000, 0, 60000000000, 1)}, 10500},
    {"constant, hardly rising",
     {RAMP(CONSTANT, 9999999, 10000000, 5, 86400000000000, 1)},
     9999999.5},
    {"poisson, rising", {RAMP(POISSON, 1, 20001, 1000000000, 1000000000, 2)}, 10001},
    {"burst of 1", {BURST(1, 1000000)}, 1000},
    {"burst of 7", {BURST(7, 3000000000)}, 7.0 / 3},
    {"burst of 1000", {BURST(1000, 100000000)}, 10000},
};

TEST(rate_is_known)
{
    const struct row *row = *state;
    assert_near(schedule_rate(&row->options), row->rate);
}

TEST(arrivals_never_go_back)
{
    const struct row *row = *state;
    struct schedule *schedule = opened(&row->options, 0, 1);
    uint64_t last = 0;
    for (int i = 0; i < GAPS; i++) {
        uint64_t at = schedule_next(schedule);
        assert_true(at >= last);
        last = at;
    }
    schedule_close(schedule);
}

TEST(threads_share_the_schedule_of_one)
{
    static const unsigned counts[] = {2, 3, 64};
    const struct row *row = *state;
    for (size_t c = 0; c < COUNT(counts); c++) {
        struct schedule *one = opened(&row->options, 0, 1), *all[64];
        for (unsigned i = 0; i < counts[c]; i++)
            all[i] = opened(&row->options, i, counts[c]);
        for (unsigned i = 0; i < TOGETHER; i++)
            assert_int_equal(schedule_next(all[i % counts[c]]), schedule_next(one));
        for (unsigned i = 0; i < counts[c]; i++)
            schedule_close(all[i]);
        schedule_close(one);
    }
}

TEST(burst_is_at_once_and_first_after_a_pause)
{
    static const struct row bursts[] = {
        {"1", {BURST(1, 1)}}, {"5", {BURST(5, 250000000)}}, {"1000", {BURST(1000, 3600000000000)}}};
    for (size_t b = 0; b < COUNT(bursts); b++) {
        const struct schedule_options *options = &bursts[b].options;
        struct schedule *schedule = opened(options, 0, 1);
        for (uint64_t k = 1; k <= 100; k++)
            for (unsigned long i = 0; i < options->burst; i++)
                assert_int_equal(schedule_next(schedule), k * options->every_ns);
        schedule_close(schedule);
    }
}

static const struct row rising[] = {
    {"1000 to 20000 in a minute", {RAMP(CONSTANT, 1000, 20000, 0, 60000000000, 1)}},
    {"the same after a second", {RAMP(CONSTANT, 1000, 20000, 1000000000, 60000000000, 1)}},
    {"hardly rising", {RAMP(CONSTANT, 9999, 10000, 0, 60000000000, 1)}},
    {"from next to nothing", {RAMP(CONSTANT, 1, 1000000, 0, 1000000000, 1)}},
    {"poisson, seed 1", {RAMP(POISSON, 1000, 20000, 0, 60000000000, 1)}},
    {"poisson, seed 2, after a second", {RAMP(POISSON, 10, 100000, 1000000000, 3000000000, 2)}},
};

/* From a to b in D: the i-th tenth has D / 10 (a + (b - a) (i + 1/2) / 10) arrivals; before it the rate is a. Of constant
 * arrivals that is exact; a Poisson number is within 4 standard deviations. */
TEST(rising_rate_has_its_integral_in_each_tenth)
{
    const struct row *row = *state;
    const struct schedule_options *o = &row->options;
    struct schedule *schedule = opened(o, 0, 1);
    double seconds = (double)o->ramp_ns / 1e9, rise = (double)(o->rate_end - o->rate);
    uint64_t counts[10] = {0}, before = 0;
    for (uint64_t at; (at = schedule_next(schedule)) < o->ramp_begin_ns + o->ramp_ns;)
        if (at < o->ramp_begin_ns)
            before++;
        else
            counts[(at - o->ramp_begin_ns) * 10 / o->ramp_ns]++;
    schedule_close(schedule);
    for (int i = 0; i < 10; i++) {
        double wanted = seconds / 10 * ((double)o->rate + rise * (i + 0.5) / 10);
        double slack = o->kind == SCHEDULE_POISSON ? 4 * sqrt(wanted) : 1;
        assert_true(fabs((double)counts[i] - wanted) <= slack);
    }
    double wanted = (double)o->rate * (double)o->ramp_begin_ns / 1e9;
    assert_true(fabs((double)before - wanted) <= 4 * sqrt(wanted));
}

/* 1 to 3 a second in 2 s are 4 arrivals; from then on there are 3 a second. */
TEST(rate_stays_after_it_has_risen)
{
    static const struct schedule_options options = {
        RAMP(CONSTANT, 1, 3, 1000000000, 2000000000, 1)};
    struct schedule *schedule = opened(&options, 0, 1);
    for (int i = 0; i < 5; i++)
        schedule_next(schedule);
    for (unsigned i = 0; i < 9; i++)
        assert_int_equal(schedule_next(schedule), 3000000000 + (i * UINT64_C(1000000000) + 1) / 3);
    schedule_close(schedule);
}

/* How many of the first arrivals of two schedules are the same. */
static int count_same(const struct schedule_options *a, const struct schedule_options *b)
{
    struct schedule *one = opened(a, 0, 1), *other = opened(b, 0, 1);
    int same = 0;
    for (int i = 0; i < 1000; i++)
        same += schedule_next(one) == schedule_next(other);
    schedule_close(one);
    schedule_close(other);
    return same;
}

struct seeds {
    const char *name;
    unsigned long one, other;
};

static const struct seeds different_seeds[] = {
    {"1 and 2", 1, 2},
    {"0 and 1", 0, 1},
    {"1000000 and 1000001", 1000000, 1000001},
    {"0 and 999999999", 0, 999999999},
    {"0 and 4357, which gsl_rng_mt19937 takes for 0", 0, 4357},
};

TEST(seed_makes_the_schedule)
{
    const struct seeds *row = *state;
    const struct schedule_options one = {POISSON(1000, row->one)};
    const struct schedule_options other = {POISSON(1000, row->other)};
    assert_int_equal(count_same(&one, &one), 1000);
    assert_int_equal(count_same(&other, &other), 1000);
    assert_true(count_same(&one, &other) < 10);
}

/* In units of the mean gap. */
static void draw_gaps(double *gap, const struct schedule_options *options)
{
    struct schedule *schedule = opened(options, 0, 1);
    uint64_t last = 0;
    for (int i = 0; i < GAPS; i++) {
        uint64_t at = schedule_next(schedule);
        gap[i] = (double)(at - last) * (double)options->rate / 1e9;
        last = at;
    }
    schedule_close(schedule);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov and Smirnov's D between the gaps and the exponential distribution of that mean. Sorts. */
static double distance(double *gap, double mean)
{
    double most = 0;
    qsort(gap, GAPS, sizeof *gap, compare);
    for (int i = 0; i < GAPS; i++) {
        double wanted = -expm1(-gap[i] / mean);
        most = fmax(most, fmax(wanted - (double)i / GAPS, (double)(i + 1) / GAPS - wanted));
    }
    return most;
}

static const struct row poissons[] = {
    {"100 a second, seed 1", {POISSON(100, 1)}},
    {"100 a second, seed 2", {POISSON(100, 2)}},
    {"7001 a second, seed 3", {POISSON(7001, 3)}},
    {"7001 a second, seed 4", {POISSON(7001, 4)}},
    {"7001 a second, seed 123456789", {POISSON(7001, 123456789)}},
    {"a million a second, seed 5", {POISSON(1000000, 5)}},
    {"a million a second, seed 6", {POISSON(1000000, 6)}},
};

/* The mean within 4 standard errors (a gap's deviation is its mean), as is the correlation of each gap
 * with the next; D within what one in a hundred exceeds, and, to see that it would be noticed, beyond
 * that if the mean were 2 % off. */
TEST(poisson_gaps_are_independent_and_exponential)
{
    static double gap[GAPS];
    const struct row *row = *state;
    double sum = 0, products = 0, squares = 0, error = 1 / sqrt(GAPS), limit = 1.628 * error;
    draw_gaps(gap, &row->options);
    for (int i = 0; i < GAPS; i++) {
        sum += gap[i];
        squares += (gap[i] - 1) * (gap[i] - 1);
        products += i ? (gap[i] - 1) * (gap[i - 1] - 1) : 0;
    }
    assert_true(gap[0] > 0); /* the first is one, too */
    assert_true(fabs(sum / GAPS - 1) < 4 * error);
    assert_true(fabs(products / squares) < 4 * error);
    assert_true(distance(gap, 1) < limit);
    assert_true(distance(gap, 1.02) > limit);
    assert_true(distance(gap, 1 / 1.02) > limit);
}

int main(void)
{
    ADD_ROWS(constant_arrival_k_is_at_k_by_rate, constants);
    ADD(constant_far_from_the_begin);
    ADD_ROWS(rate_is_known, all_kinds);
    ADD_ROWS(arrivals_never_go_back, all_kinds);
    ADD_ROWS(threads_share_the_schedule_of_one, all_kinds);
    ADD(burst_is_at_once_and_first_after_a_pause);
    ADD_ROWS(rising_rate_has_its_integral_in_each_tenth, rising);
    ADD(rate_stays_after_it_has_risen);
    ADD_ROWS(seed_makes_the_schedule, different_seeds);
    ADD_ROWS(poisson_gaps_are_independent_and_exponential, poissons);
    return run_added(NULL, NULL);
}
