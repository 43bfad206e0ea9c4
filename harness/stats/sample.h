#ifndef WAKEONE_SAMPLE_H
#define WAKEONE_SAMPLE_H

#include <stddef.h>

/* Room for n values. Ends the program when memory is out. */
double *sample_room(size_t n);

/* Upwards, in place. */
void sample_sort(double *values, size_t n);

/* The value that is at k < n when n values are sorted, none of which is NAN. Changes their order. C. A. R. Hoare, Algorithm 65:
 * Find, Communications of the ACM 4 (1961) */
double sample_select(double *values, size_t n, size_t k);

/* Of n > 0 values that are sorted; of an even number the mean of the middle two. */
double sample_median(const double *sorted, size_t n);

/* The mean of two values, also where their sum is beyond a double. */
double sample_middle(double a, double b);

#endif
