/* SPDX-License-Identifier: BSD-2-Clause */
#include "sample.h"

#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>

double *sample_room(size_t n)
{
    double *values = calloc(n ? n : 1, sizeof *values);
    if (!values)
        fail("out of memory");
    return values;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void sample_sort(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
}

double sample_select(double *values, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        const double pivot = values[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;; i++, j--) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i >= j)
                break;
            double value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
        if (k <= j)
            high = j;
        else
            low = j + 1;
    }
    return values[k];
}

double sample_middle(double a, double b)
{
    double sum = a + b;
    return isfinite(sum) ? sum / 2 : a / 2 + b / 2;
}

double sample_median(const double *sorted, size_t n)
{
    return sample_middle(sorted[(n - 1) / 2], sorted[n / 2]);
}
