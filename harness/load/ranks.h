/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_RANKS_H
#define WAKEONE_RANKS_H

/*
 * Processes that make one load together. `load` is a single process (ranks_none.c); `load-mpi` is one of those started by
 * MPI, on one host or several (ranks_mpi.c). The first one prints messages and results for all, or is the observer of a
 * trial (clients.h).
 */

#include "harness/lib/options.h"
#include "load.h"

/* Options of a load by several processes. */
extern const struct option_spec ranks_options[];

/* To be called before any message: usage errors are common to all processes, and only the first one prints them. */
void ranks_mute_others(void);

/* To be called after the options are parsed: joins the other processes, and completes `load`. From then on a process that
 * exits without ranks_end() ends all. */
void ranks_begin(struct load_options *load);

/* Ends the program with a message if the option is unsupported with several processes. */
void ranks_refuse(const char *option);

bool ranks_is_first(void);

/* As load_run(), in each process; the window is the same for all. The observer makes no load. If a process does not reach
 * an end of the window within five seconds, it is named and all end. */
const char *ranks_run(struct load_options *load, struct load_result *result);

/* Collective, after ranks_run(): merges the results into that of the first process. */
void ranks_merge(const struct load_options *load, struct load_result *result);

/* In the first process: sends the result to the trial that it observes for, which reports it. False if there is none. */
bool ranks_hand_over(const struct load_result *result);

/* Collective. Returns the exit status of the first process, for all. */
int ranks_end(int status);

#endif
