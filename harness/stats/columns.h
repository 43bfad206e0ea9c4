#ifndef WAKEONE_COLUMNS_H
#define WAKEONE_COLUMNS_H

#include "lines.h"

#include <stdbool.h>

/*
 * What `stats --columns` prints of each key: "median:2,min:2,max:2".
 */

struct column_statistic {
    const char *name;                             /* as given, "median:2" */
    double (*of)(const double *sorted, size_t n); /* n > 0 */
    unsigned column;                              /* 1 to COLUMNS_MAX */
};

struct column_list {
    struct column_statistic all[COLUMNS_MAX];
    unsigned count;
    unsigned last;        /* the highest column of them */
    bool is[COLUMNS_MAX]; /* columns of the list, from column 1 */
};

/* Takes the list apart; `text` is changed, and what is in `list` points into it. False if it is not such a list. */
bool column_list_parse(struct column_list *list, char *text);

#endif
