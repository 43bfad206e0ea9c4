#ifndef WAKEONE_OUTCOME_H
#define WAKEONE_OUTCOME_H

/* What a comparison of A with B has come to, and the words for it. */

#include <stddef.h>

enum outcome {
    OUTCOME_NOTHING,         /* there is nothing to compare */
    OUTCOME_SINGLE,          /* one value: a ratio, and no interval */
    OUTCOME_NONE,            /* no difference was shown */
    OUTCOME_BELOW_THRESHOLD, /* one was shown, and it is less than the same against itself differs by */
    OUTCOME_MORE,            /* A is more than B */
    OUTCOME_LESS,
};

/* "nothing", "single", "none", "floor", "more", "less". */
const char *outcome_word(enum outcome outcome);

/* How far a ratio is from 1, as a share, the same for a ratio and its inverse: max(r, 1/r) - 1. */
double outcome_distance(double ratio);

enum { SENTENCE_SIZE = 400 }; /* bytes that any sentence has room in */

/* Adds to the text, which is cut at `size` bytes. */
void sentence_add(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A number as text. */
struct figure {
    char text[32];
};

/* With 3 decimals, or with 3 digits where that would be a row of zeros or of digits that mean
 * nothing. */
struct figure figure_ratio(double ratio);

/* A share in per cent, with 1 decimal; without the sign. */
struct figure figure_percent(double share);

#endif
