#ifndef WAKEONE_COMMAND_H
#define WAKEONE_COMMAND_H

#include "harness/lib/options.h"

/*
 * The sub-commands of `runs`, a file each: argv[0] is its name. They return the exit status (message.h); usage errors and
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
int command_samples(int argc, char **argv);
int command_claims(int argc, char **argv);
int command_where(int argc, char **argv);

/* The commands that measure, and parts of them (engine.h). */
int command_bench(int argc, char **argv);
int command_scale(int argc, char **argv);
int command_peers(int argc, char **argv);
int command_reproduce(int argc, char **argv);
int command_plan(int argc, char **argv);
int command_check_plan(int argc, char **argv);
int command_trials(int argc, char **argv);
int command_conclude(int argc, char **argv);

/* Reads the options of a command that takes one run, and returns its directory; any other number of operands is a usage error. */
char *only_run(const struct program *program, const struct option_spec *options, int argc,
               char **argv);

/* The checkout, where plots/ and the tables of harness/ are: WAKEONE_TOP, or else what is above the program. */
const char *top_directory(void);

/* A path in it, to be freed. */
char *top_file(const char *name);

/* Where the files of that name go without --out, to be freed: below WAKEONE_RESULTS, or results/ of the checkout. */
char *results_file(const char *name);

/* How the caller starts a command of the suite: "./run.sh" in a checkout, "wakeone" where it is installed. */
const char *suite_command(void);

#endif
