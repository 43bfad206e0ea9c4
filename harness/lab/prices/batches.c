/* SPDX-License-Identifier: BSD-2-Clause */
#include "batches.h"

#include "harness/stats/sample.h"

#include <stdio.h>

/* A quartile is the median of a half; of an odd number of values the middle one is in both. */
struct batches batches_of(double *values, size_t n)
{
    size_t half = (n + 1) / 2;
    sample_sort(values, n);
    return (struct batches){
        .median = sample_median(values, n),
        .low = sample_median(values, half),
        .high = sample_median(values + (n - half), half),
    };
}

void batches_print_header(const char *where)
{
    printf("%s\tmedian_ns\tlow_ns\thigh_ns\n", where);
}

void batches_print(const char *where, struct batches ns)
{
    printf("%s\t%.2f\t%.2f\t%.2f\n", where, ns.median, ns.low, ns.high);
}
