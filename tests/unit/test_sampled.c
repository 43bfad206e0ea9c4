/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/stats/sampled.h"

#include "support.h"

#include <math.h>

enum { SAMPLES_MAX = 8, RUNS = 5000, SAMPLES = 30 };

struct known {
    const char *name;
    size_t n;
    double y[SAMPLES_MAX], x[SAMPLES_MAX];
    double ratio, low, high;
};

static const struct known known_answers[] = {
    {"no sample", 0, {0}, {0}, NAN, NAN, NAN},
    {"nothing in any", 2, {0}, {0}, NAN, NAN, NAN},
    {"one sample", 1, {6}, {4}, 1.5, NAN, NAN},
    {"one ratio throughout", 3, {3, 9, 300}, {1, 3, 100}, 3, 3, 3},
    {"an empty sample among them", 3, {3, 0, 3}, {1, 0, 1}, 3, 3, 3},
    /* R = 15/6; squares of 2 - 2.5, 4 - 5, 9 - 7.5: 3.5; error sqrt(3 * 3.5 / 2) / 6 = 0.3818813; t(0.975; 2) =
     * 4.3026527: half width 1.6431028. */
    {"ratios 2, 2, 3", 3, {2, 4, 9}, {1, 2, 3}, 2.5, 0.8568972, 4.1431028},
};

TEST(known_answer)
{
    const struct known *k = *state;
    struct sampled_sums sums = {0};
    for (size_t i = 0; i < k->n; i++)
        sampled_add(&sums, k->y[i], k->x[i]);
    struct sampled_ratio r = sampled_ratio(&sums, 95);
    assert_near(r.ratio, k->ratio);
    assert_near(r.low, k->low);
    assert_near(r.high, k->high);
}

/* Connections between 50 and 150 in a sample, and for each of them 1 to 8 wakeups, 4.5 in the middle. Three standard
 * deviations of 5,000 are 0.9 %; 30 samples make the interval too narrow by some tenths of a percent. */
TEST(holds_the_ratio_as_often_as_it_says)
{
    unsigned held = 0;
    for (unsigned run = 0; run < RUNS; run++) {
        struct sampled_sums sums = {0};
        for (unsigned i = 0; i < SAMPLES; i++) {
            double x = floor(random_between(50, 151)), y = 0;
            for (unsigned k = 0; k < x; k++)
                y += floor(random_between(1, 9));
            sampled_add(&sums, y, x);
        }
        struct sampled_ratio r = sampled_ratio(&sums, 95);
        held += r.low <= 4.5 && 4.5 <= r.high;
    }
    assert_in_range(held, RUNS * 0.935, RUNS * 0.96);
}

int main(void)
{
    ADD_ROWS(known_answer, known_answers);
    ADD(holds_the_ratio_as_often_as_it_says);
    return run_added(NULL, NULL);
}
