/* SPDX-License-Identifier: BSD-2-Clause */
#include "compare.h"

#include "forest.h"
#include "picture.h"
#include "summary.h"

#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A to Z, AA, AB, ... */
static void set_letter(struct side *side, unsigned index)
{
    if (index < 26)
        snprintf(side->letter, sizeof side->letter, "%c", 'A' + (char)index);
    else
        snprintf(side->letter, sizeof side->letter, "%c%c", 'A' + (char)(index / 26 - 1),
                 'A' + (char)(index % 26));
}

struct number compared_cpus(const struct comparison *c, double cpus)
{
    static const struct number machines = {"*"};
    return c->cpus_are_machines ? machines : key_value(cpus);
}

/* ---- comparable columns ---- */

static bool may_differ(const char *column)
{
    return strcmp(column, "nr_throttled") == 0 || strcmp(column, "throttled_us") == 0;
}

struct own_column {
    const char *name;
    const struct side *side; /* the side that has it */
};

static int by_column(const void *a, const void *b)
{
    return strcmp(((const struct own_column *)a)->name, ((const struct own_column *)b)->name);
}

/* Adds the columns of `side` that `than` does not have. */
static unsigned add_own_columns(struct own_column *own, unsigned count, const struct side *side,
                                const struct side *than)
{
    for (unsigned i = 0; i < side->column_count; i++) {
        bool there = may_differ(side->columns[i]);
        for (unsigned k = 0; !there && k < than->column_count; k++)
            there = strcmp(side->columns[i], than->columns[k]) == 0;
        if (!there)
            own[count++] = (struct own_column){side->columns[i], side};
    }
    return count;
}

static bool same_columns(const struct side *a, const struct side *b, struct complaint *why)
{
    enum { NAMED = 6 };
    struct text text = {NULL, 0, 0};
    struct own_column *own = calloc(a->column_count + b->column_count + 1, sizeof *own);
    if (!own)
        fail("out of memory");
    unsigned count = add_own_columns(own, add_own_columns(own, 0, a, b), b, a);
    qsort(own, count, sizeof *own, by_column);
    for (unsigned i = 0; i < count && i < NAMED; i++)
        text_add(&text, "%s%s only in %s", i ? ", " : "", own[i].name, own[i].side->letter);
    bool same = count == 0 ||
                complain(
                    why,
                    "the columns of trials.csv differ: %s%s: --overlap compares the common ones",
                    text_of(&text), count > NAMED ? ", ..." : "");
    text_free(&text);
    free(own);
    return same;
}

static bool same_schema(const struct side *a, const struct side *b, struct complaint *why)
{
    const char *x = side_fact(a, "schema"), *y = side_fact(b, "schema");
    return !a->has_environment || !b->has_environment || strcmp(x, y) == 0 ||
           complain(
               why,
               "schema of env.json is %s in A and %s in %s: --overlap compares them nevertheless",
               x, y, b->letter);
}

static int read_sides(struct comparison *c, const char *const *paths, unsigned count,
                      struct complaint *why)
{
    for (unsigned i = 0; i < count; i++) {
        struct side *side = &c->sides[c->count++];
        set_letter(side, i);
        int status = compare_read(c, side, paths[i], why);
        if (status != EXIT_DONE)
            return status;
        if (!c->overlap &&
            !(same_columns(&c->sides[0], side, why) && same_schema(&c->sides[0], side, why)))
            return EXIT_USAGE;
        for (unsigned k = 0; k < i; k++)
            if (strcmp(c->sides[k].path, side->path) == 0) {
                complain(why, "%s is given more than once", side->path);
                return EXIT_USAGE;
            }
    }
    return EXIT_DONE;
}

int compare_runs(struct comparison *c, const char *const *paths, unsigned count,
                 struct complaint *why)
{
    c->sides = calloc(count, sizeof *c->sides);
    c->left_out = calloc(count, sizeof *c->left_out);
    if (!c->sides || !c->left_out)
        fail("out of memory");
    int status = read_sides(c, paths, count, why);
    if (status == EXIT_DONE)
        status = compare_match(c, why);
    if (status == EXIT_DONE)
        status = compare_classify(c, why);
    if (status != EXIT_DONE)
        return status;
    compare_within(c);
    compare_environments(c);
    return EXIT_DONE;
}

/* ---- the end ---- */

static void free_side(struct side *side)
{
    for (unsigned i = 0; i < side->facts.count; i++) {
        free(side->facts.all[i].section);
        free(side->facts.all[i].name);
        free(side->facts.all[i].value);
    }
    for (unsigned i = 0; i < side->count; i++) {
        struct candidate *candidate = &side->candidates[i];
        free((char *)candidate->key.server);
        for (int m = 0; m < METRICS_MAX; m++)
            free(candidate->values[m].all);
        for (int k = 0; k < SETTINGS; k++)
            free(candidate->settings[k]);
    }
    for (int m = 0; m < METRICS_MAX; m++) {
        for (unsigned i = 0; i < side->ratios[m].count; i++)
            free((char *)side->ratios[m].all[i].key.server);
        free(side->ratios[m].all);
        lookup_free(&side->ratios[m].by_key);
        lookup_free(&side->ratios[m].control_of);
    }
    for (unsigned i = 0; i < side->expected_count; i++)
        free(side->expected[i].line);
    free(side->expected);
    free(side->facts.all);
    free(side->candidates);
    lookup_free(&side->by_key);
    free(side->columns);
    free(side->column_text);
    free(side->path);
    free(side->baseline);
    free(side->cpus);
}

void comparison_free(struct comparison *c)
{
    for (unsigned i = 0; i < c->difference_count; i++) {
        for (unsigned k = 0; k < c->count; k++)
            free(c->differences[i].values[k]);
        free(c->differences[i].values);
        free(c->differences[i].name);
        free((char *)c->differences[i].reason);
    }
    for (unsigned i = 0; i < c->missing_section_count; i++)
        free(c->missing_sections[i].section);
    for (unsigned i = 0; i < c->count; i++)
        free_side(&c->sides[i]);
    free(c->sides);
    free(c->left_out);
    free(c->results);
    free(c->within);
    lookup_free(&c->loads);
    for (int m = 0; m < METRICS_MAX; m++)
        lookup_free(&c->within_of[m]);
    free(c->differences);
    free(c->missing_sections);
    free(c->unfair_text);
    free(c->directions_text);
    *c = (struct comparison){.metrics = 0};
}

/* ---- the figure ---- */

static struct forest_row forest_row_of(const struct metric_result *j)
{
    return (struct forest_row){.server = j->key.server,
                               .workers = j->key.workers,
                               .connections = j->key.connections,
                               .rate = j->key.rate,
                               .requests = j->key.requests,
                               .cpus = j->key.cpus,
                               .series = j->side - 1,
                               .ratio = rounded(j->result.ratio, 4),
                               .low = rounded(j->result.ratio_low, 4),
                               .high = rounded(j->result.ratio_high, 4),
                               .threshold = j->threshold,
                               .nothing = j->outcome == OUTCOME_NOTHING};
}

static double or_0(double value)
{
    return isnan(value) ? 0 : value;
}

/* By load, CPUs, workers, server, run */
static int forest_order(const void *a, const void *b)
{
    const struct forest_row *x = a, *y = b;
    const double pairs[][2] = {{x->connections, y->connections},
                               {x->rate, y->rate},
                               {x->requests, y->requests},
                               {x->cpus, y->cpus},
                               {x->workers, y->workers}};
    for (int i = 0; i < 5; i++)
        if (or_0(pairs[i][0]) != or_0(pairs[i][1]))
            return or_0(pairs[i][0]) > or_0(pairs[i][1]) ? 1 : -1;
    int order = strcmp(x->server, y->server);
    return order ? order : (x->series > y->series) - (x->series < y->series);
}

/* "B  host, Linux 6.1, 2026-11-28, 20 of 20 samples valid: name" */
static char *note_of(const struct side *side)
{
    return format_string("%s  %s, Linux %s, %.10s, %u of %u samples valid: %s", side->letter,
                         side_fact(side, "host"), side_fact(side, "kernel"), side_fact(side, "utc"),
                         side->valid, side->rows, file_name(side->path));
}

/* The colours of plots/strategies.tsv with different points: here they stand for runs. */
static char *looks_of(const struct comparison *c)
{
    static const char *const looks[] = {"#005FA3 5",  "#D55E00 7",  "#009E73 9", "#D0649F 11",
                                        "#5E4300 13", "#2B9AD4 15", "#000000 4"};
    struct text text = {NULL, 0, 0};
    for (unsigned i = 1; i < c->count; i++)
        text_add(&text, "%s%s/A %s", i > 1 ? " " : "", c->sides[i].letter,
                 looks[(i - 1) % (sizeof looks / sizeof *looks)]);
    return text.text;
}

static const char *unit_of(const char *metric)
{
    static const struct {
        const char *ending, *unit;
    } units[] = {
        {"_rps", " (requests/s)"}, {"_us", " (us)"}, {"_us_per_req", " (us)"}, {"_pct", " (%)"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t length = strlen(metric), ending = strlen(units[i].ending);
        if (length >= ending && strcmp(metric + length - ending, units[i].ending) == 0)
            return units[i].unit;
    }
    return "";
}

static unsigned forest_rows(const struct comparison *c, unsigned metric, struct forest_row *rows)
{
    unsigned count = 0;
    for (unsigned i = 0; i < c->result_count; i++)
        if (c->results[i].metric == metric)
            rows[count++] = forest_row_of(&c->results[i]);
    qsort(rows, count, sizeof *rows, forest_order);
    return count;
}

static bool draw(struct comparison *c, unsigned metric, const struct forest *forest,
                 const char *path, struct complaint *why)
{
    struct text data = {NULL, 0, 0};
    char *ticks, *height, *looks = looks_of(c);
    const char *name = column_name(c->metric[metric]), *direction = metric_direction(c, name);
    bool known = strcmp(direction, "neither") != 0;
    forest_data(forest, &data, &ticks, &height);
    char *title = format_string("%s%s: ratio of medians to A", name, unit_of(name));
    char *subtitle = format_string(
        "points with 95 %% intervals, unpaired%s%s%s; grey: noise threshold of the A/A control",
        known ? ", " : "", known ? direction : "", known ? " is better" : "");
    const struct picture picture = {"forest", data.text, data.length, title, subtitle,
                                    "",       looks,     ticks,       height};
    bool drawn = picture_draw(&picture, path, why);
    text_free(&data);
    free(ticks);
    free(height);
    free(looks);
    free(title);
    free(subtitle);
    return drawn;
}

bool comparison_draw(struct comparison *c, unsigned metric, const char *path, struct complaint *why)
{
    struct forest_row *rows = calloc(c->result_count + 1, sizeof *rows);
    char **notes = calloc(c->count + 1, sizeof *notes);
    if (!rows || !notes)
        fail("out of memory");
    for (unsigned i = 0; i < c->count; i++)
        notes[i] = note_of(&c->sides[i]);
    const struct forest forest = {rows, forest_rows(c, metric, rows), c->count - 1,
                                  (const char *const *)notes};
    bool drawn = draw(c, metric, &forest, path, why);
    for (unsigned i = 0; i < c->count; i++)
        free(notes[i]);
    free(notes);
    free(rows);
    return drawn;
}
