/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/stats/paired.h"

#include "support.h"

#include <math.h>
#include <string.h>

enum { PAIRS_MAX = 20, SERIES = 500, SAME = 10000 };

static const double PERCENT = 95;

struct interval {
    size_t n;
    double ratio, low, high, smallest;
};

struct known {
    const char *name;
    double a[PAIRS_MAX], b[PAIRS_MAX];
    struct interval expected;
};

static const struct known known_answers[] = {
    {"no pair", {0}, {0}, {0, NAN, NAN, NAN, NAN}},
    {"one pair", {6}, {4}, {1, 1.5, NAN, NAN, NAN}},
    {"equal samples", {3, 5, 7}, {3, 5, 7}, {3, 1, 1, 1, 0}},
    {"one ratio throughout", {6, 10, 14}, {3, 5, 7}, {3, 2, 2, 2, 0}},
    /* Logarithms 0, ln 2, 2 ln 2: mean ln 2 = 0.6931472, deviation ln 2, error ln 2 / sqrt 3 =
     * 0.4001887; t(0.975; 2) = 4.3026527; half width 1.7218731; e^(ln 2 -+ it), e^it - 1. */
    {"ratios 1, 2, 4", {1, 4, 12}, {1, 2, 3}, {3, 2, 0.3574621, 11.1899967, 4.5949984}},
    /* Logarithms +-ln 4: mean 0, deviation sqrt 2 * ln 4, error ln 4 = 1.3862944; t(0.975; 1) =
     * 12.7062047; half width 17.6145400; e^it = 44657820. */
    {"ratios 4 and 1/4", {4, 1}, {1, 4}, {2, 1, 2.239250e-8, 44657820, 44657819}},
    /* Logarithms 0, 0, 0, 0.4: mean 0.1, deviation 0.2, error 0.1; t(0.975; 3) = 3.1824463. */
    {"ratios 1, 1, 1, e^0.4",
     {1, 1, 1, 1.4918246976},
     {1, 1, 1, 1},
     {4, 1.1051709, 0.8039288, 1.5192923, 0.3747125}},
    /* a/b is 1e600 and 1e-600, which no double is. */
    {"ratios beyond a double", {1e300, 1e-300}, {1e-300, 1e300}, {2, 1, 0, INFINITY, INFINITY}},
};

static void assert_interval(const struct paired *p, const struct interval *expected)
{
    assert_int_equal(p->n, expected->n);
    assert_near(p->ratio, expected->ratio);
    assert_near(p->low, expected->low);
    assert_near(p->high, expected->high);
    assert_near(p->smallest, expected->smallest);
}

TEST(known_answer)
{
    const struct known *row = *state;
    struct paired p = paired_ratio(row->a, row->b, row->expected.n, PERCENT);
    assert_interval(&p, &row->expected);
}

/* Ratios 1, 2, 4 as above, with t(0.95; 2) = 2.9199856, half width 1.1685453; and t(0.995; 2) =
 * 9.9248432, half width 3.9718103. */
TEST(other_confidence)
{
    const double a[] = {1, 4, 12}, b[] = {1, 2, 3};
    struct paired p90 = paired_ratio(a, b, 3, 90), p99 = paired_ratio(a, b, 3, 99);
    assert_near(p90.low, 2 / exp(1.1685453));
    assert_near(p90.high, 2 * exp(1.1685453));
    assert_near(p99.smallest, exp(3.9718103) - 1);
}

struct series {
    double a[PAIRS_MAX], b[PAIRS_MAX];
    size_t n;
};

static struct series series_of_logs(const double *logs, size_t n)
{
    struct series s = {.n = n};
    for (size_t i = 0; i < n; i++) {
        s.b[i] = (double)(i + 3);
        s.a[i] = s.b[i] * exp(logs[i]);
    }
    return s;
}

struct order {
    const char *name;
    size_t n;
    double logs[PAIRS_MAX];
    double median, mad; /* of the logarithms */
    size_t outliers[PAIRS_MAX];
    double drift, drift_p; /* drift of the logarithms */
};

/* Median and MAD by sorting; limit 3.5 * 1.4826 MAD. Student's distribution has a closed form for 6
 * degrees of freedom: with y = t^2 / (6 + t^2), p = 1 - sqrt(y) (1 + (1 - y) / 2 + 3 (1 - y)^2 / 8). */
static const struct order orders[] = {
    {"one", 1, {0.5}, 0.5, NAN, {0}, NAN, NAN},
    {"two", 2, {0.5, 0.1}, 0.3, 0.2, {0}, NAN, NAN},
    /* Deviations .3 .2 .1 0 .1 .2 4.7: MAD 0.2, limit 1.03782. */
    {"one outlier", 7, {0, 0.1, 0.2, 0.3, 0.4, 0.5, 5}, 0.3, 0.2, {7}, NAN, NAN},
    {"just inside", 7, {0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.337}, 0.3, 0.2, {0}, NAN, NAN},
    {"just outside", 7, {0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.338}, 0.3, 0.2, {7}, NAN, NAN},
    {"both sides", 7, {-9, 0.1, 0.2, 0.3, 9, 0.5, 0.4}, 0.3, 0.2, {1, 5}, NAN, NAN},
    {"no deviation to measure with", 5, {0, 0, 0, 0, 3}, 0, 0, {0}, NAN, NAN},
    {"three in a half", 7, {1, 1, 2, 5, 3, 4, 3}, 3, 1, {0}, NAN, NAN},
    /* Means .05 and .25, variances 1/300: error sqrt(1/600), t^2 = 24, y = 0.8, 6 degrees. */
    {"drift", 8, {0, 0.1, 0, 0.1, 0.2, 0.3, 0.2, 0.3}, 0.15, 0.1, {0}, 0.2, 0.0027136820},
    {"the middle one is in neither half",
     9,
     {0, 0.1, 0, 0.1, 0.15, 0.2, 0.3, 0.2, 0.3},
     0.15,
     0.05,
     {0},
     0.2,
     0.0027136820},
    {"no drift", 8, {0, 0.2, 0, 0.2, 0, 0.2, 0, 0.2}, 0.1, 0.1, {0}, 0, 1},
    {"halves without variance", 8, {0, 0, 0, 0, 1, 1, 1, 1}, 0.5, 0.5, {0}, 1, NAN},
};

/* Also at 0, where assert_near leaves no room for rounding. */
static void assert_log_near(double ratio, double expected)
{
    assert_near(ratio, exp(expected));
}

TEST(spread_and_order)
{
    const struct order *row = *state;
    struct series s = series_of_logs(row->logs, row->n);
    size_t numbers[PAIRS_MAX];
    struct paired p = paired_ratio(s.a, s.b, s.n, PERCENT);
    assert_log_near(p.median, row->median);
    assert_log_near(exp(p.mad), 1.4826 * row->mad);
    assert_log_near(p.drift, row->drift);
    assert_near(p.drift_p, row->drift_p);
    size_t count = paired_outliers(s.a, s.b, s.n, numbers);
    assert_int_equal(count, p.outliers);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(numbers[i], row->outliers[i]);
    assert_int_equal(row->outliers[count], 0);
}

/* Ratios of 3 that divisions round differently have neither outliers nor a drift. */
TEST(rounding_is_not_a_finding)
{
    struct series s = {.n = PAIRS_MAX};
    for (size_t i = 0; i < s.n; i++) {
        s.b[i] = 0.1 * (double)(i + 1);
        s.a[i] = 0.3 * (double)(i + 1);
    }
    struct paired p = paired_ratio(s.a, s.b, s.n, PERCENT);
    assert_near(p.ratio, 3);
    assert_int_equal(p.outliers, 0);
    assert_true(isnan(p.drift_p));
}

/* Two to twenty pairs, of which b is more or less than a by little or much. */
static struct series random_series(void)
{
    struct series s = {.n = 2 + random_number() % (PAIRS_MAX - 1)};
    double shift = random_between(-0.3, 0.3), noise = random_between(0, 0.3);
    for (size_t i = 0; i < s.n; i++) {
        s.a[i] = exp(random_between(-5, 5));
        s.b[i] = s.a[i] * exp(shift + random_between(-noise, noise));
    }
    return s;
}

TEST(swapping_inverts)
{
    for (int i = 0; i < SERIES; i++) {
        struct series s = random_series();
        struct paired ab = paired_ratio(s.a, s.b, s.n, PERCENT);
        struct paired ba = paired_ratio(s.b, s.a, s.n, PERCENT);
        assert_near(ba.ratio, 1 / ab.ratio);
        assert_near(ba.low, 1 / ab.high);
        assert_near(ba.high, 1 / ab.low);
        assert_near(ba.smallest, ab.smallest);
        assert_near(ba.median, 1 / ab.median);
        assert_near(ba.mad, ab.mad);
        assert_int_equal(ba.outliers, ab.outliers);
        assert_near(ba.drift, 1 / ab.drift);
        assert_near(ba.drift_p, ab.drift_p);
    }
}

TEST(scaling_changes_nothing)
{
    for (int i = 0; i < SERIES; i++) {
        struct series s = random_series();
        struct paired before = paired_ratio(s.a, s.b, s.n, PERCENT);
        for (size_t j = 0; j < s.n; j++) {
            double scale = exp(random_between(-9, 9));
            s.a[j] *= scale;
            s.b[j] *= scale;
        }
        struct paired after = paired_ratio(s.a, s.b, s.n, PERCENT);
        assert_near(after.ratio, before.ratio);
        assert_near(after.low, before.low);
        assert_near(after.high, before.high);
        assert_near(after.median, before.median);
        assert_near(after.drift, before.drift);
    }
}

/* The order of the pairs is nothing to the ratio, and all to the drift: backwards it is inverted. */
TEST(order_matters_to_the_drift_only)
{
    for (int i = 0; i < SERIES; i++) {
        struct series s = random_series(), back = {.n = s.n};
        for (size_t j = 0; j < s.n; j++) {
            back.a[j] = s.a[s.n - 1 - j];
            back.b[j] = s.b[s.n - 1 - j];
        }
        struct paired p = paired_ratio(s.a, s.b, s.n, PERCENT);
        struct paired q = paired_ratio(back.a, back.b, s.n, PERCENT);
        assert_near(q.ratio, p.ratio);
        assert_near(q.low, p.low);
        assert_near(q.median, p.median);
        assert_int_equal(q.outliers, p.outliers);
        assert_near(q.drift, 1 / p.drift);
        assert_near(q.drift_p, p.drift_p);
    }
}

/* Both kinds must come, else this has shown nothing. */
TEST(sentence_claims_what_the_interval_shows)
{
    int claims = 0;
    for (int i = 0; i < SERIES; i++) {
        char text[SENTENCE_SIZE];
        struct series s = random_series();
        struct paired p = paired_ratio(s.a, s.b, s.n, PERCENT);
        assert_true(p.low <= p.ratio && p.ratio <= p.high);
        paired_sentence(&p, 0, text, sizeof text);
        bool shown = strstr(text, "times as much") != NULL;
        assert_int_equal(shown, p.low > 1 || p.high < 1);
        assert_int_equal(shown, strstr(text, "no significant difference") == NULL);
        claims += shown;
    }
    assert_in_range(claims, SERIES / 10, SERIES * 9 / 10);
}

/* G. E. P. Box, M. E. Muller, 1958. */
static double random_normal(void)
{
    double radius = sqrt(-2 * log(1 - random_between(0, 1)));
    return radius * cos(2 * M_PI * random_between(0, 1));
}

static struct series normal_series(size_t n, double effect, double deviation)
{
    struct series s = {.n = n};
    for (size_t i = 0; i < n; i++) {
        s.a[i] = exp(effect + deviation * random_normal());
        s.b[i] = exp(deviation * random_normal());
    }
    return s;
}

struct tally {
    int outcomes[OUTCOME_LESS + 1], drifts, smaller;
};

/* Of SAME runs; `smaller`: those with an interval whose half width is below `effect`. */
static struct tally tally_of(double effect, double deviation, double threshold)
{
    struct tally t = {{0}, 0, 0};
    for (int i = 0; i < SAME; i++) {
        struct series s = normal_series(PAIRS_MAX, effect, deviation);
        struct paired p = paired_ratio(s.a, s.b, s.n, PERCENT);
        t.outcomes[paired_outcome(&p, threshold)]++;
        t.drifts += p.drift_p < 0.01;
        t.smaller += p.smallest < exp(effect) - 1;
    }
    return t;
}

/* 5 in 100 with a 95 % interval, as many on either side; a drift in 1 of 100. */
TEST(same_against_itself_differs_as_often_as_it_may)
{
    struct tally t = tally_of(0, 0.1, 0);
    int different = t.outcomes[OUTCOME_MORE] + t.outcomes[OUTCOME_LESS];
    assert_in_range(different, SAME * 45 / 1000, SAME * 55 / 1000);
    assert_in_range(t.outcomes[OUTCOME_MORE], different * 4 / 10, different * 6 / 10);
    assert_int_equal(t.outcomes[OUTCOME_NONE], SAME - different);
    assert_in_range(t.drifts, SAME * 7 / 1000, SAME * 13 / 1000);
}

/* What `smallest` promises. The logarithms of the ratios deviate by sqrt(2) * 0.1; the half width of
 * 20 of them is on average 0.0652 (deviation / sqrt 20 * t(0.975; 19) = 2.093 * c4(20) = 0.9869). */
TEST(a_difference_of_the_half_width_is_found_in_half_of_the_runs)
{
    struct tally t = tally_of(0.0653, 0.1, 0);
    assert_in_range(t.outcomes[OUTCOME_MORE], SAME * 46 / 100, SAME * 54 / 100);
    assert_in_range(t.smaller, SAME * 46 / 100, SAME * 54 / 100);
    assert_in_range(t.outcomes[OUTCOME_LESS], 0, SAME / 1000);
}

/* Ratios of the same deviate from 1 by 3.2 % (sqrt(2) * 0.1 / sqrt 20); 4 times that is a threshold that
 * nothing false comes over. */
TEST(nothing_false_comes_over_the_floor)
{
    struct tally t = tally_of(0, 0.1, 0.13);
    int below = t.outcomes[OUTCOME_BELOW_THRESHOLD];
    assert_in_range(below, SAME * 4 / 100, SAME * 6 / 100);
    assert_in_range(t.outcomes[OUTCOME_MORE] + t.outcomes[OUTCOME_LESS], 0, SAME / 1000);
}

struct outcome_case {
    const char *name;
    struct interval interval;
    double threshold;
    enum outcome expected;
};

static const struct outcome_case outcome_cases[] = {
    {"nothing", {0, NAN, NAN, NAN, NAN}, 0, OUTCOME_NOTHING},
    {"single", {1, 9, NAN, NAN, NAN}, 0, OUTCOME_SINGLE},
    {"single with a threshold", {1, 1.01, NAN, NAN, NAN}, 0.5, OUTCOME_SINGLE},
    {"1 inside", {8, 1.25, 0.8, 1.95, 0.56}, 0, OUTCOME_NONE},
    {"1 at the lower end", {8, 2, 1, 4, 1}, 0, OUTCOME_NONE},
    {"1 at the upper end", {8, 0.5, 0.25, 1, 1}, 0, OUTCOME_NONE},
    {"none stays none below the threshold", {8, 1.01, 0.99, 1.03, 0.02}, 0.5, OUTCOME_NONE},
    {"more", {8, 1.02, 1.01, 1.03, 0.01}, 0, OUTCOME_MORE},
    {"more than the threshold", {8, 1.02, 1.01, 1.03, 0.01}, 0.019, OUTCOME_MORE},
    {"less than the threshold", {8, 1.02, 1.01, 1.03, 0.01}, 0.021, OUTCOME_BELOW_THRESHOLD},
    {"less", {8, 0.5, 0.4, 0.6, 0.2}, 0, OUTCOME_LESS},
    /* 1 / 0.8 - 1 = 0.25, though 1 - 0.8 = 0.2. */
    {"a threshold of 24 % below 1", {8, 0.8, 0.7, 0.9, 0.1}, 0.24, OUTCOME_LESS},
    {"a threshold of 26 % below 1", {8, 0.8, 0.7, 0.9, 0.1}, 0.26, OUTCOME_BELOW_THRESHOLD},
};

static struct paired paired_of(const struct interval *i)
{
    return (struct paired){.n = i->n,
                           .percent = PERCENT,
                           .ratio = i->ratio,
                           .low = i->low,
                           .high = i->high,
                           .smallest = i->smallest,
                           .drift_p = NAN};
}

TEST(outcome)
{
    const struct outcome_case *row = *state;
    struct paired p = paired_of(&row->interval);
    assert_int_equal(paired_outcome(&p, row->threshold), row->expected);
}

TEST(words_of_outcomes)
{
    assert_string_equal(outcome_word(OUTCOME_NOTHING), "nothing");
    assert_string_equal(outcome_word(OUTCOME_SINGLE), "single");
    assert_string_equal(outcome_word(OUTCOME_NONE), "none");
    assert_string_equal(outcome_word(OUTCOME_BELOW_THRESHOLD), "floor");
    assert_string_equal(outcome_word(OUTCOME_MORE), "more");
    assert_string_equal(outcome_word(OUTCOME_LESS), "less");
}

struct sentence {
    const char *name;
    struct interval interval;
    double threshold;
    const char *text;
};

static const struct sentence sentences[] = {
    {"nothing", {0, NAN, NAN, NAN, NAN}, 0, "nothing to compare"},
    {"one pair", {1, 1.5, NAN, NAN, NAN}, 0, "1.500 in one pair: no interval"},
    {"more",
     {8, 1.25, 1.1, 1.42, 0.136},
     0,
     "1.250 times as much (95 % interval 1.100 to 1.420, 8 pairs)"},
    {"less",
     {8, 0.5, 0.25, 0.75, 2},
     0,
     "0.500 times as much (95 % interval 0.250 to 0.750, 8 pairs)"},
    {"1 inside",
     {8, 1.25, 0.8, 1.95, 0.5625},
     0,
     "no significant difference; smallest detectable difference 56.2 %"},
    {"1 at the lower end",
     {3, 2, 1, 4, 1},
     0,
     "no significant difference; smallest detectable difference 100.0 %"},
    {"1 at the upper end",
     {3, 0.5, 0.25, 1, 1},
     0,
     "no significant difference; smallest detectable difference 100.0 %"},
    {"threshold",
     {8, 1.02, 1.01, 1.03, 0.01},
     0.03,
     "1.020 times as much, but within the noise threshold of 3.0 %"},
    {"no row of digits",
     {8, 1e300, 1e299, INFINITY, 1},
     0,
     "1e+300 times as much (95 % interval 1e+299 to inf, 8 pairs)"},
    {"no row of zeros",
     {8, 1e-9, 0, 1e-8, 1},
     0,
     "1e-09 times as much (95 % interval 0 to 1e-08, 8 pairs)"},
    {"no row of digits in per cent",
     {2, 1, 0, 1e99, 1e99},
     0,
     "no significant difference; smallest detectable difference 1e+101 %"},
};

TEST(sentence)
{
    const struct sentence *row = *state;
    char text[SENTENCE_SIZE];
    struct paired p = paired_of(&row->interval);
    paired_sentence(&p, row->threshold, text, sizeof text);
    assert_string_equal(text, row->text);
}

TEST(sentence_goes_on_with_what_is_odd)
{
    char text[SENTENCE_SIZE];
    struct paired p = {8, 90, 1.25, 1.1, 1.42, 0.136, 1.2, 0.1, 1, 0.9, 0.009};
    paired_sentence(&p, 0, text, sizeof text);
    assert_string_equal(text, "1.250 times as much (90 % interval 1.100 to 1.420, 8 pairs); "
                              "drift: the second half of the rounds differs from the first by 10.0 "
                              "%; 1 outlier among the pairs");
    p.drift_p = 0.01;
    p.outliers = 2;
    paired_sentence(&p, 0, text, sizeof text);
    assert_string_equal(text, "1.250 times as much (90 % interval 1.100 to 1.420, 8 pairs); "
                              "2 outliers among the pairs");
}

TEST(sentence_is_cut_where_its_room_ends)
{
    char text[8] = "", whole[] = "nothing";
    struct paired p = {0};
    paired_sentence(&p, 0, text, sizeof text);
    assert_string_equal(text, whole);
}

int main(void)
{
    ADD_ROWS(known_answer, known_answers);
    ADD(other_confidence);
    ADD_ROWS(spread_and_order, orders);
    ADD(rounding_is_not_a_finding);
    ADD(swapping_inverts);
    ADD(scaling_changes_nothing);
    ADD(order_matters_to_the_drift_only);
    ADD(sentence_claims_what_the_interval_shows);
    ADD(same_against_itself_differs_as_often_as_it_may);
    ADD(a_difference_of_the_half_width_is_found_in_half_of_the_runs);
    ADD(nothing_false_comes_over_the_floor);
    ADD_ROWS(outcome, outcome_cases);
    ADD(words_of_outcomes);
    ADD_ROWS(sentence, sentences);
    ADD(sentence_goes_on_with_what_is_odd);
    ADD(sentence_is_cut_where_its_room_ends);
    return run_added(NULL, NULL);
}
