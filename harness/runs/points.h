/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_POINTS_H
#define WAKEONE_POINTS_H

/* A point of a figure: a median with its 95 % interval or, for fewer than 6 values, with minimum and maximum. */

#include "rows.h"
#include "text.h"

struct point {
    size_t n; /* number of values; 0 = none, and all below is NAN */
    double median, low, high;
    bool exact; /* not a measured value: printed exactly */
};

/* From values in any order; sorts them. Results as published, with 7 digits. */
struct point point_of_values(double *values, size_t count);

/* Of the valid samples of a configuration. */
struct point point_of(const struct rows *rows, const struct configuration *c, enum column column);

/* "median low high" for gnuplot, "NaN NaN NaN" for none. */
void point_add(struct text *data, const struct point *point);

#endif
