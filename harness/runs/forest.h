/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_FOREST_H
#define WAKEONE_FOREST_H

/* The data of plots/forest.gp: ratios with their intervals, one row per configuration. */

#include "rows.h"
#include "text.h"

struct forest_row {
    const char *server;
    double workers, connections, rate, requests;
    double cpus;             /* NAN = the machine's, of each run */
    unsigned series;         /* from 0 */
    double ratio, low, high; /* as published; NAN = none */
    double threshold;        /* noise threshold, as a share; NAN = unknown */
    bool nothing;            /* nothing to compare */
};

struct forest {
    const struct forest_row *rows; /* in the order of the plot */
    unsigned count, series;
    const char *const *
        notes; /* below the axis, one line for the baseline of the ratios and for each series; NULL = none */
};

/* The data for gnuplot; ticks of the axis (space-separated) and the height of all rows in pixels, which the caller frees. */
void forest_data(const struct forest *forest, struct text *data, char **ticks, char **height);

#endif
