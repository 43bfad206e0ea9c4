/* SPDX-License-Identifier: BSD-2-Clause */
#include "rows.h"

#include "csv.h"
#include "text.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns that every row must have. */
static const enum column needed[] = {
    COLUMN_trial,   COLUMN_round,       COLUMN_strategy,     COLUMN_workers,
    COLUMN_cpus,    COLUMN_connections, COLUMN_rate_offered, COLUMN_requests_per_connection,
    COLUMN_verdict,
};

bool row_is_valid(const struct row *row)
{
    return row->verdict && strcmp(row->verdict, "ok") == 0;
}

bool row_is_warm_up(const struct row *row)
{
    return row->verdict && strcmp(row->verdict, "warm-up") == 0;
}

/* ---- configurations ---- */

static bool same_value(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

bool same_block(const struct configuration *a, const struct configuration *b)
{
    return same_value(a->workers, b->workers) && same_value(a->cpus, b->cpus) &&
           same_value(a->connections, b->connections) && same_value(a->rate, b->rate) &&
           same_value(a->requests, b->requests);
}

bool same_configuration(const struct configuration *a, const struct configuration *b)
{
    return strcmp(a->server, b->server) == 0 && same_block(a, b);
}

struct configuration key_of_block(const struct configuration *c)
{
    struct configuration key = *c;
    key.server = "";
    return key;
}

struct configuration key_of_load(const struct configuration *c, const char *server)
{
    struct configuration key = *c;
    key.server = server;
    key.workers = NAN;
    return key;
}

/* -0 and 0 are equal, and have the same key. */
static double one_zero(double value)
{
    return value == 0 ? 0 : value;
}

static struct configuration configuration_of(const struct row *row)
{
    return (struct configuration){.server = row->strategy,
                                  .workers = one_zero(row->workers),
                                  .cpus = one_zero(row->cpus),
                                  .connections = one_zero(row->connections),
                                  .rate = one_zero(row->rate_offered),
                                  .requests = one_zero(row->requests_per_connection)};
}

int rows_find(const struct rows *rows, const struct configuration *wanted)
{
    return lookup_find(&rows->lookup, wanted);
}

static unsigned find_or_add(struct rows *rows, const struct configuration *wanted)
{
    unsigned found = lookup_add(&rows->lookup, wanted, rows->configuration_count);
    if (found < rows->configuration_count)
        return found;
    rows->configurations = array_grow(rows->configurations, rows->configuration_count,
                                      &rows->configuration_room, sizeof *rows->configurations);
    rows->configurations[rows->configuration_count] = *wanted;
    return rows->configuration_count++;
}

/* Two passes over the rows: counts the samples of each configuration, then collects them. */
static void collect_samples(struct rows *rows)
{
    rows->configuration_of = calloc(rows->count + 1, sizeof *rows->configuration_of);
    if (!rows->configuration_of)
        fail("out of memory");
    for (unsigned i = 0; i < rows->count; i++) {
        const struct row *row = &rows->all[i];
        if (row_is_warm_up(row)) {
            rows->configuration_of[i] = UINT32_MAX;
            continue;
        }
        struct configuration wanted = configuration_of(row);
        rows->configuration_of[i] = find_or_add(rows, &wanted);
        struct configuration *c = &rows->configurations[rows->configuration_of[i]];
        c->rows++;
        c->valid += row_is_valid(row);
    }
    for (unsigned i = 0; i < rows->configuration_count; i++) {
        struct configuration *c = &rows->configurations[i];
        c->samples = calloc(c->valid + 1, sizeof *c->samples);
        if (!c->samples)
            fail("out of memory");
        c->valid = 0;
    }
    for (unsigned i = 0; i < rows->count; i++)
        if (row_is_valid(&rows->all[i])) {
            struct configuration *c = &rows->configurations[rows->configuration_of[i]];
            c->samples[c->valid++] = i;
        }
}

double *configuration_values(const struct rows *rows, const struct configuration *c,
                             enum column column, size_t *count)
{
    double *values = calloc(c->valid + 1, sizeof *values);
    if (!values)
        fail("out of memory");
    *count = 0;
    for (unsigned i = 0; i < c->valid; i++) {
        double value = row_number(&rows->all[c->samples[i]], column);
        if (!isnan(value))
            values[(*count)++] = value;
    }
    return values;
}

static int by_value(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(b) - isnan(a);
    return (a > b) - (a < b);
}

int configuration_order(const void *a, const void *b)
{
    const struct configuration *x = *(struct configuration *const *)a,
                               *y = *(struct configuration *const *)b;
    const double pairs[][2] = {{x->workers, y->workers},
                               {x->cpus, y->cpus},
                               {x->connections, y->connections},
                               {x->rate, y->rate},
                               {x->requests, y->requests}};
    int order = strcmp(x->server, y->server);
    for (size_t i = 0; order == 0 && i < sizeof pairs / sizeof *pairs; i++)
        order = by_value(pairs[i][0], pairs[i][1]);
    return order;
}

struct number key_value(double value)
{
    static const struct number none = {"-"};
    return isnan(value) ? none : number_short(value);
}

struct key configuration_key(const struct configuration *c)
{
    struct key key;
    snprintf(key.text, sizeof key.text, "%.100s|%s|%s|%s|%s|%s", c->server,
             key_value(c->workers).text, key_value(c->cpus).text, key_value(c->connections).text,
             key_value(c->rate).text, key_value(c->requests).text);
    return key;
}

/* ---- reading ---- */

enum { NAME_MOST = 100 }; /* limit of configuration_key() */

static bool is_name(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return *text >= 'a' && *text <= 'z' && text[length] == '\0' && length <= NAME_MOST;
}

/* Names that are used in reports and file names; other texts are data. */
static bool is_name_column(enum column column)
{
    return column == COLUMN_strategy || column == COLUMN_machine || column == COLUMN_verdict;
}

static bool set_field(struct row *row, enum column column, const char *text)
{
    double value;
    if (*text == '\0')
        return true;
    if (column_is_text(column)) {
        row_set_text(row, column, text);
        return !is_name_column(column) || is_name(text);
    }
    if (!number_read(text, &value))
        return false;
    row_set_number(row, column, value);
    return true;
}

/* Values that a row must also have: rounds and trials are looked up by number. */
static const char *missing_value(const struct row *row)
{
    return !row->strategy      ? "strategy"
           : !row->verdict     ? "verdict"
           : isnan(row->trial) ? "trial"
           : isnan(row->round) ? "round"
                               : NULL;
}

static bool set_row(struct row *row, const struct csv *csv, const enum column *columns,
                    struct complaint *complaint)
{
    row_clear(row);
    for (unsigned i = 0; i < csv->columns; i++)
        if (columns[i] < ROW_COLUMN_COUNT && !set_field(row, columns[i], csv->fields[i]))
            return complain(complaint, "%s: line %lu: '%s' is not a valid %s", csv->name, csv->line,
                            csv->fields[i], column_name(columns[i]));
    const char *missing = missing_value(row);
    if (missing)
        return complain(complaint, "%s: line %lu: missing %s", csv->name, csv->line, missing);
    return true;
}

static bool find_columns(struct rows *rows, const struct csv *csv, enum column *columns,
                         struct complaint *complaint)
{
    rows->names = calloc(csv->columns + 1, sizeof *rows->names);
    if (!rows->names)
        fail("out of memory");
    rows->name_count = csv->columns;
    for (unsigned i = 0; i < csv->columns; i++) {
        rows->names[i] = csv->header[i];
        columns[i] = column_find(csv->header[i]);
        if (columns[i] < ROW_COLUMN_COUNT)
            rows->has[columns[i]] = true;
    }
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (csv->columns > 0 && !rows->has[needed[i]])
            return complain(complaint, "%s: line 1: missing column '%s'", csv->name,
                            column_name(needed[i]));
    return true;
}

static bool read_lines(struct rows *rows, struct csv *csv, const enum column *columns,
                       struct complaint *complaint)
{
    enum csv_line line;
    while ((line = csv_next(csv, complaint)) == CSV_LINE) {
        rows->all = array_grow(rows->all, rows->count, &rows->room, sizeof *rows->all);
        if (!set_row(&rows->all[rows->count], csv, columns, complaint))
            return false;
        rows->count++;
    }
    return line == CSV_END;
}

bool rows_read(struct rows *rows, const char *path, struct complaint *complaint)
{
    struct csv csv;
    *rows = (struct rows){.all = NULL};
    if (!csv_open(&csv, path, path, ',', complaint))
        return false;
    enum column *columns = calloc(csv.columns + 1, sizeof *columns);
    if (!columns)
        fail("out of memory");
    bool read = find_columns(rows, &csv, columns, complaint) &&
                read_lines(rows, &csv, columns, complaint);
    free(columns);
    rows->buffer = csv.buffer;
    csv.buffer = NULL;
    csv_close(&csv);
    if (read)
        collect_samples(rows);
    else
        rows_free(rows);
    return read;
}

void rows_free(struct rows *rows)
{
    for (unsigned i = 0; i < rows->configuration_count; i++)
        free(rows->configurations[i].samples);
    free(rows->configurations);
    free(rows->names);
    free(rows->configuration_of);
    lookup_free(&rows->lookup);
    free(rows->all);
    free(rows->buffer);
    *rows = (struct rows){.all = NULL};
}
