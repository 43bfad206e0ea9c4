/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_NUMBER_H
#define WAKEONE_NUMBER_H

/* Numbers as in files, and as published. */

#include <stdbool.h>

/* Reads "-12", "1.5", "2e-7"; nothing else: no spaces, plus signs, hexadecimal, inf, nan, or values beyond a double. False if
 * the text is not a number. */
bool number_read(const char *text, double *value);

struct number {
    char text[40];
};

/* An integer without a decimal point, any other number with 6 digits: for keys and data of figures. */
struct number number_short(double value);

/* The same with a given number of digits. */
struct number number_digits(double value, int digits);

/* The fewest digits that round-trip. */
struct number number_shortest(double value);

/* With 14 digits at most (%.14g), "" for NAN: as in summary.csv. */
struct number number_long(double value);

/* With a given number of decimals, "" for NAN; 15 digits and an exponent if that is too long. */
struct number number_fixed(double value, int decimals);

/*
 * The value as published, with a given number of decimals. Values derived from a published figure are computed from the rounded
 * one, so that readers of the file get the same result.
 */
double rounded(double value, int decimals);

/* The same with a given number of digits. */
double rounded_to_digits(double value, int digits);

/* With the decimals that make 7 digits, "" for NAN: as the tool `stats` writes values of any size. */
struct number number_value(double value);

#endif
