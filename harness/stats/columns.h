/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_COLUMNS_H
#define WAKEONE_COLUMNS_H

#include "lines.h"

#include <stdbool.h>

/*
 * The columns of `stats --columns`, printed for each key: "median:2,min:2,max:2".
 */

struct column_statistic {
    const char *name;                             /* as given, "median:2" */
    double (*of)(const double *sorted, size_t n); /* n > 0 */
    unsigned column;                              /* 1 to COLUMNS_MAX */
};

struct column_list {
    struct column_statistic all[COLUMNS_MAX];
    unsigned count;
    unsigned last;        /* the highest column */
    bool is[COLUMNS_MAX]; /* columns of the list, from column 1 */
};

/* Parses the list; `text` is changed, and `list` points into it. False if it is not a valid list. */
bool column_list_parse(struct column_list *list, char *text);

#endif
