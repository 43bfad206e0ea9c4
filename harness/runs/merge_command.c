/*
 * runs merge RUN DIR: into DIR what `compact` publishes in the place of the trials': latency/ and shares.csv, merged by
 * configuration, and means of functions.csv and callers.csv.
 */

#include "command.h"
#include "csv.h"
#include "files.h"
#include "latencies.h"
#include "shares.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_file(const char *directory, const char *name, const struct text *text)
{
    struct files files = {.directory = directory};
    files_add(&files, name, text_of(text), text->length);
    files_put(&files);
}

/* ---- latencies: of each load of which some sample has them ---- */

static bool same_load(const struct configuration *a, const struct configuration *b)
{
    struct configuration as_if = *b;
    as_if.workers = a->workers;
    return same_block(a, &as_if);
}

static bool is_timed(const struct rows *rows, const struct configuration *c)
{
    for (unsigned i = 0; i < rows->count; i++)
        if (row_is_valid(&rows->all[i]) && !isnan(rows->all[i].latency_p99_us) &&
            same_load(&rows->configurations[rows->configuration_of[i]], c))
            return true;
    return false;
}

static void merge_latencies(const struct run *run, const char *out)
{
    struct complaint why;
    char *directory = NULL;
    for (unsigned i = 0; has_latencies(run) && i < run->trials.configuration_count; i++) {
        const struct configuration *c = &run->trials.configurations[i];
        struct latencies latencies;
        struct text text = {NULL, 0, 0};
        if (c->valid == 0 || !is_timed(&run->trials, c))
            continue;
        if (!latencies_read(run, c, &latencies, &why))
            fail("%s: %s", run->path, why.text);
        if (!directory) {
            directory = format_string("%s/latency", out);
            make_directory(directory);
        }
        char *name = latencies_name(c);
        latencies_write(&latencies, &text);
        write_file(directory, name, &text);
        latencies_free(&latencies);
        text_free(&text);
        free(name);
    }
    free(directory);
}

static void merge_shares(const struct run *run, const char *out)
{
    struct shares shares;
    struct complaint why;
    struct text text = {NULL, 0, 0};
    if (!has_shares(run))
        return;
    if (!shares_read(run, &shares, &why))
        fail("%s: %s", run->path, why.text);
    shares_write(run, &shares, &text);
    write_file(out, "shares.csv", &text);
    shares_free(&shares);
    text_free(&text);
}

/* ---- means: what no figure is drawn from ---- */

enum { MEANS_COLUMNS_MAX = 32, MEAN_DIGITS = 4 };

struct mean {
    char *line, *fields[MEANS_COLUMNS_MAX]; /* of the first line */
    double sums[MEANS_COLUMNS_MAX];
    unsigned lines;
};

static bool is_figure(const char *column)
{
    static const char *const figures[] = {"us_per_req", "stall_us_per_req", "instructions_per_req",
                                          "share"};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (strcmp(figures[i], column) == 0)
            return true;
    return false;
}

/* All but figures and trial are the same. */
static bool same_mean(const struct csv *csv, const struct mean *mean)
{
    for (unsigned i = 0; i < csv->columns; i++)
        if (!is_figure(csv->header[i]) && strcmp(csv->header[i], "trial") != 0 &&
            strcmp(csv->fields[i], mean->fields[i]) != 0)
            return false;
    return true;
}

static struct mean *mean_of(const struct csv *csv, struct mean **means, unsigned *count)
{
    struct text line = {NULL, 0, 0};
    for (unsigned i = 0; i < *count; i++)
        if (same_mean(csv, &(*means)[i]))
            return &(*means)[i];
    *means = realloc(*means, (*count + 1) * sizeof **means);
    if (!*means)
        fail("out of memory");
    for (unsigned i = 0; i < csv->columns; i++)
        text_add(&line, "%s%s", i ? "," : "", csv->fields[i]);
    struct mean *mean = &(*means)[(*count)++];
    *mean = (struct mean){.line = line.text};
    split(mean->line, ',', mean->fields, csv->columns);
    return mean;
}

static void write_means(const struct csv *csv, const struct mean *means, unsigned count,
                        struct text *text)
{
    for (unsigned i = 0; i < csv->columns; i++)
        text_add(text, "%s%s", i ? "," : "", csv->header[i]);
    text_add_string(text, "\n");
    for (unsigned k = 0; k < count; k++) {
        for (unsigned i = 0; i < csv->columns; i++)
            if (is_figure(csv->header[i]))
                text_add(text, "%s%.*g", i ? "," : "", MEAN_DIGITS,
                         means[k].sums[i] / means[k].lines);
            else
                text_add(text, "%s%s", i ? "," : "", means[k].fields[i]);
        text_add_string(text, "\n");
    }
}

static void merge_means(const struct run *run, const char *name, const char *out)
{
    struct csv csv;
    struct complaint why;
    struct mean *means = NULL;
    struct text text = {NULL, 0, 0};
    unsigned count = 0;
    enum csv_line line = CSV_END;
    char *path = run_file(run, name);
    if (access(path, F_OK) != 0) {
        free(path);
        return;
    }
    if (!csv_open(&csv, path, name, ',', &why) || csv.columns > MEANS_COLUMNS_MAX)
        fail("%s: %s cannot be read", run->path, name);
    while ((line = csv_next(&csv, &why)) == CSV_LINE) {
        struct mean *mean = mean_of(&csv, &means, &count);
        mean->lines++;
        for (unsigned i = 0; i < csv.columns; i++)
            mean->sums[i] += is_figure(csv.header[i]) ? strtod(csv.fields[i], NULL) : 0;
    }
    if (line == CSV_BROKEN)
        fail("%s: %s", run->path, why.text);
    write_means(&csv, means, count, &text);
    write_file(out, name, &text);
    for (unsigned i = 0; i < count; i++)
        free(means[i].line);
    free(means);
    text_free(&text);
    csv_close(&csv);
    free(path);
}

int command_merge(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "into DIR what stands in the place of a run's trials when it is published: "
                    "latency/, shares.csv, means of "
                    "functions.csv and callers.csv",
        .operands = "RUN DIR",
        .example = "runs merge results/mine copy",
        .mixed = true,
    };
    static const struct option_spec options[] = {OPTIONS_END};
    static const struct option_spec *const tables[] = {options, NULL};
    struct run run;
    int first = options_parse(&program, tables, argc, argv);
    message_name("compact"); /* as whose part it is run */
    if (argc - first != 2)
        fail_usage("name a run and a directory: see --help");
    run_read(&run, argv[first]);
    merge_latencies(&run, argv[first + 1]);
    merge_shares(&run, argv[first + 1]);
    merge_means(&run, "functions.csv", argv[first + 1]);
    merge_means(&run, "callers.csv", argv[first + 1]);
    run_free(&run);
    return EXIT_DONE;
}
