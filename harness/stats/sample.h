/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SAMPLE_H
#define WAKEONE_SAMPLE_H

#include <stddef.h>

/* Room for n values. Ends the program when out of memory. */
double *sample_room(size_t n);

/* Sorts in ascending order, in place. */
void sample_sort(double *values, size_t n);

/* The value at index k < n of the n values in ascending order; none is NAN. Changes their order. C. A. R. Hoare, Algorithm 65:
 * Find, Communications of the ACM 4 (1961) */
double sample_select(double *values, size_t n, size_t k);

/* Of n > 0 values that are sorted; of an even number the mean of the middle two. */
double sample_median(const double *sorted, size_t n);

/* The mean of two values, also if their sum exceeds a double. */
double sample_middle(double a, double b);

#endif
