/* runs scale RUN: throughput by CPUs, as a table and as scale.csv. */

#include "command.h"
#include "files.h"
#include "scale.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <stdio.h>

int command_scale(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "throughput by CPUs against the ideal: a table, and RUN/scale.csv",
        .operands = "RUN",
        .example = "runs scale results/mine",
        .mixed = true,
    };
    static const struct option_spec options[] = {OPTIONS_END};
    static const struct option_spec *const tables[] = {options, NULL};
    struct text csv = {NULL, 0, 0}, table = {NULL, 0, 0};
    struct run run;
    int first = options_parse(&program, tables, argc, argv);
    if (argc - first != 1)
        fail_usage("name one run: see --help");
    run_read(&run, argv[first]);
    if (!run.has_settings)
        fail_usage("there is no run with settings in %s: it has no settings.tsv", run.path);
    struct scale scale = scale_of(&run);
    struct files files = {.directory = run.directory};
    scale_csv(&scale, &csv);
    scale_table(&scale, &table);
    files_add(&files, "scale.csv", text_of(&csv), csv.length);
    files_put(&files);
    fputs(text_of(&table), stdout);
    text_free(&csv);
    text_free(&table);
    scale_free(&scale);
    run_free(&run);
    return EXIT_DONE;
}
