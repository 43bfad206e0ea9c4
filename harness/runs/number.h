#ifndef WAKEONE_NUMBER_H
#define WAKEONE_NUMBER_H

/* Numbers as they stand in files, and as they are published. */

#include <stdbool.h>

/* Reads "-12", "1.5", "2e-7"; nothing else: no blanks, signs, hexadecimal, inf or nan, nor what a double cannot hold.
 * False if it is not one. */
bool number_read(const char *text, double *value);

struct number {
    char text[40];
};

/* A whole number without a point, another with 6 digits: as keys and data of figures have them. */
struct number number_short(double value);

/* The same with so many digits. */
struct number number_digits(double value, int digits);

/* As few digits as say the same value. */
struct number number_shortest(double value);

/* With 14 digits at most (%.14g), "" for what is not known (NAN): as summary.csv has them. */
struct number number_long(double value);

/* With so many decimals, "" for what is not known; 15 digits and an exponent where that has no room. */
struct number number_fixed(double value, int decimals);

/*
 * The value as it is published, with so many decimals. Whatever is derived from a published figure is derived from the
 * rounded one, so that readers of the file come to the same result.
 */
double rounded(double value, int decimals);

/* The same with so many digits. */
double rounded_to_digits(double value, int digits);

/* With the decimals that make 7 digits, "" for what is not known: as the tool `stats` writes values of any size. */
struct number number_value(double value);

#endif
