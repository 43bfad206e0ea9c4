/* SPDX-License-Identifier: BSD-2-Clause */
/* Figures with one plot: a metric by number of workers, a line per server. */

#include "figure.h"
#include "points.h"
#include "spread.h"
#include "summary.h"

#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { METRICS_MAX = 4, AXIS_DIGITS = 10 };
static const double NAMES_APART = 0.055; /* of the axis */

struct plot {
    const char *metric; /* name, for messages */
    unsigned metrics;
    bool log_axis;
    double least, most; /* the range that the axis must include; NAN = none */
    double ideal_up_to; /* workers; NAN = no ideal */

    /* The point of a configuration for a metric, from 0 */
    struct point (*point)(const struct view *view, const struct configuration *c, unsigned metric);
};

struct place {
    unsigned series;
    double x;
    struct point points[METRICS_MAX];
};

struct axis {
    double low, high;
    bool log;
};

/* ---- the axis ---- */

static void hold(struct axis *axis, double value)
{
    if (isnan(value) || (axis->log && value <= 0))
        return;
    axis->low = fmin(axis->low, value); /* of NAN and a number, the number */
    axis->high = fmax(axis->high, value);
}

static void finish_axis(struct axis *axis)
{
    if (isnan(axis->high))
        *axis = (struct axis){axis->log ? 1 : 0, 10, axis->log};
    if (axis->log) {
        axis->low /= 1.25;
        axis->high *= 1.25;
    } else {
        axis->low = 0;
        axis->high = axis->high > 0 ? axis->high * 1.06 : 1;
    }
}

static double height_of(const struct axis *axis, double value)
{
    if (!axis->log)
        return (value - axis->low) / (axis->high - axis->low);
    return value > 0 ? log(value / axis->low) / log(axis->high / axis->low) : 0;
}

/* ---- data ---- */

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->series != y->series)
        return x->series < y->series ? -1 : 1;
    return (x->x > y->x) - (x->x < y->x);
}

static bool has_points(const struct place *place, unsigned metrics)
{
    for (unsigned i = 0; i < metrics; i++)
        if (place->points[i].n > 0)
            return true;
    return false;
}

/* All places with a point, by series and x; *count of them. The caller frees them. */
static struct place *places_of(const struct view *view, const struct rows *rows,
                               const struct plot *plot, unsigned *count)
{
    struct place *places = calloc(rows->configuration_count + 1, sizeof *places);
    if (!places)
        fail("out of memory");
    *count = 0;
    for (unsigned i = 0; i < rows->configuration_count; i++) {
        const struct configuration *c = &rows->configurations[i];
        int series = view_has(view, c) ? view_place(view, c->server) : -1;
        struct place *place = &places[*count];
        if (series < 0)
            continue;
        *place = (struct place){.series = (unsigned)series, .x = c->workers};
        for (unsigned m = 0; m < plot->metrics; m++)
            place->points[m] = plot->point(view, c, m);
        *count += has_points(place, plot->metrics);
    }
    qsort(places, *count, sizeof *places, by_place);
    return places;
}

static void add_series(struct text *data, const struct plot *plot, const struct place *places,
                       unsigned count, unsigned series)
{
    bool any = false;
    text_add_string(data, "\n\n");
    for (unsigned i = 0; i < count; i++) {
        if (places[i].series != series)
            continue;
        any = true;
        text_add_string(data, number_digits(places[i].x, AXIS_DIGITS).text);
        for (unsigned m = 0; m < plot->metrics; m++) {
            text_add_string(data, " ");
            point_add(data, &places[i].points[m]);
        }
        text_add_string(data, "\n");
    }
    if (!any)
        text_add_string(data, "NaN\n");
}

/* The names are at the ends of the lines of the first metric. */
static void add_names(struct text *data, const struct view *view, const struct axis *axis,
                      const struct place *places, unsigned count)
{
    struct placed_name *names = calloc(view->name_count + 1, sizeof *names);
    unsigned name_count = 0;
    if (!names)
        fail("out of memory");
    for (unsigned series = 0; series < view->name_count; series++) {
        double end = NAN;
        for (unsigned i = 0; i < count; i++)
            if (places[i].series == series && places[i].points[0].n > 0)
                end = places[i].points[0].median;
        if (!isnan(end))
            names[name_count++] = (struct placed_name){series + 1, height_of(axis, end), 0};
    }
    spread_names(names, name_count, NAMES_APART);
    text_add_string(data, name_count ? "\n\n" : "\n\nNaN NaN\n");
    for (unsigned i = 0; i < name_count; i++)
        text_add(data, "%u %s\n", names[i].series, number_digits(names[i].at, AXIS_DIGITS).text);
    free(names);
}

static double ideal_of(const struct plot *plot, const struct place *places, unsigned count)
{
    double ideal = NAN;
    for (unsigned i = 0; i < count; i++)
        if (places[i].x <= plot->ideal_up_to && places[i].points[0].median > 0)
            ideal = fmax(ideal, places[i].points[0].median);
    return ideal;
}

static enum figure_outcome one_plot(const struct view *view, const struct rows *rows,
                                    const struct plot *plot, struct text *data,
                                    struct complaint *why)
{
    unsigned count;
    struct axis axis = {plot->least, plot->most, plot->log_axis};
    struct place *places = places_of(view, rows, plot, &count);
    bool any = false;
    for (unsigned i = 0; i < count; i++) {
        any |= places[i].points[0].n > 0;
        for (unsigned m = 0; m < plot->metrics; m++) {
            hold(&axis, places[i].points[m].low);
            hold(&axis, places[i].points[m].high);
        }
    }
    if (!any) {
        free(places);
        complain(why, "no values of %s", plot->metric);
        return FIGURE_LEFT_OUT;
    }
    finish_axis(&axis);
    double ideal = ideal_of(plot, places, count);
    text_add(data, "%s %s %s\n", number_digits(axis.low, AXIS_DIGITS).text,
             number_digits(axis.high, AXIS_DIGITS).text,
             isnan(ideal) ? "NaN" : number_value(ideal).text);
    for (unsigned series = 0; series < view->name_count; series++)
        add_series(data, plot, places, count, series);
    add_names(data, view, &axis, places, count);
    free(places);
    return FIGURE_DRAWN;
}

/* ---- the figures ---- */

static struct point throughput(const struct view *view, const struct configuration *c,
                               unsigned metric)
{
    (void)metric;
    return point_of(&view->run->trials, c, COLUMN_throughput_rps);
}

enum figure_outcome data_throughput(struct view *view, struct text *data, struct complaint *why)
{
    const struct plot plot = {.metric = "throughput_rps",
                              .metrics = 1,
                              .least = NAN,
                              .most = NAN,
                              .ideal_up_to = strtod(view->cpus, NULL),
                              .point = throughput};
    return one_plot(view, &view->run->trials, &plot, data, why);
}

/* Wakeups, and the expected number for an idle connection */
static struct point wakeups(const struct view *view, const struct configuration *c, unsigned metric)
{
    if (metric == 0)
        return point_of(&view->run->trials, c, COLUMN_wakeups_per_conn);
    double expected = expected_wakes(view->run, c);
    return isnan(expected) ? (struct point){0, NAN, NAN, NAN, true}
                           : (struct point){1, expected, expected, expected, true};
}

enum figure_outcome data_wakeups(struct view *view, struct text *data, struct complaint *why)
{
    static const struct plot plot = {.metric = "wakeups_per_conn",
                                     .metrics = 2,
                                     .log_axis = true,
                                     .least = 0.8,
                                     .most = 2,
                                     .ideal_up_to = NAN,
                                     .point = wakeups};
    return one_plot(view, &view->run->trials, &plot, data, why);
}

/* From the packet capture, in separate rounds, and from the load generator */
static struct point first_byte(const struct view *view, const struct configuration *c,
                               unsigned metric)
{
    static const enum column columns[] = {COLUMN_wire_first_byte_p50_us,
                                          COLUMN_wire_first_byte_p99_us, COLUMN_first_byte_p50_us,
                                          COLUMN_first_byte_p99_us};
    return point_of(&view->run->wire, c, columns[metric]);
}

enum figure_outcome data_wire(struct view *view, struct text *data, struct complaint *why)
{
    static const struct plot plot = {.metric = "wire_first_byte_p50_us",
                                     .metrics = 4,
                                     .log_axis = true,
                                     .least = NAN,
                                     .most = NAN,
                                     .ideal_up_to = NAN,
                                     .point = first_byte};
    if (!view->run->has_wire) {
        complain(why, "the run was made without --wire");
        return FIGURE_LEFT_OUT;
    }
    return one_plot(view, &view->run->wire, &plot, data, why);
}
