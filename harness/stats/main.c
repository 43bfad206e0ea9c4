/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stats: ratios of A to B, or medians, with their intervals and outcomes, as a filter.
 *
 * Paired: reads lines "[key] a b", one pair a line. Unpaired: reads lines "[key] group value". Median: reads lines
 * "[key] value". Columns: reads lines "[key] value...", and selects columns.
 * Columns are separated by tabs or, in a line without tabs, by spaces. Writes one tab-separated line per key, in the order
 * in which the keys first occur; undefined values are empty. paired.h, unpaired.h and median.h define the fields.
 */

#include "columns.h"
#include "groups.h"
#include "lines.h"
#include "median.h"
#include "paired.h"
#include "sample.h"
#include "unpaired.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/lib/output.h"
#include "harness/lib/record.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = COLUMNS_MAX + 1, DIGITS = 7 };

static struct {
    bool unpaired, median, header, json;
    const char *base, *thresholds_path, *threshold_text, *percent_text, *columns_text;
    unsigned long seed;
    double threshold, percent;
} settings = {.threshold_text = "0", .percent_text = "95", .seed = 1};

static struct column_list columns;
static struct names thresholds;

/* ---- rows ---- */

struct row {
    struct field fields[FIELDS_MAX];
    unsigned count;
    char *outliers;
    char sentence[SENTENCE_SIZE];
};

static void put(struct row *row, struct field field)
{
    row->fields[row->count++] = field;
}

static int decimals_of(double value, int digits)
{
    int decimals = digits - 1;
    if (isfinite(value) && value != 0)
        decimals -= (int)floor(log10(fabs(value)));
    return decimals > 0 ? decimals : 0;
}

/* Values of any size, with the decimals that make DIGITS digits. */
static struct field field_value(const char *name, double value)
{
    return field_real(name, value, decimals_of(value, DIGITS));
}

/* Values for further computation: the fewest decimals that round-trip. */
static struct field field_exact(const char *name, double value)
{
    char text[400];
    int decimals, digits = 1;
    do {
        decimals = decimals_of(value, digits);
        snprintf(text, sizeof text, "%.*f", decimals, value);
    } while (digits++ < DBL_DECIMAL_DIG && strtod(text, NULL) != value);
    return field_real(name, value, decimals);
}

static double threshold_of(const struct group *group)
{
    const struct threshold *own = names_find(&thresholds, group->named.name);
    return own ? own->share : settings.threshold;
}

/* "2+5+11", or NULL for none. */
static char *outliers_text(const struct group *g)
{
    char *text = NULL;
    size_t size, n = g->a.count, *numbers = calloc(n + 1, sizeof *numbers);
    size_t count = numbers ? paired_outliers(g->a.all, g->b.all, n, numbers) : 0;
    FILE *stream = count ? open_memstream(&text, &size) : NULL;
    if (!numbers || (count > 0 && !stream))
        fail("out of memory");
    for (size_t i = 0; i < count; i++)
        fprintf(stream, "%s%zu", i ? "+" : "", numbers[i]);
    if (stream && fclose(stream) != 0)
        fail("out of memory");
    free(numbers);
    return text;
}

static void put_paired(struct row *row, const struct group *g)
{
    struct paired p = paired_ratio(g->a.all, g->b.all, g->a.count, settings.percent);
    double threshold = threshold_of(g);
    paired_sentence(&p, threshold, row->sentence, sizeof row->sentence);
    row->outliers = outliers_text(g);
    put(row, field_count("pairs", p.n));
    put(row, field_real("ratio", p.ratio, 4));
    put(row, field_real("low", p.low, 4));
    put(row, field_real("high", p.high, 4));
    put(row, field_real("smallest", p.smallest, 4));
    put(row, field_real("median", p.median, 4));
    put(row, field_real("mad", p.mad, 4));
    put(row, field_text("outliers", row->outliers));
    put(row, field_real("drift", p.drift, 4));
    put(row, field_real("drift_p", p.drift_p, 6));
    put(row, field_text("outcome", outcome_word(paired_outcome(&p, threshold))));
}

static void put_unpaired(struct row *row, const struct group *g)
{
    struct sample a = {g->a.all, g->a.count}, b = {g->b.all, g->b.count};
    struct unpaired u = unpaired_compare(a, b, settings.percent, settings.seed);
    double threshold = threshold_of(g);
    unpaired_sentence(&u, threshold, row->sentence, sizeof row->sentence);
    put(row, field_count("n_a", u.n_a));
    put(row, field_count("n_b", u.n_b));
    put(row, field_value("median_a", u.median_a));
    put(row, field_value("median_b", u.median_b));
    put(row, field_value("difference", u.difference));
    put(row, field_value("low", u.low));
    put(row, field_value("high", u.high));
    put(row, field_real("ratio", u.ratio, 4));
    put(row, field_real("ratio_low", u.ratio_low, 4));
    put(row, field_real("ratio_high", u.ratio_high, 4));
    put(row, field_real("p", u.p, 6));
    put(row, field_text("outcome", outcome_word(unpaired_outcome(&u, threshold))));
}

static void put_median(struct row *row, const struct group *g)
{
    struct median m = median_interval(g->a.all, g->a.count, settings.percent);
    put(row, field_count("n", m.n));
    put(row, field_value("median", m.median));
    put(row, field_value("low", m.low));
    put(row, field_value("high", m.high));
    put(row, field_value("min", m.min));
    put(row, field_value("max", m.max));
}

static double statistic_of(const struct column_statistic *statistic, struct values *values)
{
    if (values->count == 0)
        return NAN;
    sample_sort(values->all, values->count);
    return statistic->of(values->all, values->count);
}

static void put_columns(struct row *row, struct group *g)
{
    for (unsigned i = 0; i < columns.count; i++) {
        const struct column_statistic *statistic = &columns.all[i];
        put(row, field_exact(statistic->name,
                             statistic_of(statistic, &g->columns[statistic->column - 1])));
    }
}

static void fill(struct row *row, struct group *group)
{
    row->count = 0;
    row->outliers = NULL;
    put(row, field_text("key", group->named.name));
    if (columns.count > 0) {
        put_columns(row, group);
        return;
    }
    if (settings.median) {
        put_median(row, group);
        return;
    }
    (settings.unpaired ? put_unpaired : put_paired)(row, group);
    put(row, field_text("sentence", row->sentence));
}

static void print_field(const struct field *f)
{
    if (f->type == FIELD_COUNT)
        printf("%llu", (unsigned long long)f->count);
    else if (f->type == FIELD_REAL && !isnan(f->real))
        printf("%.*f", f->decimals, f->real);
    else if (f->type == FIELD_TEXT && f->text)
        fputs(f->text, stdout);
}

static void print_line(const struct row *row)
{
    for (unsigned i = 0; i < row->count; i++) {
        if (i > 0)
            putchar('\t');
        print_field(&row->fields[i]);
    }
    putchar('\n');
}

static void print_header(void)
{
    struct row row;
    fill(&row, &(struct group){.named.name = (char[]){""}});
    for (unsigned i = 0; i < row.count; i++)
        printf("%s%s", i ? "\t" : "", row.fields[i].name);
    putchar('\n');
}

static void print_object(const struct row *row, bool first)
{
    printf("%s{\n", first ? "[\n" : ",\n");
    record_write_json_members(stdout, row->fields, row->count);
    putchar('}');
}

static void print_all(const struct names *groups)
{
    struct row row;
    if (settings.header && !settings.json)
        print_header();
    for (unsigned i = 0; i < groups->count; i++) {
        fill(&row, (struct group *)groups->all[i]);
        if (settings.json)
            print_object(&row, i == 0);
        else
            print_line(&row);
        free(row.outliers);
    }
    if (settings.json)
        puts(groups->count ? "\n]" : "[]");
}

/* ---- command line ---- */

static void parse_columns(void)
{
    char *text = strdup(settings.columns_text); /* columns point into it */
    if (!text)
        fail("out of memory");
    if (!column_list_parse(&columns, text)) {
        free(text);
        fail_usage("--columns takes up to %d of min, median or max with a column of 1 to %d, as in "
                   "median:2,max:2, not '%s'",
                   COLUMNS_MAX, COLUMNS_MAX, settings.columns_text);
    }
}

static void parse_settings(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "ratios of A to B: reads lines of [key,] a, b; writes key, pairs, ratio a/b, "
                    "its interval and outcome",
        .example = "printf 'x 2 1\\nx 3 2\\nx 5 3\\n' | stats --header",
    };
    static const struct option_spec options[] = {
        {OPTION_FLAG, "unpaired", NULL,
         "reads lines of [key,] group, value: two groups, not measured side by side",
         &settings.unpaired},
        {OPTION_FLAG, "median", NULL,
         "reads lines of [key,] value; writes key, n, median, its interval, least and greatest",
         &settings.median},
        {OPTION_TEXT, "columns", "LIST",
         "reads lines of [key,] values; writes key and the statistics in LIST, such as "
         "median:2,min:2,max:3; no key if LIST has column 1",
         &settings.columns_text},
        {OPTION_TEXT, "base", "NAME", "unpaired: the baseline; default the group of the first line",
         &settings.base},
        {OPTION_NUMBER, "seed", "N", "unpaired: seed of the resampling; default 1", &settings.seed,
         1, UINT32_MAX},
        {OPTION_TEXT, "floor", "SHARE",
         "noise threshold, e.g. 0.03 for 3 %: ratios nearer to 1 are noise; default 0",
         &settings.threshold_text},
        {OPTION_TEXT, "floors", "FILE",
         "noise thresholds by key: lines of key, share; default none", &settings.thresholds_path},
        {OPTION_TEXT, "confidence", "PERCENT",
         "confidence of the intervals, 50 to 99.99; default 95", &settings.percent_text},
        {OPTION_FLAG, "header", NULL, "print the names of the columns first; not with --json",
         &settings.header},
        {OPTION_FLAG, "json", NULL, "print one array of objects", &settings.json},
        OPTIONS_END,
    };
    static const struct option_spec *const tables[] = {options, NULL};
    options_parse(&program, tables, argc, argv);
    if (!number_parse(settings.threshold_text, NUMBER_NOT_NEGATIVE, &settings.threshold))
        fail_usage("--floor takes a share such as 0.03, not '%s'", settings.threshold_text);
    if (!number_parse(settings.percent_text, NUMBER_POSITIVE, &settings.percent) ||
        settings.percent < 50 || settings.percent > 99.99)
        fail_usage("--confidence takes 50 to 99.99, not '%s'", settings.percent_text);
    if (settings.base && !settings.unpaired)
        fail_usage("--base requires --unpaired");
    if (settings.median + settings.unpaired + (settings.columns_text != NULL) > 1)
        fail_usage("--median, --unpaired and --columns are mutually exclusive: choose one");
    if (settings.columns_text)
        parse_columns();
}

int main(int argc, char **argv)
{
    struct names groups = {NULL};
    parse_settings(argc, argv);
    if (settings.thresholds_path)
        thresholds_read(&thresholds, settings.thresholds_path);
    if (columns.count > 0)
        groups_read_columns(&groups, &columns);
    else if (settings.median)
        groups_read_singles(&groups);
    else if (settings.unpaired)
        groups_read_values(&groups, settings.base);
    else
        groups_read_pairs(&groups);
    print_all(&groups);
    groups_free(&groups);
    names_free(&thresholds, NULL);
    output_close(stdout, "standard output");
    return EXIT_DONE;
}
