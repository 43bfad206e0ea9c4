/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_GROUPS_H
#define WAKEONE_GROUPS_H

/* The input of `stats`: values of A and of B by key. An error is one line that names line and column, and EXIT_FAILED. */

#include "columns.h"
#include "names.h"

struct values {
    double *all;
    unsigned count, room;
};

struct group {
    struct named named; /* the key; "-" if the input has no keys */
    struct values a, b;
    char *other; /* name of A; NULL = none yet, or the input is pairs */
    struct values columns[COLUMNS_MAX];
};

/* Standard input, lines of "[key] a b"; all numbers above 0. */
void groups_read_pairs(struct names *groups);

/* Standard input, lines of "[key] value", into A. */
void groups_read_singles(struct names *groups);

/* Standard input, lines of "[key] value...": the columns of the list into `columns`, by column. The key is the first column,
 * unless that is in the list. */
void groups_read_columns(struct names *groups, const struct column_list *list);

/* Standard input, lines of "[key] group value". `base` is the name of B; NULL = the group of the
 * first line. Each key has one other group. */
void groups_read_values(struct names *groups, const char *base);

void groups_free(struct names *groups);

struct threshold {
    struct named named;
    double share;
};

/* A file with lines of "key share" into `thresholds`. */
void thresholds_read(struct names *thresholds, const char *path);

#endif
