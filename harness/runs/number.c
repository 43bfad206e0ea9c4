/* SPDX-License-Identifier: BSD-2-Clause */
#include "number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { EXACT_DIGITS = 15, POWERS = 23, VALUE_DIGITS = 7 };

/* The powers of 10 that a double holds exactly: a quotient of two exact numbers is rounded once, as strtod() does. */
static const double power[POWERS] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static const char *skip_digits(const char *at)
{
    while (isdigit((unsigned char)*at))
        at++;
    return at;
}

/* The end of an exponent that begins with 'e', or NULL if it is invalid. */
static const char *skip_exponent(const char *at)
{
    const char *digits = at + 1 + (at[1] == '+' || at[1] == '-');
    at = skip_digits(digits);
    return at > digits ? at : NULL;
}

bool number_read(const char *text, double *value)
{
    const char *first = text + (*text == '-'), *at = first;
    double digits = 0;
    int count = 0, decimals = 0;
    for (; isdigit((unsigned char)*at); at++, count++)
        digits = 10 * digits + (*at - '0');
    if (at == first)
        return false;
    if (*at == '.')
        for (at++; isdigit((unsigned char)*at); at++, count++, decimals++)
            digits = 10 * digits + (*at - '0');
    if (*at == '\0' && count <= EXACT_DIGITS) {
        digits /= power[decimals];
        *value = *text == '-' ? -digits : digits;
        return true;
    }
    if (*at == 'e' && !(at = skip_exponent(at)))
        return false;
    if (*at != '\0')
        return false;
    *value = strtod(text, NULL);
    return isfinite(*value);
}

struct number number_short(double value)
{
    struct number n;
    bool whole = fabs(value) < 1e16 && value == floor(value);
    snprintf(n.text, sizeof n.text, whole ? "%.0f" : "%.6g", value);
    return n;
}

struct number number_long(double value)
{
    struct number n = {""};
    if (isfinite(value))
        snprintf(n.text, sizeof n.text, "%.14g", value);
    return n;
}

struct number number_fixed(double value, int decimals)
{
    struct number n = {""};
    if (!isnan(value) &&
        snprintf(n.text, sizeof n.text, "%.*f", decimals, value) >= (int)sizeof n.text)
        snprintf(n.text, sizeof n.text, "%.*g", EXACT_DIGITS, value);
    return n;
}

double rounded(double value, int decimals)
{
    char text[400]; /* a double has up to 309 digits before the decimal point */
    if (!isfinite(value))
        return value;
    snprintf(text, sizeof text, "%.*f", decimals, value);
    return strtod(text, NULL);
}

double rounded_to_digits(double value, int digits)
{
    char text[40];
    if (!isfinite(value))
        return value;
    snprintf(text, sizeof text, "%.*g", digits, value);
    return strtod(text, NULL);
}

static int decimals_of(double value)
{
    int decimals = VALUE_DIGITS - 1;
    if (isfinite(value) && value != 0)
        decimals -= (int)floor(log10(fabs(value)));
    return decimals > 0 ? decimals : 0;
}

struct number number_value(double value)
{
    return number_fixed(value, decimals_of(value));
}

struct number number_digits(double value, int digits)
{
    struct number n;
    bool whole = fabs(value) < 1e16 && value == floor(value);
    snprintf(n.text, sizeof n.text, "%.*g", whole ? 17 : digits, value);
    return n;
}

struct number number_shortest(double value)
{
    struct number n;
    if (value == floor(value) && fabs(value) < 1e15) {
        snprintf(n.text, sizeof n.text, "%.0f", value);
        return n;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(n.text, sizeof n.text, "%.*g", digits, value);
        if (strtod(n.text, NULL) == value)
            break;
    }
    return n;
}
