#ifndef WAKEONE_ROWS_H
#define WAKEONE_ROWS_H

/*
 * The rows of trials.csv or wire.csv, and their configurations: what was measured once per round (server, workers, CPUs,
 * load), so that rows of one configuration are samples of the same thing.
 */

#include "complaint.h"
#include "lookup.h"
#include "number.h"

#include "harness/lib/row.h"

#include <stddef.h>

struct configuration {
    const char *server; /* its name, the column strategy */

    /* NAN: the load has none of that. */
    double workers, cpus, connections, rate, requests;

    unsigned rows, valid; /* all but warm-up trials, and those whose verdict is ok */
    unsigned *samples;    /* the valid ones: indices into rows.all, in the order of the file */
};

struct rows {
    struct row *all; /* in the order of the file; warm-up trials and invalid samples included */
    unsigned *configuration_of;
    unsigned count;
    bool has[ROW_COLUMN_COUNT]; /* which columns the file has */
    const char **names;         /* of all its columns, known or not, in the order of the file */
    unsigned name_count;

    struct configuration
        *configurations; /* in the order in which they first came, warm-up trials excluded */
    unsigned configuration_count;

    char *buffer; /* what texts point into */
    unsigned room, configuration_room;
    struct lookup lookup;
};

/* Reads a file. What makes a row a row must be there; a column that is not there was not measured (NAN). */
bool rows_read(struct rows *rows, const char *path, struct complaint *complaint);
void rows_free(struct rows *rows);

bool row_is_valid(const struct row *row);
bool row_is_warm_up(const struct row *row);

/* The valid values of a column of one configuration, in the order of the file; *count of them, those that were not
 * measured left out. To be freed. */
double *configuration_values(const struct rows *rows, const struct configuration *c,
                             enum column column, size_t *count);

/* The same but for the server: what is compared side by side. */
bool same_block(const struct configuration *a, const struct configuration *b);

bool same_configuration(const struct configuration *a, const struct configuration *b);

/* Keys for a lookup: of all configurations that differ by their server only; by server and workers only, of `server` ("" = of
 * any). */
struct configuration key_of_block(const struct configuration *c);
struct configuration key_of_load(const struct configuration *c, const char *server);

/* Index of the configuration with these values, -1 if there is none. */
int rows_find(const struct rows *rows, const struct configuration *wanted);

/* By server, workers, CPUs, connections, rate, requests, upwards; values that there are none of come first. For qsort()
 * of an array of pointers to configurations. */
int configuration_order(const void *a, const void *b);

struct key {
    char text[320];
};

/* "racing|8|2|16|-|1": server, workers, CPUs, connections, rate, requests per connection. */
struct key configuration_key(const struct configuration *c);

/* A value of a configuration as it stands in keys: "-" for none. */
struct number key_value(double value);

#endif
