/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_ROWS_H
#define WAKEONE_ROWS_H

/*
 * The rows of trials.csv or wire.csv, and their configurations: a configuration (server, workers, CPUs, load) is measured once
 * per round, so that its rows are samples of the same quantity.
 */

#include "complaint.h"
#include "lookup.h"
#include "number.h"

#include "harness/lib/row.h"

#include <stddef.h>

struct configuration {
    const char *server; /* the name, column strategy */

    /* NAN: not applicable to the load. */
    double workers, cpus, connections, rate, requests;

    unsigned rows, valid; /* all but warm-up trials, and those with verdict ok */
    unsigned *samples;    /* the valid ones: indices into rows.all, in the order of the file */
};

struct rows {
    struct row *all; /* in the order of the file; warm-up trials and invalid samples included */
    unsigned *configuration_of;
    unsigned count;
    bool has[ROW_COLUMN_COUNT]; /* which columns the file has */
    const char **names;         /* of all columns, known or not, in the order of the file */
    unsigned name_count;

    struct configuration
        *configurations; /* in the order of their first rows, without warm-up trials */
    unsigned configuration_count;

    char *buffer; /* the storage of all texts */
    unsigned room, configuration_room;
    struct lookup lookup;
};

/* Reads a file. Required columns must exist; other missing columns were not measured (NAN). */
bool rows_read(struct rows *rows, const char *path, struct complaint *complaint);
void rows_free(struct rows *rows);

bool row_is_valid(const struct row *row);
bool row_is_warm_up(const struct row *row);

/* The valid values of a column of one configuration, in the order of the file; *count of them, without missing ones. The
 * caller frees them. */
double *configuration_values(const struct rows *rows, const struct configuration *c,
                             enum column column, size_t *count);

/* Equal except for the server: compared with each other. */
bool same_block(const struct configuration *a, const struct configuration *b);

bool same_configuration(const struct configuration *a, const struct configuration *b);

/* Keys for a lookup: shared by configurations that differ only by server; or only by server and workers, of `server` ("" =
 * any). */
struct configuration key_of_block(const struct configuration *c);
struct configuration key_of_load(const struct configuration *c, const char *server);

/* Index of the configuration with these values, -1 if not found. */
int rows_find(const struct rows *rows, const struct configuration *wanted);

/* Ascending by server, workers, CPUs, connections, rate, requests; missing values first. For qsort() of an array of pointers to
 * configurations. */
int configuration_order(const void *a, const void *b);

struct key {
    char text[320];
};

/* "racing|8|2|16|-|1": server, workers, CPUs, connections, rate, requests per connection. */
struct key configuration_key(const struct configuration *c);

/* A value of a configuration as in keys: "-" for none. */
struct number key_value(double value);

#endif
