/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/stats/median.h"

#include "support.h"

#include <math.h>

enum { VALUES_MAX = 1000, SAMPLES = 20000, SIZE = 20 };

struct known {
    const char *name;
    size_t n;
    double percent, median, low, high;
};

/* Of the values 1, 2, ..., n, so that the ends are ranks. Of n = 6 the probability of no head is 1/64 to each
 * side, which is 3.1 % together; of n = 5 it is 6.3 %, and there is no interval. The ranks of 10, 20 and 50 are those of
 * tables (W. J. Conover, 1999, table A3); that of 1000 is n/2 - 1.96 sqrt(n)/2 + 1/2 = 469.5, whose whole part holds. */
static const struct known known_answers[] = {
    {"1 value", 1, 95, 1, NAN, NAN},
    {"2 values", 2, 95, 1.5, NAN, NAN},
    {"5 values", 5, 95, 3, NAN, NAN},
    {"6 values", 6, 95, 3.5, 1, 6},
    {"7 values", 7, 95, 4, 1, 7},
    {"8 values", 8, 95, 4.5, 1, 8},
    {"9 values", 9, 95, 5, 2, 8},
    {"10 values", 10, 95, 5.5, 2, 9},
    {"20 values", 20, 95, 10.5, 6, 15},
    {"50 values", 50, 95, 25.5, 18, 33},
    {"1000 values", 1000, 95, 500.5, 469, 532},
    {"6 values, 99 %", 6, 99, 3.5, NAN, NAN},
    {"8 values, 99 %", 8, 99, 4.5, 1, 8},
};

TEST(ends_are_ranks)
{
    const struct known *k = *state;
    double values[VALUES_MAX];
    for (size_t i = 0; i < k->n; i++)
        values[i] = (double)((i * 7919) % k->n) + 1;
    struct median m = median_interval(values, k->n, k->percent);
    assert_int_equal(m.n, k->n);
    assert_near(m.median, k->median);
    assert_near(m.low, k->low);
    assert_near(m.high, k->high);
    assert_near(m.min, 1);
    assert_near(m.max, (double)k->n);
}

TEST(nothing_has_no_median)
{
    struct median m = median_interval(NULL, 0, 95);
    assert_int_equal(m.n, 0);
    assert_true(isnan(m.median) && isnan(m.low) && isnan(m.high) && isnan(m.min) && isnan(m.max));
}

/* Drawn from a lopsided distribution, the exponential, whose median is ln 2. Ranks are whole, so the interval of 20 values
 * holds it in 95.86 %; three standard deviations of 20,000 are 0.42 %. */
TEST(holds_the_median_as_often_as_it_says)
{
    unsigned held = 0;
    for (unsigned s = 0; s < SAMPLES; s++) {
        double values[SIZE];
        for (unsigned i = 0; i < SIZE; i++)
            values[i] = -log(random_between(0, 1));
        struct median m = median_interval(values, SIZE, 95);
        held += m.low <= log(2) && log(2) <= m.high;
    }
    assert_in_range(held, SAMPLES * 0.9543, SAMPLES * 0.9629);
}

int main(void)
{
    ADD_ROWS(ends_are_ranks, known_answers);
    ADD(nothing_has_no_median);
    ADD(holds_the_median_as_often_as_it_says);
    return run_added(NULL, NULL);
}
