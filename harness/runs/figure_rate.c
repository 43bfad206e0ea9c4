/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Latency by offered rate: blocks with two empty lines between.
 *   the ends of both axes: x low, y low; x high, y high
 *   for each number of workers and server: rate, median, low, high of p99 in milliseconds; after an empty line the knee
 *   (rate, median); after another the rates at which most samples fell behind (such a configuration has no point: its valid
 *   samples are biased)
 * The knee is the last rate, upwards from the lowest, whose p99 is at most twice the lowest one's.
 */

#include "figure.h"
#include "points.h"

#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct rates {
    double *all; /* ascending */
    unsigned count;
    double least, most; /* of the latencies, in milliseconds */
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct rates rates_of(const struct rows *rows)
{
    struct rates rates = {calloc(rows->configuration_count + 1, sizeof(double)), 0, NAN, NAN};
    if (!rates.all)
        fail("out of memory");
    for (unsigned i = 0; i < rows->configuration_count; i++)
        if (!isnan(rows->configurations[i].rate))
            rates.all[rates.count++] = rows->configurations[i].rate;
    qsort(rates.all, rates.count, sizeof(double), by_value);
    unsigned kept = 0;
    for (unsigned i = 0; i < rates.count; i++)
        if (kept == 0 || rates.all[i] != rates.all[kept - 1])
            rates.all[kept++] = rates.all[i];
    rates.count = kept;
    return rates;
}

static bool fell_behind(const struct configuration *c)
{
    return c->valid * 2 < c->rows;
}

/* In milliseconds, with 6 digits as drawn; none if most samples fell behind. */
static struct point latency_of(const struct rows *rows, const struct configuration *c)
{
    struct point p = point_of(rows, c, COLUMN_latency_p99_us);
    if (p.n == 0 || !(p.median > 0) || fell_behind(c))
        return (struct point){0, NAN, NAN, NAN, false};
    return (struct point){p.n, p.median / 1000, p.low / 1000, p.high / 1000, false};
}

static bool stands_before(const struct configuration *a, const struct configuration *b)
{
    return a->cpus != b->cpus ? a->cpus > b->cpus : a->requests < b->requests;
}

/* A line shows one number of CPUs, the largest, and one number of requests, the smallest. */
static const struct configuration *find(const struct rows *rows, const char *server, double workers,
                                        double rate)
{
    const struct configuration *found = NULL;
    for (unsigned i = 0; i < rows->configuration_count; i++) {
        const struct configuration *c = &rows->configurations[i];
        if (c->workers == workers && c->rate == rate && strcmp(c->server, server) == 0 &&
            (!found || stands_before(c, found)))
            found = c;
    }
    return found;
}

static void find_range(const struct rows *rows, struct rates *rates)
{
    for (unsigned i = 0; i < rows->configuration_count; i++) {
        const struct configuration *c = &rows->configurations[i];
        struct point p = isnan(c->rate) ? (struct point){0, NAN, NAN, NAN, false}
                                        : latency_of(rows, c);
        rates->least = fmin(rates->least, p.low);
        rates->most = fmax(rates->most, p.high);
    }
    if (isnan(rates->least)) {
        rates->least = 1;
        rates->most = 10;
    }
}

static const char *or_nothing(const struct text *lines)
{
    return lines->length ? lines->text : "NaN NaN NaN NaN\n";
}

/* One server with one number of workers, over all rates */
static void add_line(struct text *data, const struct view *view, const struct rates *rates,
                     double workers, const char *server)
{
    const struct rows *rows = &view->run->trials;
    struct text points = {NULL, 0, 0}, knee = {NULL, 0, 0}, behind = {NULL, 0, 0};
    double first = NAN;
    bool over = false;
    for (unsigned i = 0; i < rates->count; i++) {
        const struct configuration *c = find(rows, server, workers, rates->all[i]);
        if (!c)
            continue;
        struct point p = latency_of(rows, c);
        const struct number rate = key_value(c->rate);
        if (p.n > 0)
            text_add(&points, "%s %s %s %s\n", rate.text, number_short(p.median).text,
                     number_short(p.low).text, number_short(p.high).text);
        else
            text_add(&behind, "%s\n", rate.text);
        if (isnan(first))
            first = p.median;
        if (isnan(first) || over)
            continue;
        over = !(p.median <= 2 * first);
        if (!over) {
            text_free(&knee);
            text_add(&knee, "%s %s\n", rate.text, number_short(p.median).text);
        }
    }
    text_add(data, "%s\n%s\n%s\n\n", or_nothing(&points), or_nothing(&knee), or_nothing(&behind));
    text_free(&points);
    text_free(&knee);
    text_free(&behind);
}

static unsigned rates_with_samples(const struct rows *rows)
{
    double *seen = calloc(rows->configuration_count + 1, sizeof *seen);
    unsigned count = 0, kept = 0;
    if (!seen)
        fail("out of memory");
    for (unsigned i = 0; i < rows->configuration_count; i++)
        if (rows->configurations[i].valid && !isnan(rows->configurations[i].rate))
            seen[count++] = rows->configurations[i].rate;
    qsort(seen, count, sizeof *seen, by_value);
    for (unsigned i = 0; i < count; i++)
        kept += i == 0 || seen[i] != seen[i - 1];
    free(seen);
    return kept;
}

enum figure_outcome data_rate(struct view *view, struct text *data, struct complaint *why)
{
    static const double BELOW = 1.3, ABOVE = 1.6, EDGE = 0.04;
    const struct rows *rows = &view->run->trials;
    if (rates_with_samples(rows) < 2) {
        complain(why, "the run has fewer than two rates (--rate 2000,4000,...)");
        return FIGURE_LEFT_OUT;
    }
    struct rates rates = rates_of(rows);
    find_range(rows, &rates);
    double first = rates.all[0], last = rates.all[rates.count - 1], edge = (last - first) * EDGE;
    text_add(data, "%s %s\n%s %s\n\n\n", number_short(first - edge).text,
             number_short(rates.least / BELOW).text, number_short(last + edge).text,
             number_short(rates.most * ABOVE).text);
    for (unsigned panel = 0; panel < view->worker_count; panel++)
        for (unsigned series = 0; series < view->name_count; series++)
            add_line(data, view, &rates, view->workers[panel], view->names[series]);
    free(rates.all);
    return FIGURE_DRAWN;
}
