/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_OUTCOME_H
#define WAKEONE_OUTCOME_H

/* The outcome of a comparison of A with B, and its text. */

#include <stddef.h>

enum outcome {
    OUTCOME_NOTHING,         /* there is nothing to compare */
    OUTCOME_SINGLE,          /* one value: a ratio without an interval */
    OUTCOME_NONE,            /* no significant difference */
    OUTCOME_BELOW_THRESHOLD, /* significant, but within the noise threshold */
    OUTCOME_MORE,            /* A is more than B */
    OUTCOME_LESS,
};

/* "nothing", "single", "none", "floor", "more", "less". */
const char *outcome_word(enum outcome outcome);

/* The distance of a ratio from 1, as a share, the same for a ratio and its inverse: max(r, 1/r) - 1. */
double outcome_distance(double ratio);

enum { SENTENCE_SIZE = 400 }; /* bytes, enough for any sentence */

/* Appends to the text, truncated at `size` bytes. */
void sentence_add(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A number as text. */
struct figure {
    char text[32];
};

/* With 3 decimals, or with 3 digits if that would be only zeros or too many digits. */
struct figure figure_ratio(double ratio);

/* A share in per cent, with 1 decimal; without the sign. */
struct figure figure_percent(double share);

#endif
