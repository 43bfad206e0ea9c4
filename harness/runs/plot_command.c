/* SPDX-License-Identifier: BSD-2-Clause */
/* runs plot RUN...: draws the figures of runs. runs figure NAME RUN: prints the gnuplot data of one. */

#include "command.h"
#include "figure.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int command_plot(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "draws RUN/figures/*.svg and index.tsv, and writes summary.csv",
        .operands = "RUN...",
        .example = "runs plot results/mine",
        .mixed = true,
    };
    static struct plot_options plot;
    static const struct option_spec options[] = {
        {OPTION_FLAG, "png", NULL, "draw PNG files too", &plot.png},
        {OPTION_FLAG, "all-loads", NULL, "draw figures by workers of all loads", &plot.all_loads},
        OPTIONS_END,
    };
    static const struct option_spec *const tables[] = {options, NULL};
    int first = options_parse(&program, tables, argc, argv), status = EXIT_DONE;
    if (first == argc)
        fail_usage("expected a run: see --help");
    for (int i = first; i < argc; i++) {
        struct run run;
        run_read(&run, argv[i]);
        if (access(run.directory, W_OK) != 0)
            fail_usage("cannot write to %s", argv[i]);
        int drawn = plot_run(&run, &plot);
        if (drawn > status || drawn == EXIT_FAILED)
            status = status == EXIT_FAILED ? status : drawn;
        run_free(&run);
    }
    return status;
}

int command_figure(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "prints the gnuplot data of a figure, of the run's first load or group if the "
                    "figure has one",
        .operands = "NAME RUN",
        .example = "runs figure throughput results/mine",
        .mixed = true,
    };
    static const struct option_spec options[] = {OPTIONS_END};
    static const struct option_spec *const tables[] = {options, NULL};
    struct text data = {NULL, 0, 0};
    struct complaint why;
    struct run run;
    int first = options_parse(&program, tables, argc, argv);
    if (argc - first != 2)
        fail_usage("expected a figure and a run: see --help");
    run_read(&run, argv[first + 1]);
    enum figure_outcome outcome = figure_of_run(&run, argv[first], &data, &why);
    if (outcome == FIGURE_DRAWN)
        fputs(text_of(&data), stdout);
    else
        message("%s: %s is not drawn: %s", argv[first + 1], argv[first], why.text);
    text_free(&data);
    run_free(&run);
    return outcome == FIGURE_DRAWN      ? EXIT_DONE
           : outcome == FIGURE_LEFT_OUT ? EXIT_NOT_OK
                                        : EXIT_FAILED;
}
