/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_BATCHES_H
#define WAKEONE_BATCHES_H

/* Durations of many batches of the same work, in three numbers that are robust against a few disturbed batches. */

#include <stddef.h>

struct batches {
    double median;
    double low, high; /* the quartiles: half of the batches are between them */
};

/* n > 0 values in any order, which are sorted in place. */
struct batches batches_of(double *values, size_t n);

/* Prints the header, and a row: tab-separated columns, beginning with `where`. */
void batches_print_header(const char *where);
void batches_print(const char *where, struct batches ns);

#endif
