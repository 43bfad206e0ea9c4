/* runs plot RUN...: the figures of runs. runs figure NAME RUN: the data of one, as gnuplot is given it. */

#include "command.h"
#include "figure.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

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
        {OPTION_FLAG, "png", NULL, "as PNG too", &plot.png},
        {OPTION_FLAG, "all-loads", NULL, "figures by workers of all loads, however many",
         &plot.all_loads},
        OPTIONS_END,
    };
    static const struct option_spec *const tables[] = {options, NULL};
    int first = options_parse(&program, tables, argc, argv), status = EXIT_DONE;
    if (first == argc)
        fail_usage("name a run: see --help");
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
