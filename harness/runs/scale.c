/* SPDX-License-Identifier: BSD-2-Clause */
#include "scale.h"

#include "number.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/stats/paired.h"
#include "harness/stats/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ASKED_MAX = 1000 }; /* most numbers in a list of the engine */

double per_cpu(const char *asked, double cpus)
{
    const char *slash = strchr(asked, '/');
    if (!slash)
        return strtod(asked, NULL);
    double each = strtod(slash + 1, NULL);
    double count = floor(strtod(asked, NULL) * cpus / (each > 0 ? each : 1));
    return count > 0 ? count : 1;
}

char *per_cpu_words(const char *asked, const char *singular, const char *plural)
{
    const char *noun = strtod(asked, NULL) == 1 ? singular : plural, *slash = strchr(asked, '/');
    if (!slash)
        return format_string("%s %s", asked, noun);
    int length = (int)(slash - asked);
    double each = strtod(slash + 1, NULL);
    return each > 1 ? format_string("%.*s %s per %g CPUs", length, asked, noun, each)
                    : format_string("%.*s %s per CPU", length, asked, noun);
}

/* ---- lines ---- */

static double as_published(double value)
{
    return rounded_to_digits(value, 14);
}

static struct scale_line line_of(const struct rows *rows, const struct configuration *c,
                                 const char *workers, const char *load)
{
    struct scale_line line = {.configuration = c,
                              .workers = workers,
                              .load = load,
                              .throughput_rps = NAN,
                              .throughput_min = NAN,
                              .throughput_max = NAN,
                              .speedup = NAN,
                              .low = NAN,
                              .high = NAN,
                              .efficiency = NAN};
    size_t count;
    double *values = configuration_values(rows, c, COLUMN_throughput_rps, &count);
    if (count > 0) {
        sample_sort(values, count);
        line.throughput_rps = as_published(sample_median(values, count));
        line.throughput_min = as_published(values[0]);
        line.throughput_max = as_published(values[count - 1]);
    }
    free(values);
    return line;
}

static void add_lines(struct scale *scale, const struct run *run, const struct configuration *c,
                      char *const *workers, unsigned worker_count, char *const *loads,
                      unsigned load_count)
{
    double load = isnan(c->connections) ? c->rate : c->connections;
    for (unsigned w = 0; w < worker_count; w++)
        for (unsigned l = 0; l < load_count; l++) {
            if (per_cpu(workers[w], c->cpus) != c->workers || per_cpu(loads[l], c->cpus) != load)
                continue;
            scale->lines = array_grow(scale->lines, scale->count, &scale->room,
                                      sizeof *scale->lines);
            scale->lines[scale->count++] = line_of(&run->trials, c, workers[w], loads[l]);
        }
}

static bool same_line(const struct scale_line *a, const struct scale_line *b)
{
    const struct configuration *x = a->configuration, *y = b->configuration;
    return strcmp(x->server, y->server) == 0 && strcmp(a->workers, b->workers) == 0 &&
           strcmp(a->load, b->load) == 0 &&
           (x->requests == y->requests || (isnan(x->requests) && isnan(y->requests)));
}

/* The line with the fewest CPUs */
static const struct scale_line *base_of(const struct scale *scale, const struct scale_line *line)
{
    const struct scale_line *base = line;
    for (unsigned i = 0; i < scale->count; i++)
        if (same_line(&scale->lines[i], line) &&
            scale->lines[i].configuration->cpus < base->configuration->cpus)
            base = &scale->lines[i];
    return base;
}

/* ---- speed-ups ---- */

struct sample {
    double round, value;
    unsigned order; /* in the file */
};

static int by_round(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    if (x->round != y->round)
        return x->round < y->round ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* Throughput by round; of several samples of a round the last one. The caller frees it. */
static struct sample *samples_of(const struct rows *rows, const struct configuration *c,
                                 unsigned *count)
{
    struct sample *samples = calloc(c->valid + 1, sizeof *samples);
    if (!samples)
        fail("out of memory");
    for (unsigned i = 0; i < c->valid; i++) {
        const struct row *row = &rows->all[c->samples[i]];
        samples[i] = (struct sample){row->round, row->throughput_rps, i};
    }
    qsort(samples, c->valid, sizeof *samples, by_round);
    *count = 0;
    for (unsigned i = 0; i < c->valid; i++)
        if (i + 1 == c->valid || samples[i].round != samples[i + 1].round)
            samples[(*count)++] = samples[i];
    return samples;
}

static int by_round_only(const void *a, const void *b)
{
    double x = ((const struct sample *)a)->round, y = ((const struct sample *)b)->round;
    return (x > y) - (x < y);
}

static void set_speedup(const struct rows *rows, const struct scale *scale, struct scale_line *line)
{
    const struct configuration *c = line->configuration,
                               *base = base_of(scale, line)->configuration;
    double *a = calloc(c->valid + 1, sizeof *a), *b = calloc(c->valid + 1, sizeof *b);
    unsigned count;
    struct sample *samples = samples_of(rows, base, &count);
    if (!a || !b)
        fail("out of memory");
    for (unsigned i = 0; i < c->valid; i++) {
        const struct row *row = &rows->all[c->samples[i]];
        const struct sample wanted = {.round = row->round};
        const struct sample *found = bsearch(&wanted, samples, count, sizeof wanted, by_round_only);
        if (!found || !(row->throughput_rps > 0) || !(found->value > 0))
            continue;
        a[line->pairs] = row->throughput_rps;
        b[line->pairs++] = found->value;
    }
    free(samples);
    struct paired p = paired_ratio(a, b, line->pairs, 95);
    line->speedup = rounded(p.ratio, 4);
    line->low = rounded(p.low, 4);
    line->high = rounded(p.high, 4);
    line->ideal = c->cpus / base->cpus;
    line->efficiency = line->speedup / line->ideal;
    free(a);
    free(b);
}

static int line_order(const void *a, const void *b)
{
    const struct scale_line *x = a, *y = b;
    const struct configuration *p = x->configuration, *q = y->configuration;
    int order = strcmp(p->server, q->server);
    if (order == 0)
        order = strcmp(x->workers, y->workers);
    if (order == 0)
        order = strcmp(x->load, y->load);
    if (order == 0)
        order = strcmp(key_value(p->requests).text, key_value(q->requests).text);
    return order ? order : (p->cpus > q->cpus) - (p->cpus < q->cpus);
}

struct scale scale_of(const struct run *run)
{
    struct scale scale = {NULL, 0, 0, NULL, NULL};
    const char *workers = run_setting(run, "workers"),
               *connections = run_setting(run, "connections"), *rate = run_setting(run, "rate");
    char *worker_list[ASKED_MAX], *load_list[ASKED_MAX];
    scale.workers = copy_string(workers ? workers : "");
    scale.loads = format_string("%s%s", connections ? connections : "", rate ? rate : "");
    unsigned worker_count = split(scale.workers, ',', worker_list, ASKED_MAX);
    unsigned load_count = split(scale.loads, ',', load_list, ASKED_MAX);
    for (unsigned i = 0; i < run->trials.configuration_count; i++)
        if (run->trials.configurations[i].valid > 0)
            add_lines(&scale, run, &run->trials.configurations[i], worker_list,
                      worker_count < ASKED_MAX ? worker_count : ASKED_MAX, load_list,
                      load_count < ASKED_MAX ? load_count : ASKED_MAX);
    if (scale.count > 0)
        qsort(scale.lines, scale.count, sizeof *scale.lines, line_order);
    for (unsigned i = 0; i < scale.count; i++)
        set_speedup(&run->trials, &scale, &scale.lines[i]);
    return scale;
}

void scale_free(struct scale *scale)
{
    free(scale->lines);
    free(scale->workers);
    free(scale->loads);
    *scale = (struct scale){NULL, 0, 0, NULL, NULL};
}

char *scale_group(const struct scale_line *line)
{
    return format_string("%s,%s,%s", line->workers, line->load,
                         key_value(line->configuration->requests).text);
}

/* ---- files ---- */

static void add_csv(struct text *csv, const struct scale_line *l)
{
    char *group = scale_group(l);
    text_add(csv, "%s,%s,%s,%s,%s,%s,%s", l->configuration->server, group,
             number_short(l->configuration->cpus).text,
             number_short(l->configuration->workers).text, number_long(l->throughput_rps).text,
             number_long(l->throughput_min).text, number_long(l->throughput_max).text);
    if (l->pairs > 0)
        text_add(csv, ",%zu,%s,%s,%s", l->pairs, number_fixed(l->speedup, 4).text,
                 number_fixed(l->low, 4).text, number_fixed(l->high, 4).text);
    else
        text_add_string(csv, ",,,,");
    text_add(csv, ",%s,%s\n", number_short(l->ideal).text,
             isnan(l->efficiency) ? "" : number_short(l->efficiency).text);
    free(group);
}

void scale_csv(const struct scale *scale, struct text *csv)
{
    text_add_string(csv, "strategy,workers_asked,load_asked,requests_per_connection,cpus,workers,"
                         "throughput_rps,throughput_min,throughput_max,pairs,speedup,speedup_low,"
                         "speedup_high,ideal,efficiency\n");
    for (unsigned i = 0; i < scale->count; i++)
        add_csv(csv, &scale->lines[i]);
}

static void add_table_line(struct text *table, const struct scale_line *l)
{
    char *speedup = isnan(l->speedup) ? copy_string("-")
                    : isnan(l->low)
                        ? format_string("%.2f", l->speedup)
                        : format_string("%.2f [%.2f, %.2f]", l->speedup, l->low, l->high);
    char *rate = isnan(l->throughput_rps) ? copy_string("-")
                                          : format_string("%.0f", l->throughput_rps);
    double efficiency = rounded_to_digits(l->efficiency, 6);
    char *share = isnan(efficiency) ? copy_string("-") : format_string("%.0f %%", 100 * efficiency);
    text_add(table, "%-16s %8s %10s %5.0f %8.0f %10s %24s %6.2f %12s\n", l->configuration->server,
             l->workers, l->load, l->configuration->cpus, l->configuration->workers, rate, speedup,
             rounded_to_digits(l->ideal, 6), share);
    free(speedup);
    free(rate);
    free(share);
}

void scale_table(const struct scale *scale, struct text *table)
{
    bool timed = false, several = false;
    for (unsigned i = 0; i < scale->count; i++) {
        timed |= !isnan(scale->lines[i].throughput_rps);
        several |= scale->lines[i].ideal > 1;
    }
    if (!timed) {
        text_add_string(table, "\nThe run has counts only, no throughput.\n");
        return;
    }
    text_add(table, "\n%-16s %8s %10s %5s %8s %10s %24s %6s %11s\n", "strategy", "workers", "load",
             "CPUs", "workers", "requests/s", "speed-up, 95 % interval", "ideal", "efficiency");
    for (unsigned i = 0; i < scale->count; i++)
        add_table_line(table, &scale->lines[i]);
    if (!several)
        text_add_string(table, "\nThe run has one number of CPUs, so it shows no scaling: measure "
                               "on a machine with more.\n");
}
