/* SPDX-License-Identifier: BSD-2-Clause */
/* runs ratios RUN [COLUMN]: prints the ratios of a run, one per line, tab-separated. */

#include "command.h"
#include "number.h"
#include "ratios.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DECIMALS = 4, P_DECIMALS = 6 };

/* The fields of the tool `stats`, of the same pairs */
static void print_ratio(const struct run *run, const struct ratio *r)
{
    const struct configuration *c = &run->trials.configurations[r->configuration];
    const double before[] = {r->ratio,    r->low,           r->high,
                             r->smallest, r->paired.median, r->paired.mad};
    printf("%s\t%zu", configuration_key(c).text, r->paired.n);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        printf("\t%s", number_fixed(before[i], DECIMALS).text);
    printf("\t%s\t%s\t%s\t%s\t%s\n", r->outliers, number_fixed(r->drift, DECIMALS).text,
           number_fixed(r->paired.drift_p, P_DECIMALS).text, outcome_word(r->outcome), r->sentence);
}

int command_ratios(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "ratios to the baseline, one per line: configuration and the fields of `stats "
                    "--header`: pairs, ratio, low, high, "
                    "smallest detectable difference, median, mad, outliers, drift, its p, outcome, "
                    "sentence",
        .operands = "RUN [COLUMN]",
        .example = "runs ratios results/reference/main throughput_rps",
        .mixed = true,
    };
    static const struct option_spec options[] = {OPTIONS_END};
    static const struct option_spec *const tables[] = {options, NULL};
    struct run run;
    int first = options_parse(&program, tables, argc, argv);
    if (first >= argc || argc - first > 2)
        fail_usage("expected a run and an optional column: see --help");
    const char *name = argc - first == 2 ? argv[first + 1] : "throughput_rps";
    enum column column = column_find(name);
    if (column == ROW_COLUMN_COUNT || column_is_text(column))
        fail_usage("no numeric column '%s'", name);
    run_read(&run, argv[first]);
    struct ratios ratios = ratios_of(&run, column);
    for (unsigned i = 0; i < ratios.count; i++)
        print_ratio(&run, &ratios.all[i]);
    ratios_free(&ratios);
    run_free(&run);
    return EXIT_DONE;
}
