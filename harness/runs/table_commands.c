/* SPDX-License-Identifier: BSD-2-Clause */
/* runs summary RUN, runs wire RUN, runs scaling RUN: a table on standard output, and the same as CSV in the run's directory. */

#include "command.h"
#include "files.h"
#include "scale.h"
#include "summary.h"
#include "tables.h"
#include "wire_summary.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <stdio.h>

static void put(const struct run *run, const char *name, struct text *csv)
{
    struct files files = {.directory = run->directory};
    files_add(&files, name, text_of(csv), csv->length);
    files_put(&files);
    text_free(csv);
}

void put_summary(const struct run *run, unsigned room, struct text *table)
{
    struct text csv = {NULL, 0, 0};
    struct summary summary = summary_of(run);
    summary_csv(&summary, &csv);
    summary_table(&summary, room, table);
    put(run, "summary.csv", &csv);
    summary_free(&summary);
}

void put_wire_summary(const struct run *run, struct text *table)
{
    struct text csv = {NULL, 0, 0};
    wire_summary(run, &csv, table);
    put(run, "wire_summary.csv", &csv);
}

void put_scale(const struct run *run, struct text *table)
{
    struct text csv = {NULL, 0, 0};
    struct scale scale = scale_of(run);
    scale_csv(&scale, &csv);
    scale_table(&scale, table);
    put(run, "scale.csv", &csv);
    scale_free(&scale);
}

/* ---- commands ---- */

static int print_table(struct run *run, struct text *table)
{
    fputs(text_of(table), stdout);
    text_free(table);
    run_free(run);
    return EXIT_DONE;
}

static const struct option_spec no_options[] = {OPTIONS_END};

int command_summary(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "medians and ratios of each configuration: a table, and RUN/summary.csv",
        .operands = "RUN",
        .example = "runs summary results/mine",
        .mixed = true,
    };
    unsigned long room = 0;
    const struct option_spec options[] = {
        {OPTION_NUMBER, "room", "COLUMNS", "maximum width of the table; default none", &room, 1,
         10000},
        OPTIONS_END,
    };
    struct text table = {NULL, 0, 0};
    struct run run;
    run_read(&run, only_run(&program, options, argc, argv));
    put_summary(&run, (unsigned)room, &table);
    return print_table(&run, &table);
}

int command_wire(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "time to the first byte of the response, by the load and by packet capture: a "
                    "table, and "
                    "RUN/wire_summary.csv",
        .operands = "RUN",
        .example = "runs wire results/mine",
        .mixed = true,
    };
    struct text table = {NULL, 0, 0};
    struct run run;
    run_read(&run, only_run(&program, no_options, argc, argv));
    if (!run.has_wire)
        fail_usage("%s has no wire.csv: it was measured without --wire", run.path);
    put_wire_summary(&run, &table);
    return print_table(&run, &table);
}

int command_scaling(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "throughput by CPUs against the ideal: a table, and RUN/scale.csv",
        .operands = "RUN",
        .example = "runs scaling results/mine",
        .mixed = true,
    };
    struct text table = {NULL, 0, 0};
    struct run run;
    run_read(&run, only_run(&program, no_options, argc, argv));
    if (!run.has_settings)
        fail_usage("%s has no settings.tsv: scaling needs the settings of the run", run.path);
    put_scale(&run, &table);
    return print_table(&run, &table);
}
