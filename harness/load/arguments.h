/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_LOAD_ARGUMENTS_H
#define WAKEONE_LOAD_ARGUMENTS_H

/* Command line options of the load, shared by all programs that generate one. */

#include "harness/lib/options.h"
#include "load.h"

extern const struct option_spec load_arguments[];

/* Options of programs whose URL and window are set on the command line. */
extern const struct option_spec load_arguments_of_tool[];

/* Sets defaults; to be called before the options are parsed. */
void load_arguments_begin(struct load_options *load);

/* To be called after: checks combinations, and completes `load`. On an error, exits with one line. */
void load_arguments_end(struct load_options *load);

/* Parses and resolves the URL, adds its user to the request, and rejects another machine unless --allow-remote is given.
 * `load` must not move afterwards. On an error, exits with one line. */
void load_arguments_target(struct load_options *load, const char *url);

#endif
