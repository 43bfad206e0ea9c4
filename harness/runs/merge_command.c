/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runs merge RUN DIR: writes to DIR the merged data that `compact` publishes instead of the trials': latency/ and shares.csv,
 * merged by configuration, and means of functions.csv and callers.csv.
 */

#include "command.h"
#include "csv.h"
#include "files.h"
#include "latencies.h"
#include "means.h"
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

/* ---- latencies: of each load with at least one sample of them ---- */

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

static bool any_valid(const struct rows *rows)
{
    for (unsigned i = 0; i < rows->count; i++)
        if (row_is_valid(&rows->all[i]))
            return true;
    return false;
}

static void merge_shares(const struct run *run, const char *out)
{
    struct shares shares;
    struct complaint why;
    struct text text = {NULL, 0, 0};
    if (!has_shares(run) || !any_valid(&run->trials))
        return;
    if (!shares_read(run, &shares, &why))
        fail("%s: %s", run->path, why.text);
    for (unsigned i = 0; i < shares.count; i++)
        if (shares.all[i].damage)
            fail("%s: %s", run->path, shares.all[i].damage);
    shares_write(run, &shares, &text);
    write_file(out, "shares.csv", &text);
    shares_free(&shares);
    text_free(&text);
}

/* ---- means: data not used by figures ---- */

static void merge_means(const struct run *run, const char *name, const char *out)
{
    struct csv csv;
    struct complaint why;
    struct text text = {NULL, 0, 0};
    char *path = run_file(run, name);
    if (access(path, F_OK) == 0) {
        if (!csv_open(&csv, path, name, ',', &why) || !means_write(&csv, &text, &why))
            fail("%s: %s", run->path, why.text);
        write_file(out, name, &text);
        csv_close(&csv);
    }
    text_free(&text);
    free(path);
}

int command_merge(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "writes to DIR the merged data of a run's trials, for publishing: latency/, "
                    "shares.csv, means of functions.csv and callers.csv",
        .operands = "RUN DIR",
        .example = "runs merge results/mine copy",
        .mixed = true,
    };
    static const struct option_spec options[] = {OPTIONS_END};
    static const struct option_spec *const tables[] = {options, NULL};
    struct run run;
    int first = options_parse(&program, tables, argc, argv);
    message_name("compact"); /* which calls this command */
    if (argc - first != 2)
        fail_usage("expected a run and a directory: see --help");
    run_read(&run, argv[first]);
    merge_latencies(&run, argv[first + 1]);
    merge_shares(&run, argv[first + 1]);
    merge_means(&run, "functions.csv", argv[first + 1]);
    merge_means(&run, "callers.csv", argv[first + 1]);
    run_free(&run);
    return EXIT_DONE;
}
