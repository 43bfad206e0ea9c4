/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The run, round by round. Blocks, separated by two empty lines:
 *   rounds: first, last; number of verdicts
 *   the A/A control's interval: its ends (NaN without a control)
 *   a block per server, for throughput: round, multiple of the configuration's median; then one per server for p99
 *   a block per verdict other than ok: round, its number, rows; then one of their names: name, number
 */

#include "figure.h"
#include "number.h"
#include "pairs.h"
#include "points.h"

#include "harness/lib/message.h"
#include "harness/stats/paired.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- multiples of the configuration's median, so that all configurations share one axis ---- */

struct multiple {
    unsigned series, order; /* order: in the file */
    double round, value;
};

static int by_round(const void *a, const void *b)
{
    const struct multiple *x = a, *y = b;
    if (x->series != y->series)
        return x->series < y->series ? -1 : 1;
    if (x->round != y->round)
        return x->round < y->round ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* The medians of all configurations in a column; the caller frees them */
static double *medians_of(const struct rows *rows, enum column column)
{
    double *medians = calloc(rows->configuration_count + 1, sizeof *medians);
    if (!medians)
        fail("out of memory");
    for (unsigned i = 0; i < rows->configuration_count; i++)
        medians[i] = point_of(rows, &rows->configurations[i], column).median;
    return medians;
}

static struct multiple *multiples_of(const struct view *view, enum column column, unsigned *count)
{
    const struct rows *rows = &view->run->trials;
    double *medians = medians_of(rows, column);
    struct multiple *all = calloc(rows->count + 1, sizeof *all);
    if (!all)
        fail("out of memory");
    *count = 0;
    for (unsigned i = 0; i < rows->count; i++) {
        const struct row *row = &rows->all[i];
        double value = row_number(row, column);
        if (!row_is_valid(row) || isnan(value) || !(medians[rows->configuration_of[i]] > 0))
            continue;
        all[*count] = (struct multiple){
            (unsigned)view_place(view, row->strategy), i, row->round,
            rounded_to_digits(value / medians[rows->configuration_of[i]], 6)};
        (*count)++;
    }
    qsort(all, *count, sizeof *all, by_round);
    free(medians);
    return all;
}

/* Rounds in the order of their first rows */
struct round_line {
    unsigned order;
    double round, median;
};

static int by_order(const void *a, const void *b)
{
    const struct round_line *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static void add_rounds(struct text *data, const struct multiple *all, unsigned count,
                       unsigned series)
{
    struct round_line *lines = calloc(count + 1, sizeof *lines);
    double *values = calloc(count + 1, sizeof *values);
    unsigned line_count = 0;
    if (!lines || !values)
        fail("out of memory");
    for (unsigned i = 0, next; i < count; i = next) {
        unsigned n = 0;
        for (next = i;
             next < count && all[next].series == all[i].series && all[next].round == all[i].round;
             next++)
            values[n++] = all[next].value;
        if (all[i].series == series)
            lines[line_count++] = (struct round_line){all[i].order, all[i].round,
                                                      point_of_values(values, n).median};
    }
    qsort(lines, line_count, sizeof *lines, by_order);
    for (unsigned i = 0; i < line_count; i++)
        text_add(data, "%s %s\n", number_short(lines[i].round).text,
                 number_value(lines[i].median).text);
    text_add_string(data, line_count ? "\n\n" : "NaN NaN\n\n\n");
    free(lines);
    free(values);
}

static void add_multiples(struct text *data, const struct view *view, enum column column)
{
    unsigned count;
    struct multiple *all = multiples_of(view, column, &count);
    for (unsigned series = 0; series < view->name_count; series++)
        add_rounds(data, all, count, series);
    free(all);
}

/* ---- the A/A control ---- */

static void add_control(struct text *data, const struct view *view)
{
    const struct run *run = view->run;
    struct pairs pairs = pairs_of(run, run->control, run->baseline, COLUMN_throughput_rps);
    struct paired p = pairs_ratio(&pairs, 0, pairs.count);
    text_add(data, "%s %s \n\n\n", isnan(p.low) ? "NaN" : number_fixed(p.low, 4).text,
             isnan(p.low) ? "NaN" : number_fixed(p.high, 4).text);
    pairs_free(&pairs);
}

/* ---- verdicts ---- */

struct verdict_rows {
    const char *name;
    double *rounds; /* in the order of the file */
    unsigned *rows, count;
};

struct verdicts {
    struct verdict_rows *all; /* in the order of the file */
    unsigned count;
};

static struct verdict_rows *verdict_named(struct verdicts *verdicts, const char *name)
{
    for (unsigned i = 0; i < verdicts->count; i++)
        if (strcmp(verdicts->all[i].name, name) == 0)
            return &verdicts->all[i];
    verdicts->all = realloc(verdicts->all, (verdicts->count + 1) * sizeof *verdicts->all);
    if (!verdicts->all)
        fail("out of memory");
    verdicts->all[verdicts->count] = (struct verdict_rows){name, NULL, NULL, 0};
    return &verdicts->all[verdicts->count++];
}

static void count_row(struct verdict_rows *v, double round)
{
    for (unsigned i = v->count; i-- > 0;) /* rows of a round are adjacent */
        if (v->rounds[i] == round) {
            v->rows[i]++;
            return;
        }
    v->rounds = realloc(v->rounds, (v->count + 1) * sizeof *v->rounds);
    v->rows = realloc(v->rows, (v->count + 1) * sizeof *v->rows);
    if (!v->rounds || !v->rows)
        fail("out of memory");
    v->rounds[v->count] = round;
    v->rows[v->count++] = 1;
}

static struct verdicts verdicts_of(const struct rows *rows)
{
    struct verdicts verdicts = {NULL, 0};
    for (unsigned i = 0; i < rows->count; i++) {
        const struct row *row = &rows->all[i];
        if (!row_is_valid(row) && !row_is_warm_up(row))
            count_row(verdict_named(&verdicts, row->verdict), row->round);
    }
    return verdicts;
}

static void add_verdicts(struct text *data, struct verdicts *verdicts)
{
    for (unsigned v = 0; v < verdicts->count; v++) {
        struct verdict_rows *rows = &verdicts->all[v];
        for (unsigned i = 0; i < rows->count; i++)
            text_add(data, "%s %u %u\n", number_short(rows->rounds[i]).text, v + 1, rows->rows[i]);
        text_add_string(data, "\n\n");
    }
    for (unsigned v = 0; v < verdicts->count; v++)
        text_add(data, "\"%s\" %u\n", verdicts->all[v].name, v + 1);
    if (verdicts->count == 0)
        text_add_string(data, "\"\" 1\n");
}

static void free_verdicts(struct verdicts *verdicts)
{
    for (unsigned i = 0; i < verdicts->count; i++) {
        free(verdicts->all[i].rounds);
        free(verdicts->all[i].rows);
    }
    free(verdicts->all);
}

enum figure_outcome data_timeline(struct view *view, struct text *data, struct complaint *why)
{
    const struct rows *rows = &view->run->trials;
    struct verdicts verdicts = verdicts_of(rows);
    double first = NAN, last = 0;
    (void)why;
    for (unsigned i = 0; i < rows->count; i++)
        if (!row_is_warm_up(&rows->all[i])) {
            first = fmin(first, rows->all[i].round);
            last = fmax(last, rows->all[i].round);
        }
    text_add(data, "%s %s %u \n\n\n", number_short(isnan(first) ? 0 : first).text,
             number_short(last).text, verdicts.count);
    add_control(data, view);
    add_multiples(data, view, COLUMN_throughput_rps);
    add_multiples(data, view, COLUMN_latency_p99_us);
    add_verdicts(data, &verdicts);
    free_verdicts(&verdicts);
    return FIGURE_DRAWN;
}
