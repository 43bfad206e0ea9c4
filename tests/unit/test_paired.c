#include "harness/stats/paired.h"

#include "support.h"

#include <math.h>
#include <string.h>

enum { PAIRS_MAX = 12, SERIES = 500 };

struct known {
    const char *name;
    double a[PAIRS_MAX], b[PAIRS_MAX];
    struct paired expected;
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
};

TEST(known_answer)
{
    const struct known *row = *state;
    struct paired p = paired_ratio(row->a, row->b, row->expected.n);
    assert_int_equal(p.n, row->expected.n);
    assert_near(p.ratio, row->expected.ratio);
    assert_near(p.low, row->expected.low);
    assert_near(p.high, row->expected.high);
    assert_near(p.smallest, row->expected.smallest);
}

struct series {
    double a[PAIRS_MAX], b[PAIRS_MAX];
    size_t n;
};

/* Two to twelve pairs, of which b is more or less than a by little or much. */
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
        struct paired ab = paired_ratio(s.a, s.b, s.n), ba = paired_ratio(s.b, s.a, s.n);
        assert_near(ba.ratio, 1 / ab.ratio);
        assert_near(ba.low, 1 / ab.high);
        assert_near(ba.high, 1 / ab.low);
        assert_near(ba.smallest, ab.smallest);
    }
}

TEST(scaling_changes_nothing)
{
    for (int i = 0; i < SERIES; i++) {
        struct series s = random_series();
        struct paired before = paired_ratio(s.a, s.b, s.n);
        for (size_t j = 0; j < s.n; j++) {
            double scale = exp(random_between(-9, 9));
            s.a[j] *= scale;
            s.b[j] *= scale;
        }
        struct paired after = paired_ratio(s.a, s.b, s.n);
        assert_near(after.ratio, before.ratio);
        assert_near(after.low, before.low);
        assert_near(after.high, before.high);
    }
}

/* Both kinds must come, else this has shown nothing. */
TEST(sentence_claims_what_the_interval_shows)
{
    int claims = 0;
    for (int i = 0; i < SERIES; i++) {
        char text[160];
        struct series s = random_series();
        struct paired p = paired_ratio(s.a, s.b, s.n);
        assert_true(p.low <= p.ratio && p.ratio <= p.high);
        paired_sentence(&p, text, sizeof text);
        bool claimed = strstr(text, "times as much") != NULL;
        assert_int_equal(claimed, p.low > 1 || p.high < 1);
        assert_int_equal(claimed, strstr(text, "no difference shown") == NULL);
        claims += claimed;
    }
    assert_in_range(claims, SERIES / 10, SERIES * 9 / 10);
}

struct sentence {
    const char *name;
    struct paired paired;
    const char *text;
};

static const struct sentence sentences[] = {
    {"nothing", {0, NAN, NAN, NAN, NAN}, "nothing to compare"},
    {"one pair", {1, 1.5, NAN, NAN, NAN}, "1.500 in one pair: no interval"},
    {"more",
     {8, 1.25, 1.1, 1.42, 0.136},
     "1.250 times as much (95 % interval 1.100 to 1.420, 8 pairs)"},
    {"less",
     {8, 0.5, 0.25, 0.75, 2},
     "0.500 times as much (95 % interval 0.250 to 0.750, 8 pairs)"},
    {"1 inside",
     {8, 1.25, 0.8, 1.95, 0.5625},
     "no difference shown; the smallest this run could have seen is 56.2 %"},
    {"1 at the lower end",
     {3, 2, 1, 4, 1},
     "no difference shown; the smallest this run could have seen is 100.0 %"},
    {"1 at the upper end",
     {3, 0.5, 0.25, 1, 1},
     "no difference shown; the smallest this run could have seen is 100.0 %"},
};

TEST(sentence)
{
    const struct sentence *row = *state;
    char text[160];
    paired_sentence(&row->paired, text, sizeof text);
    assert_string_equal(text, row->text);
}

int main(void)
{
    ADD_ROWS(known_answer, known_answers);
    ADD(swapping_inverts);
    ADD(scaling_changes_nothing);
    ADD(sentence_claims_what_the_interval_shows);
    ADD_ROWS(sentence, sentences);
    return run_added(NULL, NULL);
}
