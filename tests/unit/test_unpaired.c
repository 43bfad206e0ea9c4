/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/stats/unpaired.h"

#include "harness/stats/paired.h"
#include "harness/stats/sample.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 64 };

/* How many random samples are compared, each by 10,000 resamples: a tenth in the quick tier; `test_unpaired long`, which
 * tests/cli/simulations.bats runs, has all. */
static int series = 10, plain = 2, pairs = 100;

static const double PERCENT = 95;
static const unsigned long SEED = 1;

struct two {
    double a[VALUES_MAX], b[VALUES_MAX];
    size_t n_a, n_b;
};

static struct unpaired compare(const struct two *t)
{
    return unpaired_compare((struct sample){t->a, t->n_a}, (struct sample){t->b, t->n_b}, PERCENT,
                            SEED);
}

/* ---- p ---- */

struct known_p {
    const char *name;
    size_t n_a, n_b;
    double a[VALUES_MAX], b[VALUES_MAX];
    double p;
};

static const struct known_p known_p[] = {
    /* One order of C(n_a + n_b, n_a) at either end. */
    {"1 and 1", 1, 1, {1}, {2}, 1},
    {"3 and 3 apart", 3, 3, {4, 5, 6}, {1, 2, 3}, 2.0 / 20},
    {"3 and 4 apart", 3, 4, {4, 5, 6}, {0, 1, 2, 3}, 2.0 / 35},
    {"4 and 4 apart", 4, 4, {-4, -3, -2, -1}, {1, 2, 3, 4}, 2.0 / 70},
    /* u = 2: of the 252 orders 1 has u = 0, 1 has 1, 2 have 2. */
    {"5 and 5, u = 2", 5, 5, {1, 2, 3, 5, 6}, {4, 7, 8, 9, 10}, 8.0 / 252},
    /* u = 4 of 8 is the middle, where both tails together are more than 1. */
    {"2 and 4, in the middle", 2, 4, {1, 6}, {2, 3, 4, 5}, 1},
    /* The example of R's wilcox.test (M. Hollander, D. A. Wolfe, 1973, page 69): W = 35, one-sided
     * p = 0.1272 there; counting all 3003 orders finds 382 with u <= 15. */
    {"R's example",
     10,
     5,
     {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46},
     {1.15, 0.88, 0.90, 0.74, 1.21},
     2 * 382.0 / 3003},
    /* u = 2.5, mean 8; 3, 2 and 2 values are shared: variance 16/12 * (9 - 36/56); z = 5 /
     * 3.3380918; p from the series of the normal distribution, with bc. */
    {"ties", 4, 4, {1, 2, 2, 3}, {2, 3, 4, 4}, 0.134169180},
    {"all the same", 4, 4, {7, 7, 7, 7}, {7, 7, 7, 7}, 1},
    /* u = 0, mean 220.5, variance 441 * 43 / 12; z = 220 / 39.7523584; p with bc. */
    {"21 and 21 apart",
     21,
     21,
     {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21},
     {31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51},
     3.12539999e-8},
};

TEST(p_of_known_answer)
{
    const struct known_p *row = *state;
    struct sample a = {row->a, row->n_a}, b = {row->b, row->n_b};
    assert_near(unpaired_compare(a, b, PERCENT, SEED).p, row->p);
    assert_near(unpaired_compare(b, a, PERCENT, SEED).p, row->p);
}

struct critical {
    const char *name;
    size_t n_a, n_b, u;
};

/* The largest u with a two-sided p of at most 0.05, as all textbooks print it (D. Auble, 1953). */
static const struct critical criticals[] = {
    {"4, 4", 4, 4, 0},       {"5, 5", 5, 5, 2},      {"6, 6", 6, 6, 5},      {"6, 9", 6, 9, 10},
    {"7, 11", 7, 11, 16},    {"8, 8", 8, 8, 13},     {"9, 20", 9, 20, 48},   {"10, 10", 10, 10, 23},
    {"12, 12", 12, 12, 37},  {"13, 17", 13, 17, 63}, {"15, 15", 15, 15, 64}, {"20, 5", 20, 5, 20},
    {"20, 20", 20, 20, 127},
};

/* Values of which exactly u pairs have a > b, and none a = b. */
static struct two values_with(size_t n_a, size_t n_b, size_t u)
{
    struct two t = {.n_a = n_a, .n_b = n_b};
    for (size_t i = 0; i < n_b; i++)
        t.b[i] = (double)i;
    for (size_t i = 0; i < n_a; i++) {
        size_t below = u < n_b ? u : n_b;
        t.a[i] = (double)below - 0.9 + 0.01 * (double)i;
        u -= below;
    }
    return t;
}

TEST(critical_values_of_the_tables)
{
    const struct critical *row = *state;
    struct two at = values_with(row->n_a, row->n_b, row->u);
    struct two above = values_with(row->n_a, row->n_b, row->u + 1);
    assert_true(compare(&at).p <= 0.05);
    assert_true(compare(&above).p > 0.05);
}

/* ---- the interval ---- */

struct known_interval {
    const char *name;
    double percent;
    size_t n;
    double a[8];
    double low, high;
};

/* Against a reference that is 0 throughout. The median of 7 draws with replacement from 7 values is
 * at most the k-th of them with the probability that 4 or more of the draws are: 0.010 for k = 1,
 * 0.108 for k = 2; so 2.5 % of the resamples lie up to the 2nd. Of 6 values: 0.0087 up to the first,
 * 0.035 up to the middle between the first two. Of 2: 1/4 each at the ends, 1/2 between. */
static const struct known_interval known_intervals[] = {
    {"constant", 95, 5, {3, 3, 3, 3, 3}, 3, 3},
    {"of 5, the ends", 95, 5, {1, 2, 4, 8, 16}, 1, 16},
    {"of 7, the second from either end", 95, 7, {64, 1, 2, 32, 4, 8, 16}, 2, 32},
    {"of 6, between the first two", 95, 6, {1, 2, 4, 8, 16, 32}, 1.5, 24},
    {"of 4, the ends", 95, 4, {1, 2, 4, 8}, 1, 8},
    {"of 2, the ends", 95, 2, {1, 2}, 1, 2},
    {"of 2, the middle", 30, 2, {1, 2}, 1.5, 1.5},
};

TEST(interval_of_known_answer)
{
    const struct known_interval *row = *state;
    double zero[8] = {0};
    struct unpaired u = unpaired_compare((struct sample){row->a, row->n}, (struct sample){zero, 8},
                                         row->percent, SEED);
    assert_near(u.low, row->low);
    assert_near(u.high, row->high);
    assert_true(isnan(u.ratio) && isnan(u.ratio_low) && isnan(u.ratio_high));
}

static double random_normal(void)
{
    double radius = sqrt(-2 * log(1 - random_between(0, 1)));
    return radius * cos(2 * M_PI * random_between(0, 1));
}

static struct two normal_values(size_t n_a, size_t n_b, double effect, double deviation)
{
    struct two t = {.n_a = n_a, .n_b = n_b};
    for (size_t i = 0; i < n_a; i++)
        t.a[i] = exp(effect + deviation * random_normal());
    for (size_t i = 0; i < n_b; i++)
        t.b[i] = exp(deviation * random_normal());
    return t;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double plain_resampled_median(const double *values, size_t n)
{
    double drawn[VALUES_MAX];
    for (size_t i = 0; i < n; i++)
        drawn[i] = values[random_number() % n];
    qsort(drawn, n, sizeof *drawn, by_value);
    return (drawn[(n - 1) / 2] + drawn[n / 2]) / 2;
}

/* Resampling as the textbook does it: all values, then the median. */
static void plain_interval(const struct two *t, double *low, double *high)
{
    static double differences[RESAMPLES];
    for (size_t i = 0; i < RESAMPLES; i++)
        differences[i] = plain_resampled_median(t->a, t->n_a) -
                         plain_resampled_median(t->b, t->n_b);
    qsort(differences, RESAMPLES, sizeof *differences, by_value);
    *low = differences[RESAMPLES / 40];
    *high = differences[RESAMPLES - 1 - RESAMPLES / 40];
}

/* Of 10,000 resamples, the ends vary by some per cent of the width. */
TEST(interval_is_that_of_plain_resampling)
{
    for (int i = 0; i < plain; i++) {
        double low, high;
        struct two t = normal_values(10 + random_number() % 50, 10 + random_number() % 50, 0.1,
                                     0.3);
        struct unpaired u = compare(&t);
        plain_interval(&t, &low, &high);
        assert_true(fabs(u.low - low) < 0.06 * (high - low));
        assert_true(fabs(u.high - high) < 0.06 * (high - low));
    }
}

TEST(wider_with_more_confidence)
{
    struct two t = normal_values(30, 30, 0, 0.3);
    struct sample a = {t.a, t.n_a}, b = {t.b, t.n_b};
    struct unpaired u90 = unpaired_compare(a, b, 90, SEED), u99 = unpaired_compare(a, b, 99, SEED);
    assert_true(u99.low < u90.low && u90.high < u99.high);
    assert_true(u99.ratio_low < u90.ratio_low && u90.ratio_high < u99.ratio_high);
}

TEST(seed_decides)
{
    struct two t = normal_values(30, 31, 0, 0.3);
    struct sample a = {t.a, t.n_a}, b = {t.b, t.n_b};
    struct unpaired one = unpaired_compare(a, b, PERCENT, 1);
    struct unpaired again = unpaired_compare(a, b, PERCENT, 1);
    struct unpaired two = unpaired_compare(a, b, PERCENT, 2);
    assert_memory_equal(&one, &again, sizeof one);
    assert_true(one.low != two.low || one.high != two.high);
    assert_near(one.p, two.p);
}

/* More numbers of values than there is room for draws, and each of them twice */
TEST(kept_resamples_change_nothing)
{
    struct resamples kept = {NULL, 0, 0};
    for (int round = 0; round < 2; round++)
        for (size_t n_a = 2; n_a < 20; n_a++)
            for (size_t n_b = 2; n_b < 20; n_b++) {
                struct two t = normal_values(n_a, n_b, 0, 0.3);
                struct sample a = {t.a, t.n_a}, b = {t.b, t.n_b};
                struct unpaired with = unpaired_compare_with(&kept, a, b, PERCENT, SEED + n_a % 2);
                struct unpaired without = unpaired_compare(a, b, PERCENT, SEED + n_a % 2);
                assert_memory_equal(&with, &without, sizeof with);
            }
    resamples_free(&kept);
}

TEST(selects_what_sorting_would_put_there)
{
    double values[40], sorted[40], copy[40];
    for (size_t n = 1; n <= 40; n++)
        for (size_t k = 0; k < n; k++) {
            for (size_t i = 0; i < n; i++)
                values[i] = (double)(random_number() % (k % 2 ? 5 : 1000));
            memcpy(sorted, values, sizeof values);
            memcpy(copy, values, sizeof values);
            sample_sort(sorted, n);
            assert_true(sample_select(copy, n, k) == sorted[k]);
            assert_true(sample_select(sorted, n, k) == sorted[k]);
            sample_sort(copy, n);
            assert_memory_equal(copy, sorted, n * sizeof *copy);
        }
}

/* ---- what must not matter ---- */

static void shuffle(double *values, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = random_number() % i;
        double value = values[i - 1];
        values[i - 1] = values[j];
        values[j] = value;
    }
}

static struct two random_two(void)
{
    return normal_values(2 + random_number() % 30, 2 + random_number() % 30,
                         random_between(-0.5, 0.5), 0.2);
}

TEST(order_of_values_changes_nothing)
{
    for (int i = 0; i < series; i++) {
        struct two t = random_two();
        struct unpaired before = compare(&t);
        shuffle(t.a, t.n_a);
        shuffle(t.b, t.n_b);
        struct unpaired after = compare(&t);
        assert_memory_equal(&before, &after, sizeof before);
    }
}

TEST(scaling_leaves_ratio_and_p)
{
    for (int i = 0; i < series; i++) {
        struct two t = random_two();
        struct unpaired before = compare(&t);
        for (size_t j = 0; j < VALUES_MAX; j++) {
            t.a[j] *= 1000;
            t.b[j] *= 1000;
        }
        struct unpaired after = compare(&t);
        assert_near(after.ratio, before.ratio);
        assert_near(after.ratio_low, before.ratio_low);
        assert_near(after.ratio_high, before.ratio_high);
        assert_near(after.difference, 1000 * before.difference);
        assert_near(after.low, 1000 * before.low);
        assert_near(after.p, before.p);
    }
}

/* The resamples of the two groups are others then: the ends of the intervals agree to within some
 * per cent of the width. */
TEST(swapping_inverts)
{
    for (int i = 0; i < series; i++) {
        struct two t = random_two();
        struct sample a = {t.a, t.n_a}, b = {t.b, t.n_b};
        struct unpaired ab = compare(&t), ba = unpaired_compare(b, a, PERCENT, SEED);
        double width = ab.high - ab.low;
        assert_near(ba.ratio, 1 / ab.ratio);
        assert_near(ba.difference, -ab.difference);
        assert_near(ba.p, ab.p);
        assert_true(fabs(ba.low + ab.high) < 0.2 * width && fabs(ba.high + ab.low) < 0.2 * width);
    }
}

/* ---- what there is not ---- */

TEST(groups_without_values)
{
    double values[] = {2, 4};
    struct sample some = {values, 2}, one = {values, 1}, none = {values, 0};
    struct unpaired u = unpaired_compare(some, none, PERCENT, SEED);
    assert_near(u.median_a, 3);
    assert_true(isnan(u.median_b) && isnan(u.difference) && isnan(u.ratio) && isnan(u.p));
    assert_int_equal(unpaired_outcome(&u, 0), OUTCOME_NOTHING);
    u = unpaired_compare(some, one, PERCENT, SEED);
    assert_near(u.ratio, 1.5);
    assert_near(u.difference, 1);
    assert_true(isnan(u.low) && isnan(u.high) && isnan(u.ratio_low) && isnan(u.ratio_high));
    assert_int_equal(unpaired_outcome(&u, 0), OUTCOME_SINGLE);
    u = unpaired_compare(none, none, PERCENT, SEED);
    assert_int_equal(unpaired_outcome(&u, 0), OUTCOME_NOTHING);
}

TEST(a_ratio_only_of_what_is_above_0)
{
    double above[] = {1, 2, 3, 4}, with_zero[] = {0, 5, 6, 7}, below[] = {-1, 5, 6, 7};
    struct sample a = {above, 4}, zero = {with_zero, 4}, minus = {below, 4};
    assert_near(unpaired_compare(a, a, PERCENT, SEED).ratio, 1);
    assert_true(isnan(unpaired_compare(a, zero, PERCENT, SEED).ratio));
    assert_true(isnan(unpaired_compare(zero, a, PERCENT, SEED).ratio));
    assert_true(isnan(unpaired_compare(minus, a, PERCENT, SEED).ratio_low));
}

TEST(numbers_at_the_ends_of_what_a_double_holds)
{
    double high[] = {1.7e308, 1.7e308}, low[] = {5e-324, 5e-324};
    struct sample a = {high, 2}, b = {low, 2};
    struct unpaired u = unpaired_compare(a, b, PERCENT, SEED);
    assert_near(u.median_a, 1.7e308);
    assert_true(u.median_b > 0);
    assert_near(u.high, 1.7e308);
    assert_true(!isnan(u.ratio));
}

/* ---- outcomes and sentences ---- */

struct outcome_case {
    const char *name;
    struct unpaired unpaired;
    double threshold;
    enum outcome expected;
    const char *text; /* up to what all but one end with */
};

#define NO_RATIO NAN, NAN, NAN

static const struct outcome_case outcome_cases[] = {
    {"nothing",
     {0, 5, 95, NAN, 2, NAN, NAN, NAN, NO_RATIO, NAN},
     0,
     OUTCOME_NOTHING,
     "nothing to compare"},
    {"single",
     {1, 5, 95, 3, 2, 1, NAN, NAN, 1.5, NAN, NAN, 0.3},
     0,
     OUTCOME_SINGLE,
     "one value in a group: no interval"},
    {"too few, whatever p is",
     {3, 9, 95, 3, 2, 1, 0.9, 1.1, 1.5, 1.4, 1.6, 0.009},
     0,
     OUTCOME_NONE,
     "too few values: 3 and 9, at least 4 of each are needed"},
    {"more",
     {9, 8, 95, 3, 2, 1, 0.9, 1.1, 1.5, 1.4, 1.6, 0.049},
     0,
     OUTCOME_MORE,
     "1.500 times as much (95 % interval 1.400 to 1.600, 9 and 8 values)"},
    {"less",
     {9, 8, 95, 2, 4, -2, -3, -1, 0.5, 0.25, 0.75, 0.049},
     0.99,
     OUTCOME_LESS,
     "0.500 times as much (95 % interval 0.250 to 0.750, 9 and 8 values)"},
    {"less by less than the threshold",
     {9, 8, 95, 2, 4, -2, -3, -1, 0.5, 0.25, 0.75, 0.049},
     1.01,
     OUTCOME_BELOW_THRESHOLD,
     "0.500 times as much, but within the noise threshold of 101.0 %"},
    {"p alone says so",
     {9, 8, 95, 3, 2, 1, 0, 1.1, 1.5, 1, 1.6, 0.001},
     0,
     OUTCOME_NONE,
     "no significant difference; half the width of the interval is 0.55, 27.5 % of the baseline"},
    {"the interval alone says so",
     {9, 8, 95, 3, 2, 1, 0.5, 1.5, 1.5, 1.2, 1.7, 0.05},
     0,
     OUTCOME_NONE,
     "no significant difference; half the width of the interval is 0.5, 25.0 % of the baseline"},
    {"p of another confidence",
     {9, 8, 90, 3, 2, 1, 0.9, 1.1, 1.5, 1.4, 1.6, 0.099},
     0,
     OUTCOME_MORE,
     "1.500 times as much (90 % interval 1.400 to 1.600, 9 and 8 values)"},
    {"without a ratio",
     {9, 8, 95, -3, -2, -1, -1.5, -0.5, NO_RATIO, 0.001},
     0.49,
     OUTCOME_LESS,
     "1 less (95 % interval of the difference -1.5 to -0.5, 9 and 8 values)"},
    {"without a ratio, by less than the threshold",
     {9, 8, 95, -1, -2, 1, 0.5, 1.5, NO_RATIO, 0.001},
     0.51,
     OUTCOME_BELOW_THRESHOLD,
     "1 more, but within the noise threshold of 51.0 %"},
    {"a reference of 0 has no share",
     {9, 8, 95, 1, 0, 1, -1, 3, NO_RATIO, 0.001},
     0,
     OUTCOME_NONE,
     "no significant difference; half the width of the interval is 2"},
    {"nothing is below a threshold of 0",
     {9, 8, 95, 1, 0, 1, 0.5, 3, NO_RATIO, 0.001},
     9,
     OUTCOME_MORE,
     "1 more (95 % interval of the difference 0.5 to 3, 9 and 8 values)"},
};

TEST(outcome)
{
    static const char weaker[] = "; unpaired: every other difference between the two is included";
    const struct outcome_case *row = *state;
    char text[SENTENCE_SIZE], expected[SENTENCE_SIZE];
    assert_int_equal(unpaired_outcome(&row->unpaired, row->threshold), row->expected);
    snprintf(expected, sizeof expected, "%s%s", row->text,
             row->expected == OUTCOME_NOTHING ? "" : weaker);
    unpaired_sentence(&row->unpaired, row->threshold, text, sizeof text);
    assert_string_equal(text, expected);
}

/* ---- simulations ---- */

static bool differs(const struct two *t)
{
    struct unpaired u = compare(t);
    enum outcome outcome = unpaired_outcome(&u, 0);
    return outcome == OUTCOME_MORE || outcome == OUTCOME_LESS;
}

TEST(same_against_itself_differs_no_more_often_than_it_may)
{
    int different = 0, found = 0;
    for (int i = 0; i < pairs; i++) {
        struct two same = normal_values(20, 20, 0, 0.1), other = normal_values(20, 20, 0.2, 0.1);
        different += differs(&same);
        if (i < pairs / 10)
            found += differs(&other);
    }
    assert_in_range(different, pairs * 15 / 1000, pairs * 55 / 1000);
    assert_in_range(found, pairs / 10 * 95 / 100, pairs / 10);
}

enum { ROUNDS = 20 };

/* How slow the machine is at time t of 2 * ROUNDS: it becomes half as fast. */
static double slowness(int t)
{
    return exp(M_LN2 * t / (2.0 * ROUNDS));
}

static double value_at(int t, double effect)
{
    return slowness(t) * exp(effect + 0.01 * random_normal());
}

static enum outcome paired_verdict(const struct two *t)
{
    struct paired p = paired_ratio(t->a, t->b, ROUNDS, PERCENT);
    return paired_outcome(&p, 0);
}

static enum outcome unpaired_verdict(const struct two *t)
{
    struct unpaired u = compare(t);
    return unpaired_outcome(&u, 0);
}

/* The same twice, first all of B, then all of A: what is slower is the machine. Side by side, and by
 * turns the first of a pair, nothing is. */
TEST(drift_makes_a_false_difference_of_what_is_not_paired)
{
    struct two turns = {.n_a = ROUNDS, .n_b = ROUNDS}, blocks = turns;
    for (int i = 0; i < ROUNDS; i++) {
        turns.a[i] = value_at(2 * i + i % 2, 0);
        turns.b[i] = value_at(2 * i + 1 - i % 2, 0);
        blocks.b[i] = value_at(i, 0);
        blocks.a[i] = value_at(ROUNDS + i, 0);
    }
    assert_int_equal(paired_verdict(&turns), OUTCOME_NONE);
    assert_int_equal(unpaired_verdict(&blocks), OUTCOME_MORE);
}

/* The same numbers: the drift is in both halves of a pair, and hides 5 % from who does not pair. */
TEST(drift_hides_a_true_difference_from_what_is_not_paired)
{
    struct two t = {.n_a = ROUNDS, .n_b = ROUNDS};
    for (int i = 0; i < ROUNDS; i++) {
        t.a[i] = value_at(2 * i + i % 2, 0.05);
        t.b[i] = value_at(2 * i + 1 - i % 2, 0);
    }
    struct paired p = paired_ratio(t.a, t.b, ROUNDS, PERCENT);
    assert_int_equal(paired_verdict(&t), OUTCOME_MORE);
    assert_true(p.low < exp(0.05) && exp(0.05) < p.high && p.high - p.low < 0.04);
    assert_int_equal(unpaired_verdict(&t), OUTCOME_NONE);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "long") == 0) {
        series = 200;
        plain = 20;
        pairs = 1000;
    }
    ADD_ROWS(p_of_known_answer, known_p);
    ADD_ROWS(critical_values_of_the_tables, criticals);
    ADD_ROWS(interval_of_known_answer, known_intervals);
    ADD(interval_is_that_of_plain_resampling);
    ADD(wider_with_more_confidence);
    ADD(seed_decides);
    ADD(kept_resamples_change_nothing);
    ADD(selects_what_sorting_would_put_there);
    ADD(order_of_values_changes_nothing);
    ADD(scaling_leaves_ratio_and_p);
    ADD(swapping_inverts);
    ADD(groups_without_values);
    ADD(a_ratio_only_of_what_is_above_0);
    ADD(numbers_at_the_ends_of_what_a_double_holds);
    ADD_ROWS(outcome, outcome_cases);
    ADD(same_against_itself_differs_no_more_often_than_it_may);
    ADD(drift_makes_a_false_difference_of_what_is_not_paired);
    ADD(drift_hides_a_true_difference_from_what_is_not_paired);
    return run_added(NULL, NULL);
}
