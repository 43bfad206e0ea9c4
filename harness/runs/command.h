/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_COMMAND_H
#define WAKEONE_COMMAND_H

#include "harness/lib/options.h"

/*
 * The sub-commands of `runs`, one file each: argv[0] is the name. They return the exit status (message.h); usage errors and
 * failures end the program.
 */
int command_summary(int argc, char **argv);
int command_scaling(int argc, char **argv);
int command_wire(int argc, char **argv);
int command_ratios(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_plot(int argc, char **argv);
int command_figure(int argc, char **argv);
int command_picture(int argc, char **argv);
int command_report(int argc, char **argv);
int command_merge(int argc, char **argv);
int command_lost(int argc, char **argv);
int command_share(int argc, char **argv);
int command_gallery(int argc, char **argv);
int command_samples(int argc, char **argv);
int command_claims(int argc, char **argv);
int command_where(int argc, char **argv);

/* Commands that measure, and parts of them (engine.h). */
int command_bench(int argc, char **argv);
int command_scale(int argc, char **argv);
int command_peers(int argc, char **argv);
int command_reproduce(int argc, char **argv);
int command_plan(int argc, char **argv);
int command_check_plan(int argc, char **argv);
int command_trials(int argc, char **argv);
int command_conclude(int argc, char **argv);

/* Reads the options of a command that takes one run, and returns its directory; any other number of operands is a usage error.
 * */
char *only_run(const struct program *program, const struct option_spec *options, int argc,
               char **argv);

/* The checkout with plots/ and harness/: WAKEONE_TOP, or a directory above the program. */
const char *top_directory(void);

/* A path in it; the caller frees it. */
char *top_file(const char *name);

/* The default path of results of that name: in WAKEONE_RESULTS, or in results/ of the checkout. The caller frees it. */
char *results_file(const char *name);

/* The command of the suite: "./run.sh" in a checkout, "wakeone" if it is installed. */
const char *suite_command(void);

#endif
