/* SPDX-License-Identifier: BSD-2-Clause */
/* The buckets of loglinear.h, for each width used in the suite. The including file includes loglinear.h
 * first: as compiled for user space, or for BPF. */

#include "support.h"

static const struct width {
    const char *name;
    unsigned bits;
} widths[] = {{"3 bits", 3}, {"8 bits", 8}};

static unsigned buckets(const struct width *width)
{
    return LOGLINEAR_BUCKETS(64, width->bits);
}

/* The error bound of loglinear.h: exact below 2^bits, then less than v * 2^-bits. */
static void assert_in_its_bucket(uint64_t value, unsigned bits)
{
    unsigned index = loglinear_index(value, bits);
    uint64_t edge = loglinear_upper_edge(index, bits);
    assert_true(edge >= value);
    assert_true(index == 0 || loglinear_upper_edge(index - 1, bits) < value);
    if (value >> bits == 0)
        assert_int_equal(edge, value);
    else
        assert_true(edge - value < value >> bits);
}

TEST(highest_bit)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t power = UINT64_C(1) << bit;
        assert_int_equal(loglinear_highest_bit(power), bit);
        assert_int_equal(loglinear_highest_bit(power | (random_number() & (power - 1))), bit);
        assert_int_equal(loglinear_highest_bit(power | (power - 1)), bit);
    }
}

TEST(small_values_are_in_their_buckets)
{
    const struct width *width = *state;
    for (uint64_t value = 0; value < 1 << 16; value++)
        assert_in_its_bucket(value, width->bits);
}

TEST(values_of_any_size_are_in_their_buckets)
{
    const struct width *width = *state;
    for (unsigned i = 0; i < 100000; i++)
        assert_in_its_bucket(random_number() >> random_number() % 64, width->bits);
}

TEST(values_around_powers_of_two_are_in_their_buckets)
{
    const struct width *width = *state;
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t power = UINT64_C(1) << bit;
        assert_in_its_bucket(power - 1, width->bits);
        assert_in_its_bucket(power, width->bits);
        assert_in_its_bucket(power + 1, width->bits);
    }
}

/* Buckets are contiguous: none is empty, none overlap. */
TEST(buckets_follow_one_another)
{
    const struct width *width = *state;
    uint64_t last = 0;
    for (unsigned i = 0; i < buckets(width); i++) {
        uint64_t edge = loglinear_upper_edge(i, width->bits);
        assert_int_equal(loglinear_index(edge, width->bits), i);
        if (i > 0) {
            assert_true(edge > last);
            assert_int_equal(loglinear_index(last + 1, width->bits), i);
        }
        last = edge;
    }
}

TEST(extremes)
{
    const struct width *width = *state;
    unsigned most = buckets(width) - 1;
    assert_int_equal(loglinear_index(0, width->bits), 0);
    assert_int_equal(loglinear_upper_edge(0, width->bits), 0);
    assert_int_equal(loglinear_index(UINT64_MAX, width->bits), most);
    assert_int_equal(loglinear_upper_edge(most, width->bits), UINT64_MAX);
}

static const struct bucket {
    const char *name;
    uint64_t value;
    unsigned bits, index;
    uint64_t edge;
} known[] = {
    {"3 bits: 7 is alone", 7, 3, 7, 7},
    {"3 bits: 8 is the first of an octave", 8, 3, 8, 8},
    {"3 bits: 15 is the last alone", 15, 3, 15, 15},
    {"3 bits: 16 is with 17", 16, 3, 16, 17},
    {"3 bits: 1000 is in 960 to 1023", 1000, 3, 63, 1023},
    {"8 bits: 511 is the last alone", 511, 8, 511, 511},
    {"8 bits: 513 is with 512", 513, 8, 512, 513},
    {"8 bits: 1000000 is in 999424 to 1001471", 1000000, 8, 3304, 1001471},
};

TEST(known_bucket)
{
    const struct bucket *row = *state;
    assert_int_equal(loglinear_index(row->value, row->bits), row->index);
    assert_int_equal(loglinear_upper_edge(row->index, row->bits), row->edge);
}

int main(void)
{
    ADD(highest_bit);
    ADD_ROWS(small_values_are_in_their_buckets, widths);
    ADD_ROWS(values_of_any_size_are_in_their_buckets, widths);
    ADD_ROWS(values_around_powers_of_two_are_in_their_buckets, widths);
    ADD_ROWS(buckets_follow_one_another, widths);
    ADD_ROWS(extremes, widths);
    ADD_ROWS(known_bucket, known);
    return run_added(NULL, NULL);
}
