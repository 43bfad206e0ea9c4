#ifndef WAKEONE_LOAD_ARGUMENTS_H
#define WAKEONE_LOAD_ARGUMENTS_H

/* The options of a load on the command line: the same for all programs that make one. */

#include "harness/lib/options.h"
#include "load.h"

extern const struct option_spec load_arguments[];

/* Those that only make sense where the URL and the window are the caller's own. */
extern const struct option_spec load_arguments_of_tool[];

/* Before the options are read. */
void load_arguments_begin(struct load_options *load);

/* After: checks that they go together, and completes `load`. Exits with one line if not. */
void load_arguments_end(struct load_options *load);

/* Checks the URL, looks it up, adds what it says of the user to the request, and refuses what is not this
 * machine, unless that was allowed. `load` must not move from then on. Exits with one line if it
 * cannot be. */
void load_arguments_target(struct load_options *load, const char *url);

#endif
