/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Throughput and wakeups by CPUs, of one group of the scale. Blocks with two empty lines between:
 *   ends of the axes: throughput low, high, wakeups low, high (NaN = none); 1 for virtual time
 *   for each server: cpus, throughput median, low, high, the ideal
 *   for each: the fitted curve: cpus, throughput, low, high
 *   for each: wakeups of configurations whose throughput was measured: cpus median low high
 *   for each: wakeups of configurations that were only counted (a guest with more CPUs than the host)
 *   the results of the fits, one per line, quoted
 */

#include "figure.h"
#include "points.h"
#include "usl.h"

#include "harness/lib/message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIT_UP_TO = 64
}; /* CPUs of the extrapolation; twice the measured number if that is larger */

struct place {
    double cpus;
    struct point throughput, wakeups;
};

struct line {
    struct place *places; /* by CPUs */
    unsigned count;
    struct text curve, result;
};

struct axes {
    double low, high, wakeups_low, wakeups_high;
};

static int by_cpus(const void *a, const void *b)
{
    double x = ((const struct place *)a)->cpus, y = ((const struct place *)b)->cpus;
    return (x > y) - (x < y);
}

static void read_line(const struct view *view, unsigned series, struct line *line)
{
    const struct rows *rows = &view->run->trials;
    *line = (struct line){.places = calloc(rows->configuration_count + 1, sizeof *line->places)};
    if (!line->places)
        fail("out of memory");
    for (unsigned i = 0; i < rows->configuration_count; i++) {
        const struct configuration *c = &rows->configurations[i];
        if (c->valid == 0 || !view_has(view, c) || view_place(view, c->server) != (int)series)
            continue;
        struct place place = {c->cpus, point_of(rows, c, COLUMN_throughput_rps),
                              point_of(rows, c, COLUMN_wakeups_per_conn)};
        if (place.throughput.n > 0 || place.wakeups.n > 0)
            line->places[line->count++] = place;
    }
    qsort(line->places, line->count, sizeof *line->places, by_cpus);
}

static void hold(double *low, double *high, const struct point *point)
{
    *low = fmin(*low, point->low);
    *high = fmax(*high, point->high);
}

/* ---- the law ---- */

static void add_curve(struct line *line, const char *name, const struct usl *usl, double from,
                      double upto, struct axes *axes)
{
    char *parameters = usl_parameters(usl);
    double at = usl_at(usl, upto), half = usl_half(usl, upto);
    text_add(&line->result, "%s: %s; %s CPUs: %.0f [%.0f, %.0f]", name, parameters,
             number_short(upto).text, at, fmax(0, at - half), at + half);
    free(parameters);
    /* Four points from each number of CPUs to its double; none before the first. */
    for (int quarter = 0; from > 0; quarter++) {
        double n = from * pow(2, quarter / 4.0);
        if (n >= upto * 1.001)
            break;
        at = usl_at(usl, n);
        half = usl_half(usl, n);
        text_add(&line->curve, "%s %s %s %s\n", number_short(n).text, number_short(at).text,
                 number_short(fmax(0, at - half)).text, number_short(at + half).text);
        axes->high = fmax(axes->high, rounded_to_digits(at, 6));
    }
}

static void fit_line(struct line *line, const char *name, double upto, struct axes *axes)
{
    struct usl_point *points = calloc(line->count + 1, sizeof *points);
    size_t count = 0;
    struct usl usl;
    struct complaint why;
    if (!points)
        fail("out of memory");
    for (unsigned i = 0; i < line->count; i++) {
        const struct point *p = &line->places[i].throughput;
        if (p->n > 0)
            points[count++] = (struct usl_point){line->places[i].cpus, p->median,
                                                 rounded_to_digits((p->high - p->low) / 2, 6)};
    }
    if (count > 0 && usl_fit(points, count, &usl, &why))
        add_curve(line, name, &usl, points[0].cpus, upto, axes);
    else if (count > 0)
        text_add(&line->result, "%s: no curve, %s", name, why.text);
    free(points);
}

/* ---- blocks ---- */

static void end_block(struct text *data, size_t begin)
{
    if (data->length == begin)
        text_add_string(data, "NaN NaN NaN NaN NaN\n");
    text_add_string(data, "\n\n");
}

static const struct place *first_timed(const struct line *line)
{
    for (unsigned i = 0; i < line->count; i++)
        if (line->places[i].throughput.n > 0)
            return &line->places[i];
    return NULL;
}

static double ideal_at(const struct line *line, double cpus)
{
    const struct place *first = first_timed(line);
    return first->throughput.median / first->cpus * cpus;
}

static void add_throughput(struct text *data, const struct line *line)
{
    size_t begin = data->length;
    for (unsigned i = 0; i < line->count; i++) {
        const struct place *place = &line->places[i];
        if (place->throughput.n == 0)
            continue;
        text_add(data, "%s ", number_short(place->cpus).text);
        point_add(data, &place->throughput);
        text_add(data, " %s\n", number_short(ideal_at(line, place->cpus)).text);
    }
    end_block(data, begin);
}

static void add_wakeups(struct text *data, const struct line *line, bool timed)
{
    size_t begin = data->length;
    for (unsigned i = 0; i < line->count; i++) {
        const struct place *place = &line->places[i];
        if (place->wakeups.n == 0 || (place->throughput.n > 0) != timed)
            continue;
        text_add(data, "%s ", number_short(place->cpus).text);
        point_add(data, &place->wakeups);
        text_add_string(data, "\n");
    }
    end_block(data, begin);
}

static void add_curve_block(struct text *data, const struct line *line)
{
    size_t begin = data->length;
    text_add_string(data, text_of(&line->curve));
    end_block(data, begin);
}

struct fit_text {
    const char *name, *text;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct fit_text *)a)->name, ((const struct fit_text *)b)->name);
}

static void add_sayings(struct text *data, const struct view *view, const struct line *lines)
{
    struct fit_text *texts = calloc(view->name_count + 1, sizeof *texts);
    unsigned count = 0;
    if (!texts)
        fail("out of memory");
    for (unsigned i = 0; i < view->name_count; i++)
        if (lines[i].result.length)
            texts[count++] = (struct fit_text){view->names[i], lines[i].result.text};
    qsort(texts, count, sizeof *texts, by_name);
    for (unsigned i = 0; i < count; i++)
        text_add(data, "%u \"%s\"\n", i + 1, texts[i].text);
    if (count == 0)
        text_add_string(data, "1 \"\"\n");
    free(texts);
}

static const char *or_nan(double value, struct number *number, bool as_value)
{
    *number = as_value ? number_value(value) : number_short(value);
    return isnan(value) ? "NaN" : number->text;
}

static void add_axes(struct text *data, const struct axes *axes, double measured_high, bool virtual)
{
    struct number n[4];
    text_add(data, "%s %s %s %s%s \n\n\n", or_nan(axes->low, &n[0], true),
             or_nan(axes->high, &n[1], axes->high == measured_high),
             or_nan(axes->wakeups_low, &n[2], true), or_nan(axes->wakeups_high, &n[3], true),
             virtual ? " 1" : "");
}

static bool is_virtual(const struct rows *rows)
{
    for (unsigned i = 0; i < rows->count; i++)
        if (row_is_valid(&rows->all[i]) && rows->all[i].machine &&
            strcmp(rows->all[i].machine, "virtual") == 0)
            return true;
    return false;
}

static double fit_up_to(const struct line *lines, unsigned count)
{
    double last = 0;
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < lines[i].count; k++)
            if (lines[i].places[k].throughput.n > 0)
                last = fmax(last, lines[i].places[k].cpus);
    return last >= FIT_UP_TO ? 2 * last : FIT_UP_TO;
}

enum figure_outcome data_scale(struct view *view, struct text *data, struct complaint *why)
{
    unsigned count = view->name_count;
    struct line *lines = calloc(count + 1, sizeof *lines);
    struct axes axes = {NAN, NAN, NAN, NAN};
    (void)why;
    if (!lines)
        fail("out of memory");
    for (unsigned i = 0; i < count; i++)
        read_line(view, i, &lines[i]);
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < lines[i].count; k++) {
            hold(&axes.low, &axes.high, &lines[i].places[k].throughput);
            hold(&axes.wakeups_low, &axes.wakeups_high, &lines[i].places[k].wakeups);
        }
    double measured_high = axes.high, upto = fit_up_to(lines, count);
    for (unsigned i = 0; i < count; i++)
        fit_line(&lines[i], view->names[i], upto, &axes);
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < lines[i].count; k++)
            if (lines[i].places[k].throughput.n > 0)
                axes.high = fmax(axes.high, ideal_at(&lines[i], lines[i].places[k].cpus));
    add_axes(data, &axes, measured_high, is_virtual(&view->run->trials));
    for (unsigned i = 0; i < count; i++)
        add_throughput(data, &lines[i]);
    for (unsigned i = 0; i < count; i++)
        add_curve_block(data, &lines[i]);
    for (unsigned i = 0; i < count; i++)
        add_wakeups(data, &lines[i], true);
    for (unsigned i = 0; i < count; i++)
        add_wakeups(data, &lines[i], false);
    add_sayings(data, view, lines);
    for (unsigned i = 0; i < count; i++) {
        if (lines[i].result.length)
            fprintf(stderr, "fit of %s\n", lines[i].result.text);
        text_free(&lines[i].curve);
        text_free(&lines[i].result);
        free(lines[i].places);
    }
    free(lines);
    return FIGURE_DRAWN;
}
