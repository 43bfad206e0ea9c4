#ifndef WAKEONE_BATCHES_H
#define WAKEONE_BATCHES_H

/* What many batches of the same work took, in three numbers that a few disturbed batches do not move. */

#include <stddef.h>

struct batches {
    double median;
    double low, high; /* the quartiles: half of the batches are between them */
};

/* Of n > 0 values in any order, which are sorted in place. */
struct batches batches_of(double *values, size_t n);

/* The header, and a row: columns separated by tabs, of which `where` are the first. */
void batches_print_header(const char *where);
void batches_print(const char *where, struct batches ns);

#endif
