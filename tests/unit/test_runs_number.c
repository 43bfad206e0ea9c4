/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as they are read, written and published. */

#include "harness/runs/number.h"

#include "support.h"

#include <math.h>
#include <stdlib.h>

static const struct {
    const char *text;
    double value; /* NAN = it is no number */
} numbers[] = {
    {"0", 0},
    {"-1", -1},
    {"17.25", 17.25},
    {"1e3", 1000},
    {"2.5e-7", 2.5e-7},
    {"1.", 1},
    {"0.1", 0.1},
    {"123456789012345678", 123456789012345678.0},
    {"9007199254740993", 9007199254740993.0},
    {"000000000000000000000001.5", 1.5},
    {"0.000000000000000000000000000000001", 1e-33},
    {"1e308", 1e308},
    {"1e999", NAN},
    {"-1e999", NAN},
    {"", NAN},
    {".5", NAN},
    {"+1", NAN},
    {" 1", NAN},
    {"1 ", NAN},
    {"0x10", NAN},
    {"inf", NAN},
    {"nan", NAN},
    {"1e", NAN},
    {"1e+", NAN},
    {"1,5", NAN},
    {"--1", NAN},
    {"1.2.3", NAN},
    {"-", NAN},
    {"1E3", NAN},
    {"1e3x", NAN},
    {"1\n", NAN},
    {"\xd9\xa1", NAN}, /* a digit, but of another script */
};

TEST(numbers_are_read_as_strtod_does_and_nothing_else_is_one)
{
    for (size_t i = 0; i < COUNT(numbers); i++) {
        double value = NAN;
        assert_int_equal(number_read(numbers[i].text, &value), !isnan(numbers[i].value));
        if (!isnan(numbers[i].value))
            assert_true(value == numbers[i].value);
    }
    /* any decimal of up to 15 digits is the double that strtod() gives */
    for (unsigned i = 1; i < 20000; i++) {
        char text[40];
        double value;
        snprintf(text, sizeof text, "%u.%03u", i * 7919, i % 1000);
        assert_true(number_read(text, &value));
        assert_true(value == strtod(text, NULL));
    }
}

TEST(numbers_are_written_in_each_of_their_forms)
{
    assert_string_equal(number_short(16).text, "16");
    assert_string_equal(number_short(0.1 + 0.2).text, "0.3");
    assert_string_equal(number_short(1e15).text, "1000000000000000");
    assert_string_equal(number_long(1.0 / 3).text, "0.33333333333333");
    assert_string_equal(number_long(NAN).text, "");
    assert_string_equal(number_fixed(2.0, 4).text, "2.0000");
    assert_string_equal(number_value(1234.5).text, "1234.500");
    assert_string_equal(number_value(0.00012345678).text, "0.0001234568");
    assert_string_equal(number_shortest(0.44).text, "0.44");
    assert_string_equal(number_shortest(3040).text, "3040");
    assert_true(rounded(1.23456, 4) == 1.2346);
    assert_true(rounded_to_digits(123456789, 6) == 123457000);
    assert_true(isnan(rounded(NAN, 4)));
}
TEST(numbers_that_are_too_long_are_not_cut)
{
    double value;
    assert_string_equal(number_fixed(1e300, 4).text, "1e+300");
    assert_string_equal(number_fixed(-1.5e300, 4).text, "-1.5e+300");
    assert_string_equal(number_value(1e-300).text, "1e-300");
    assert_string_equal(number_value(1e300).text, "1e+300");
    for (int exponent = -308; exponent <= 308; exponent++) {
        double wanted = strtod("1", NULL) * pow(10, exponent);
        assert_true(number_read(number_value(wanted).text, &value));
        assert_near(value, wanted);
        assert_true(number_read(number_short(wanted).text, &value));
        assert_near(value, wanted);
        assert_true(number_read(number_shortest(wanted).text, &value));
        assert_true(value == wanted);
    }
}

/* What is derived from a published figure is derived from what a reader sees. */
TEST(rounded_values_are_those_of_their_texts)
{
    for (unsigned i = 0; i < 10000; i++) {
        double value = random_between(-1e6, 1e6);
        assert_true(rounded(value, 4) == strtod(number_fixed(value, 4).text, NULL));
        assert_true(rounded_to_digits(value, 14) == strtod(number_long(value).text, NULL));
        assert_true(rounded_to_digits(value, 6) == strtod(number_short(value).text, NULL));
        assert_true(rounded(rounded(value, 4), 4) == rounded(value, 4));
    }
    assert_true(rounded(1e300, 4) == 1e300);
    assert_true(isinf(rounded(INFINITY, 4)));
    assert_true(isnan(rounded_to_digits(NAN, 6)));
}

TEST(digits_of_numbers_that_are_not_whole)
{
    assert_string_equal(number_digits(1234567.5, 4).text, "1.235e+06");
    assert_string_equal(number_digits(1234567, 4).text, "1234567");
    assert_string_equal(number_digits(0.125, 10).text, "0.125");
    assert_string_equal(number_long(12345678901234.0).text, "12345678901234");
    assert_string_equal(number_long(INFINITY).text, "");
    assert_string_equal(number_fixed(NAN, 2).text, "");
    assert_string_equal(number_value(NAN).text, "");
    assert_string_equal(number_value(0).text, "0.000000");
    assert_string_equal(number_value(12345678).text, "12345678");
}

int main(void)
{
    ADD(numbers_are_read_as_strtod_does_and_nothing_else_is_one);
    ADD(numbers_are_written_in_each_of_their_forms);
    ADD(numbers_that_are_too_long_are_not_cut);
    ADD(rounded_values_are_those_of_their_texts);
    ADD(digits_of_numbers_that_are_not_whole);
    return run_added(NULL, NULL);
}
