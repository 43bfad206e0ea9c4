#ifndef WAKEONE_FOREST_H
#define WAKEONE_FOREST_H

/* The data of plots/forest.gp: ratios with their intervals, a row for each configuration. */

#include "rows.h"
#include "text.h"

struct forest_row {
    const char *server;
    double workers, connections, rate, requests;
    double cpus;             /* NAN = whatever each run has */
    unsigned series;         /* from 0 */
    double ratio, low, high; /* as published; NAN = none */
    double threshold;        /* noise, as a share; NAN = not known */
    bool nothing;            /* there is nothing to compare */
};

struct forest {
    const struct forest_row *rows; /* in the order of the plot */
    unsigned count, series;
    const char *const
        *notes; /* below the axis, a line for what ratios are to and for each series; NULL = none */
};

/* Data as gnuplot has it; ticks of the axis (space-separated) and the height of all rows in pixels, both to be freed. */
void forest_data(const struct forest *forest, struct text *data, char **ticks, char **height);

#endif
