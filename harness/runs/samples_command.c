/* SPDX-License-Identifier: BSD-2-Clause */
/* runs samples RUN COLUMN...: the valid samples, one per line: configuration, round, values; tab-separated. */

#include "command.h"
#include "run.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void print_value(const struct row *row, enum column column)
{
    const char *text = column_is_text(column) ? row_text(row, column) : NULL;
    double value = column_is_text(column) ? NAN : row_number(row, column);
    if (text || !isnan(value))
        printf("\t%s", text ? text : number_long(value).text);
    else
        printf("\tNA");
}

int command_samples(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "prints the valid samples of a run, one per line: configuration, round, and "
                    "the columns; NA = not measured",
        .operands = "RUN COLUMN...",
        .example = "runs samples results/mine throughput_rps",
        .mixed = true,
    };
    static const struct option_spec options[] = {OPTIONS_END};
    static const struct option_spec *const tables[] = {options, NULL};
    struct run run;
    int first = options_parse(&program, tables, argc, argv);
    if (argc - first < 2)
        fail_usage("expected a run and columns: see --help");
    for (int i = first + 1; i < argc; i++)
        if (column_find(argv[i]) == ROW_COLUMN_COUNT)
            fail_usage("unknown column '%s'", argv[i]);
    run_read(&run, argv[first]);
    for (unsigned i = 0; i < run.trials.count; i++) {
        const struct row *row = &run.trials.all[i];
        if (!row_is_valid(row))
            continue;
        printf("%s\t%s",
               configuration_key(&run.trials.configurations[run.trials.configuration_of[i]]).text,
               number_short(row->round).text);
        for (int k = first + 1; k < argc; k++)
            print_value(row, column_find(argv[k]));
        putchar('\n');
    }
    run_free(&run);
    return EXIT_DONE;
}
