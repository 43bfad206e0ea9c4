#ifndef WAKEONE_POINTS_H
#define WAKEONE_POINTS_H

/* A point of a figure: a median with its 95 % interval or, of fewer than 6 values, with the least and the greatest. */

#include "rows.h"
#include "text.h"

struct point {
    size_t n; /* values; 0 = there is none, and all below is NAN */
    double median, low, high;
    bool exact; /* a number that was not measured, but stated: printed as it is */
};

/* Of values in any order, which are sorted. All as published: with 7 digits. */
struct point point_of_values(double *values, size_t count);

/* Of the valid samples of a configuration. */
struct point point_of(const struct rows *rows, const struct configuration *c, enum column column);

/* "median low high" as gnuplot has it, "NaN NaN NaN" for none. */
void point_add(struct text *data, const struct point *point);

#endif
