/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_summary.h"

#include "number.h"

#include "harness/lib/message.h"
#include "harness/stats/sample.h"

#include <math.h>
#include <stdlib.h>

static const enum column columns[] = {
    COLUMN_first_byte_p50_us, COLUMN_wire_first_byte_p50_us, COLUMN_wire_wait_p50_us,
    COLUMN_first_byte_p99_us, COLUMN_wire_first_byte_p99_us, COLUMN_wire_wait_p99_us,
};

enum { COLUMNS = sizeof columns / sizeof *columns };

static double median_of(const struct rows *rows, const struct configuration *c, enum column column)
{
    size_t count;
    double *values = configuration_values(rows, c, column, &count);
    sample_sort(values, count);
    double median = count ? sample_median(values, count) : NAN;
    free(values);
    return median;
}

static void add_csv(struct text *csv, const struct configuration *c, const double *medians)
{
    const double key[] = {c->workers, c->cpus, c->connections, c->rate, c->requests};
    text_add_string(csv, c->server);
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        text_add(csv, ",%s", isnan(key[i]) ? "" : number_short(key[i]).text);
    text_add(csv, ",%u", c->valid);
    for (unsigned i = 0; i < COLUMNS; i++)
        text_add(csv, ",%s", isnan(medians[i]) ? "nan" : number_long(medians[i]).text);
    text_add_string(csv, "\n");
}

/* Missing values (connections of an open loop) are 0, as is "nan". */
static double or_0(double value)
{
    return isnan(value) ? 0 : value;
}

static void add_line(struct text *table, const struct configuration *c, const double *medians)
{
    text_add(table, "    %-22s %8.0f %11.0f", c->server, c->workers, or_0(c->connections));
    for (unsigned i = 0; i < COLUMNS; i++)
        text_add(table, " %*.0f", i % 3 == 0 ? 10 : 9, medians[i]);
    text_add_string(table, "\n");
}

static void add_headings(struct text *csv, struct text *table)
{
    text_add_string(csv,
                    "strategy,workers,cpus,connections,rate_offered,requests_per_connection,ok");
    for (unsigned i = 0; i < COLUMNS; i++)
        text_add(csv, ",%s", column_name(columns[i]));
    text_add_string(csv, "\n");
    text_add(table, "\n    Time to the first byte of the response, us, by the load generator and "
                    "by packet capture (separate rounds):\n\n");
    text_add(table, "    %-22s %8s %11s %30s %30s\n", "", "", "", "p50", "p99");
    text_add(table, "    %-22s %8s %11s %10s %9s %9s %10s %9s %9s\n", "strategy", "workers",
             "connections", "load", "wire", "waited", "load", "wire", "waited");
}

static void add_configuration(struct text *csv, struct text *table, const struct rows *rows,
                              const struct configuration *c)
{
    double medians[COLUMNS];
    if (c->valid == 0)
        return;
    for (unsigned i = 0; i < COLUMNS; i++)
        medians[i] = median_of(rows, c, columns[i]);
    add_csv(csv, c, medians);
    add_line(table, c, medians);
}

void wire_summary(const struct run *run, struct text *csv, struct text *table)
{
    const struct rows *rows = &run->wire;
    const struct configuration **all = calloc(rows->configuration_count + 1,
                                              sizeof(struct configuration *));
    if (!all)
        fail("out of memory");
    for (unsigned i = 0; i < rows->configuration_count; i++)
        all[i] = &rows->configurations[i];
    qsort(all, rows->configuration_count, sizeof(struct configuration *), configuration_order);
    add_headings(csv, table);
    for (unsigned i = 0; i < rows->configuration_count; i++)
        add_configuration(csv, table, rows, all[i]);
    text_add_string(table, "\n    load: from before connect(); wire: from the SYN; waited: from "
                           "the request, by packet capture.\n");
    free(all);
}
