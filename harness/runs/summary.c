/* SPDX-License-Identifier: BSD-2-Clause */
#include "summary.h"

#include "expression.h"
#include "number.h"

#include "harness/lib/message.h"
#include "harness/stats/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- lines ---- */

struct range {
    double median, least, most; /* NAN = no value */
};

/* With the digits of summary.csv, so that the table can be made from it. */
static double as_published(double value)
{
    return rounded_to_digits(value, 14);
}

static struct range range_of(const struct rows *rows, const struct configuration *c,
                             enum column column)
{
    struct range range = {NAN, NAN, NAN};
    size_t count;
    double *values = configuration_values(rows, c, column, &count);
    if (count > 0) {
        sample_sort(values, count);
        range = (struct range){as_published(sample_median(values, count)), as_published(values[0]),
                               as_published(values[count - 1])};
    }
    free(values);
    return range;
}

static const struct server_under_test *server_named(const struct run *run, const char *name)
{
    const struct server_under_test *found = NULL;
    for (unsigned i = 0; i < run->server_count; i++)
        if (strcmp(run->servers[i].name, name) == 0)
            found = &run->servers[i];
    return found;
}

/* The LEAST of "LEAST .. MOST" wakeups per idle connection, without PREEMPT_RT, which affects MOST only. */
double expected_wakes(const struct run *run, const struct configuration *c)
{
    const struct server_under_test *server = server_named(run, c->server);
    long value;
    if (!server || !(c->workers >= 0 && c->workers < 1e9))
        return NAN;
    const char *range = strstr(server->wakes, "..");
    char *least = copy_bytes(server->wakes,
                             range ? (size_t)(range - server->wakes) : strlen(server->wakes));
    bool known = expression_value(least, (long)c->workers, 0, &value);
    free(least);
    return known ? (double)value : NAN;
}

static struct summary_line line_of(const struct run *run, const struct configuration *c)
{
    const struct rows *rows = &run->trials;
    struct range throughput = range_of(rows, c, COLUMN_throughput_rps);
    struct range wakeups = range_of(rows, c, COLUMN_wakeups_per_conn);
    return (struct summary_line){
        .configuration = c,
        .expected_wakes = expected_wakes(run, c),
        .trials = c->rows,
        .ok = c->valid,
        .throughput_rps = throughput.median,
        .throughput_min = throughput.least,
        .throughput_max = throughput.most,
        .wakeups_per_conn = wakeups.median,
        .wakeups_min = wakeups.least,
        .wakeups_max = wakeups.most,
        .latency_p50_us = range_of(rows, c, COLUMN_latency_p50_us).median,
        .latency_p99_us = range_of(rows, c, COLUMN_latency_p99_us).median,
        .server_cpu_us_per_req = range_of(rows, c, COLUMN_server_cpu_us_per_req).median,
        .client_cpu_us_per_req = range_of(rows, c, COLUMN_client_cpu_us_per_req).median,
        .jain = range_of(rows, c, COLUMN_jain).median,
    };
}

static int line_order(const void *a, const void *b)
{
    const struct configuration *x = ((const struct summary_line *)a)->configuration,
                               *y = ((const struct summary_line *)b)->configuration;
    return configuration_order(&x, &y);
}

struct summary summary_of(const struct run *run)
{
    struct summary s = {.run = run, .count = run->trials.configuration_count};
    s.lines = calloc(s.count + 1, sizeof *s.lines);
    if (!s.lines)
        fail("out of memory");
    s.ratios = ratios_of(run, COLUMN_throughput_rps);
    for (unsigned i = 0; i < s.count; i++) {
        s.lines[i] = line_of(run, &run->trials.configurations[i]);
        s.lines[i].ratio = ratio_of(&s.ratios, i);
    }
    qsort(s.lines, s.count, sizeof *s.lines, line_order);
    return s;
}

void summary_free(struct summary *summary)
{
    free(summary->lines);
    ratios_free(&summary->ratios);
    *summary = (struct summary){.run = NULL};
}

/* ---- CSV ---- */

static void add_value(struct text *csv, double value)
{
    text_add(csv, ",%s", number_long(value).text);
}

static void add_key(struct text *csv, const struct configuration *c)
{
    const double values[] = {c->workers, c->cpus, c->connections, c->rate, c->requests};
    text_add_string(csv, c->server);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        text_add(csv, ",%s", isnan(values[i]) ? "" : number_short(values[i]).text);
}

/* Without commas, so that simple CSV readers can split the line. */
static void add_sentence(struct text *csv, const char *sentence)
{
    for (; *sentence; sentence++)
        text_add_bytes(csv, *sentence == ',' ? ";" : sentence, 1);
}

static void add_ratio(struct text *csv, const struct ratio *r)
{
    enum { DECIMALS = 4 };
    const double values[] = {r->ratio, r->low, r->high, r->smallest};
    text_add(csv, ",%zu", r->paired.n);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        text_add(csv, ",%s", number_fixed(values[i], DECIMALS).text);
    text_add(csv, ",%zu,%s,%s,", r->paired.outliers, number_fixed(r->drift, DECIMALS).text,
             outcome_word(r->outcome));
    add_sentence(csv, r->sentence);
}

static void add_line(struct text *csv, const struct summary_line *l)
{
    const double values[] = {
        l->throughput_rps,        l->throughput_min,        l->throughput_max, l->wakeups_per_conn,
        l->wakeups_min,           l->wakeups_max,           l->latency_p50_us, l->latency_p99_us,
        l->server_cpu_us_per_req, l->client_cpu_us_per_req, l->jain,
    };
    add_key(csv, l->configuration);
    add_value(csv, l->expected_wakes);
    text_add(csv, ",%u,%u", l->trials, l->ok);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        add_value(csv, values[i]);
    if (l->ratio)
        add_ratio(csv, l->ratio);
    else
        text_add_string(csv, ",,,,,,,,,");
    text_add_string(csv, "\n");
}

void summary_csv(const struct summary *summary, struct text *csv)
{
    text_add_string(csv, "strategy,workers,cpus,connections,rate_offered,requests_per_connection,"
                         "expected_wakes,trials,ok,throughput_rps,throughput_min,throughput_max,"
                         "wakeups_per_conn,wakeups_min,wakeups_max,latency_p50_us,latency_p99_us,"
                         "server_cpu_us_per_req,client_cpu_us_per_req,jain,pairs,ratio,ratio_low,"
                         "ratio_high,smallest,outliers,drift,outcome,sentence\n");
    for (unsigned i = 0; i < summary->count; i++)
        add_line(csv, &summary->lines[i]);
}

/* ---- texts ---- */

char *requests_words(double requests)
{
    return isnan(requests) ? copy_string("a mix")
           : requests == 0 ? copy_string("kept alive")
           : requests == 1 ? copy_string("one request each")
                           : format_string("%s requests each", number_short(requests).text);
}

char *load_words(const struct configuration *c)
{
    char *requests = requests_words(c->requests), *words;
    if (isnan(c->rate))
        words = format_string("%s connections, %s",
                              isnan(c->connections) ? "" : number_short(c->connections).text,
                              requests);
    else
        words = format_string("%s requests a second, %s", number_short(c->rate).text, requests);
    free(requests);
    return words;
}

char *summary_ratio_text(const struct run *run, const struct summary_line *l)
{
    const struct ratio *r = l->ratio;
    bool measured = l->ok > 0 && !isnan(l->throughput_rps);
    if (!r)
        return copy_string(measured && role_of(run, l->configuration->server) == ROLE_BASELINE
                               ? "1 (baseline)"
                               : "-");
    if (isnan(r->low))
        return format_string("%.2f (one pair)", r->ratio);
    return format_string("%.2f [%.2f, %.2f]", r->ratio, r->low, r->high);
}

static void add_remark(struct text *remarks, const char *remark)
{
    text_add(remarks, "%s%s", remarks->length ? ", " : "", remark);
}

char *summary_remarks(const struct run *run, const struct summary_line *l)
{
    struct text text = {NULL, 0, 0};
    const struct ratio *r = l->ratio;
    text_add_string(&text, "");
    if (r && r->outcome == OUTCOME_BELOW_THRESHOLD)
        add_remark(&text, "within noise");
    if (r && (r->outcome == OUTCOME_MORE || r->outcome == OUTCOME_LESS) &&
        role_of(run, l->configuration->server) == ROLE_CONTROL)
        add_remark(&text, "A/A differs");
    if (r && paired_drifts(&r->paired))
        add_remark(&text, "drift");
    if (l->ok < l->trials) {
        char *remark = format_string("%u of %u samples invalid", l->trials - l->ok, l->trials);
        add_remark(&text, remark);
        free(remark);
    }
    return text.text;
}

/* ---- the table ---- */

static const struct table_column {
    unsigned width, rank; /* if the table is too wide, columns of the highest rank are omitted */
    const char *first, *second;
    size_t offset; /* in struct summary_line; 0 = the workers */
    int decimals;
} table_columns[] = {
    {7, 0, "", "workers", 0, 0},
    {9, 3, "requests", "a second", offsetof(struct summary_line, throughput_rps), 0},
    {12, 2, "wakeups per", "connection", offsetof(struct summary_line, wakeups_per_conn), 2},
    {9, 5, "p50", "us", offsetof(struct summary_line, latency_p50_us), 0},
    {9, 4, "p99", "us", offsetof(struct summary_line, latency_p99_us), 0},
    {8, 6, "CPU us", "server", offsetof(struct summary_line, server_cpu_us_per_req), 1},
    {8, 8, "", "client", offsetof(struct summary_line, client_cpu_us_per_req), 1},
    {6, 7, "", "Jain", offsetof(struct summary_line, jain), 2},
};

enum { TABLE_COLUMNS = sizeof table_columns / sizeof *table_columns, RATIO_WIDTH = 17 };

struct layout {
    unsigned room;      /* 0 = any number of columns */
    unsigned width;     /* of the names */
    unsigned rank_most; /* columns of higher rank are omitted */
};

static unsigned width_up_to(const struct layout *layout, unsigned rank)
{
    unsigned sum = layout->width + 2 + RATIO_WIDTH;
    for (unsigned i = 0; i < TABLE_COLUMNS; i++)
        if (table_columns[i].rank <= rank)
            sum += table_columns[i].width + 1;
    return sum;
}

static struct layout layout_of(const struct summary *s, unsigned room)
{
    enum { NARROW = 60, NAME_WIDTH = 14, NAME_WIDTH_NARROW = 8 };
    struct layout layout = {room, room > 0 && room < NARROW ? NAME_WIDTH_NARROW : NAME_WIDTH,
                            TABLE_COLUMNS};
    for (unsigned i = 0; i < s->count; i++) {
        unsigned length = (unsigned)strlen(s->lines[i].configuration->server);
        if (length > layout.width)
            layout.width = length;
    }
    while (room > 0 && layout.rank_most > 0 && width_up_to(&layout, layout.rank_most) > room)
        layout.rank_most--;
    return layout;
}

/* One of the two header lines */
static char *heading(const struct layout *layout, const char *name, bool first)
{
    struct text line = {NULL, 0, 0};
    text_add(&line, "%-*s", (int)layout->width, name);
    for (unsigned i = 0; i < TABLE_COLUMNS; i++)
        if (table_columns[i].rank <= layout->rank_most)
            text_add(&line, " %*s", (int)table_columns[i].width,
                     first ? table_columns[i].first : table_columns[i].second);
    return line.text;
}

static void add_headings(struct text *table, const struct layout *layout, const char *baseline)
{
    static const char over_two[] = "   CPU us/request", under[] = "  CPU us         ";
    char *first = heading(layout, "", true), *second = heading(layout, "strategy", false);
    char *cpu = strstr(first, under);
    if (cpu)
        text_add(table, "%.*s%s%s", (int)(cpu - first), first, over_two, cpu + strlen(under));
    else
        text_add_string(table, first);
    text_add(table, layout->room ? "  to %s's\n" : "  throughput to %s's,\n", baseline);
    text_add(table, "%s  %s\n", second, layout->room ? "95 % interval" : "paired, 95 % interval");
    free(first);
    free(second);
}

static char *cell_text(const struct table_column *column, const struct summary_line *l)
{
    if (column->offset == 0)
        return copy_string(key_value(l->configuration->workers).text);
    double value;
    memcpy(&value, (const char *)l + column->offset, sizeof value);
    return isnan(value) ? copy_string("-") : format_string("%.*f", column->decimals, value);
}

static void add_table_line(struct text *table, const struct run *run, const struct layout *layout,
                           const struct summary_line *l)
{
    char *ratio = summary_ratio_text(run, l), *remarks = summary_remarks(run, l);
    text_add(table, "%-*s", (int)layout->width, l->configuration->server);
    for (unsigned i = 0; i < TABLE_COLUMNS; i++) {
        if (table_columns[i].rank > layout->rank_most)
            continue;
        char *cell = cell_text(&table_columns[i], l);
        text_add(table, " %*s", (int)table_columns[i].width, cell);
        free(cell);
    }
    text_add(table, "  %-20s %s", ratio, remarks);
    while (layout->room > 0 && table->text[table->length - 1] == ' ')
        table->length--;
    text_add_string(table, "\n");
    free(ratio);
    free(remarks);
}

static bool same_load(const struct configuration *a, const struct configuration *b)
{
    struct configuration as_if = *b;
    as_if.workers = a->workers;
    return same_block(a, &as_if);
}

static bool is_first_of_load(const struct summary *s, unsigned line)
{
    for (unsigned i = 0; i < line; i++)
        if (same_load(s->lines[i].configuration, s->lines[line].configuration))
            return false;
    return true;
}

static int by_workers(const void *a, const void *b)
{
    const struct summary_line *x = *(const struct summary_line *const *)a,
                              *y = *(const struct summary_line *const *)b;
    double p = x->configuration->workers, q = y->configuration->workers;
    return p != q ? (p > q) - (p < q) : (x > y) - (x < y);
}

static void add_load(struct text *table, const struct summary *s, const struct layout *layout,
                     unsigned first)
{
    const struct summary_line **lines = calloc(s->count, sizeof(struct summary_line *));
    const struct configuration *load = s->lines[first].configuration;
    unsigned count = 0;
    if (!lines)
        fail("out of memory");
    for (unsigned i = first; i < s->count; i++)
        if (same_load(s->lines[i].configuration, load))
            lines[count++] = &s->lines[i];
    qsort(lines, count, sizeof(struct summary_line *), by_workers);
    char *words = load_words(load);
    text_add(table, "%s%s, %s CPUs:\n\n", first ? "\n" : "", words, key_value(load->cpus).text);
    add_headings(table, layout, s->run->baseline);
    for (unsigned i = 0; i < count; i++)
        add_table_line(table, s->run, layout, lines[i]);
    free(words);
    free(lines);
}

void summary_table(const struct summary *summary, unsigned room, struct text *table)
{
    struct layout layout = layout_of(summary, room);
    for (unsigned i = 0; i < summary->count; i++)
        if (is_first_of_load(summary, i))
            add_load(table, summary, &layout, i);
    text_add_string(table, "\nMedians over the rounds. Absolute values depend on the machine and "
                           "its state: compare ratios.\n");
}
