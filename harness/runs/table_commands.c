/* runs summary RUN, runs wire RUN: a table on standard output, and the same as CSV in the run's directory. */

#include "command.h"
#include "files.h"
#include "summary.h"
#include "wire_summary.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <stdio.h>

static const char *only_run(const struct program *program, const struct option_spec *options,
                            int argc, char **argv)
{
    const struct option_spec *const tables[] = {options, NULL};
    int first = options_parse(program, tables, argc, argv);
    if (argc - first != 1)
        fail_usage("name one run: see --help");
    return argv[first];
}

/* Puts the CSV in place, then prints the table. */
static void put_table(const struct run *run, const char *name, struct text *csv, struct text *table)
{
    struct files files = {.directory = run->directory};
    files_add(&files, name, text_of(csv), csv->length);
    files_put(&files);
    fputs(text_of(table), stdout);
    text_free(csv);
    text_free(table);
}

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
        {OPTION_NUMBER, "room", "COLUMNS", "that the table may have; default any number", &room, 1,
         10000},
        OPTIONS_END,
    };
    struct text csv = {NULL, 0, 0}, table = {NULL, 0, 0};
    struct run run;
    run_read(&run, only_run(&program, options, argc, argv));
    struct summary summary = summary_of(&run);
    summary_csv(&summary, &csv);
    summary_table(&summary, (unsigned)room, &table);
    put_table(&run, "summary.csv", &csv, &table);
    summary_free(&summary);
    run_free(&run);
    return EXIT_DONE;
}

int command_wire(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "the first byte of the answer by the load and on the wire: a table, and "
                    "RUN/wire_summary.csv",
        .operands = "RUN",
        .example = "runs wire results/mine",
        .mixed = true,
    };
    static const struct option_spec options[] = {OPTIONS_END};
    struct text csv = {NULL, 0, 0}, table = {NULL, 0, 0};
    struct run run;
    run_read(&run, only_run(&program, options, argc, argv));
    if (!run.has_wire)
        fail_usage("%s has no wire.csv: it was made without --wire", run.path);
    wire_summary(&run, &csv, &table);
    put_table(&run, "wire_summary.csv", &csv, &table);
    run_free(&run);
    return EXIT_DONE;
}
