/* SPDX-License-Identifier: BSD-2-Clause */
/* Figures with a panel per number of workers: a block per configuration, servers within numbers of workers. */

#include "figure.h"
#include "points.h"

#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>

/* Calls `add` for each block; blocks are separated as in gnuplot data. */
static void add_panels(const struct view *view, struct text *data,
                       void (*add)(const struct view *, const struct configuration *,
                                   struct text *))
{
    for (unsigned panel = 0; panel < view->worker_count; panel++)
        for (unsigned series = 0; series < view->name_count; series++) {
            add(view, view_configuration(view, panel, series), data);
            text_add_string(data, "\n\n\n");
        }
}

static bool any_sample(const struct view *view, bool (*is)(const struct row *))
{
    const struct rows *rows = &view->run->trials;
    for (unsigned i = 0; i < rows->count; i++)
        if (row_is_valid(&rows->all[i]) &&
            view_has(view, &rows->configurations[rows->configuration_of[i]]) && is(&rows->all[i]))
            return true;
    return false;
}

/* ---- CPU time ---- */

static bool has_cpu(const struct row *row)
{
    return !isnan(row->server_cpu_us_per_req) && !isnan(row->client_cpu_us_per_req);
}

/* Of server and client together */
static struct point sum_of_cpu(const struct rows *rows, const struct configuration *c)
{
    size_t count = 0;
    double *values = calloc(c->valid + 1, sizeof *values);
    if (!values)
        fail("out of memory");
    for (unsigned i = 0; i < c->valid; i++) {
        const struct row *row = &rows->all[c->samples[i]];
        if (has_cpu(row)) /* with 6 digits, as sums of columns are published */
            values[count++] = rounded_to_digits(
                row->client_cpu_us_per_req + row->server_cpu_us_per_req, 6);
    }
    struct point point = point_of_values(values, count);
    free(values);
    return point;
}

static const char *or_nan(double value, struct number *number)
{
    *number = number_value(value);
    return isnan(value) ? "NaN" : number->text;
}

static void add_cpu(const struct view *view, const struct configuration *c, struct text *data)
{
    struct point server = {0, NAN, NAN, NAN, false}, both = server;
    struct number n[4];
    if (c) {
        server = point_of(&view->run->trials, c, COLUMN_server_cpu_us_per_req);
        both = sum_of_cpu(&view->run->trials, c);
    }
    double client = both.median - server.median;
    text_add(data, "%s %s %s %s %s", or_nan(server.median, &n[0]),
             isnan(client) ? "NaN" : number_digits(client, 6).text, or_nan(both.median, &n[1]),
             or_nan(both.low, &n[2]), or_nan(both.high, &n[3]));
}

enum figure_outcome data_cpu(struct view *view, struct text *data, struct complaint *why)
{
    if (!any_sample(view, has_cpu)) {
        complain(why, "no CPU times of server and client");
        return FIGURE_LEFT_OUT;
    }
    add_panels(view, data, add_cpu);
    return FIGURE_DRAWN;
}

/* ---- classes of wakeups ---- */

static bool is_classed(const struct row *row)
{
    return !isnan(row->absorbed) && row->conns > 0;
}

struct classes {
    double conns, useful, spurious, absorbed; /* over all rounds */
};

static struct classes classes_of(const struct rows *rows, const struct configuration *c)
{
    struct classes sum = {0, 0, 0, 0};
    for (unsigned i = 0; i < c->valid; i++) {
        const struct row *row = &rows->all[c->samples[i]];
        if (!is_classed(row))
            continue;
        sum.conns += row->conns;
        sum.useful += isnan(row->useful) ? 0 : row->useful;
        sum.spurious += isnan(row->spurious) ? 0 : row->spurious;
        sum.absorbed += row->absorbed;
    }
    return sum;
}

/* A share of connections, formatted as a point of one value */
static const char *share(double part, double conns, struct number *number)
{
    return or_nan(conns > 0 ? rounded_to_digits(part / conns, 6) : NAN, number);
}

static void add_classes(const struct view *view, const struct configuration *c, struct text *data)
{
    struct classes sum = {0, 0, 0, 0};
    struct point wakeups = {0, NAN, NAN, NAN, false};
    struct number n[5];
    if (c) {
        sum = classes_of(&view->run->trials, c);
        wakeups = point_of(&view->run->trials, c, COLUMN_wakeups_per_conn);
    }
    text_add(data, "%s %s %s %s %s", share(sum.useful, sum.conns, &n[0]),
             share(sum.spurious, sum.conns, &n[1]), share(sum.absorbed, sum.conns, &n[2]),
             or_nan(wakeups.low, &n[3]), or_nan(wakeups.high, &n[4]));
}

enum figure_outcome data_classes(struct view *view, struct text *data, struct complaint *why)
{
    if (!any_sample(view, is_classed)) {
        complain(why, "absorbed wakeups were not counted: requires --instrument auto and root");
        return FIGURE_LEFT_OUT;
    }
    add_panels(view, data, add_classes);
    return FIGURE_DRAWN;
}
