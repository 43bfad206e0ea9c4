/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runs COMMAND ...: measures runs, and makes tables, comparisons, figures and reports from them. Commands that do not measure
 * read a run's directory (run.h).
 */

#include "command.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/lib/output.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *help;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"summary", "RUN: medians and ratios of each configuration", command_summary},
    {"wire", "RUN: latency by the load and by packet capture", command_wire},
    {"bench", "OPTIONS: compare servers", command_bench},
    {"scale", "OPTIONS: the same by CPUs", command_scale},
    {"peers", "OPTIONS: the same with third-party servers", command_peers},
    {"reproduce", "RUN: measure the plan of a run again", command_reproduce},
    {"plan", "OPTIONS: the plan of a bench", command_plan},
    {"check-plan", "RUN: check its plan", command_check_plan},
    {"trials", "RUN: arguments of its trials", command_trials},
    {"conclude", "RUN: tables, figures and report", command_conclude},
    {"scaling", "RUN: throughput by CPUs", command_scaling},
    {"merge", "RUN DIR: merged data of the trials, for publishing", command_merge},
    {"lost", "RUN: comparisons that are not to be trusted", command_lost},
    {"share", "RUN DIR: the files that share packs; --line: the run's line in the gallery",
     command_share},
    {"gallery", "LIST OUT: the figure of published runs", command_gallery},
    {"samples", "RUN COLUMN...: valid samples, one per line", command_samples},
    {"where", "FILES: breakdown of a guest's CPU time", command_where},
    {"figure", "NAME RUN: the data of a figure", command_figure},
    {"picture", "FIGURE DATA OUT ...: a figure not of a run", command_picture},
    {"plot", "RUN...: the figures", command_plot},
    {"compare", "A B [C...]: compare runs", command_compare},
    {"report", "RUN [B]: a report of a run, or of two", command_report},
    {"ratios", "RUN [COLUMN]: ratios to the baseline", command_ratios},
    {"claims", "fields ID, judge DIR: published results", command_claims},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static int print_help(void)
{
    printf("usage: runs COMMAND ...\nMeasures runs; makes tables, comparisons, figures, reports. "
           "For details see COMMAND --help.\n\n");
    for (unsigned i = 0; i < COMMANDS; i++)
        printf("  %-12s %s\n", commands[i].name, commands[i].help);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    output_begin();
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return print_help();
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        print_version();
        return EXIT_DONE;
    }
    for (unsigned i = 0; argc > 1 && i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0) {
            message_name(commands[i].name);
            return commands[i].run(argc - 1, argv + 1);
        }
    if (argc > 1)
        fail_usage("unknown command '%s': see --help", argv[1]);
    fail_usage("expected a command: see --help");
}
