#ifndef WAKEONE_RANKS_H
#define WAKEONE_RANKS_H

/*
 * The processes that make one load together. `load` is alone (ranks_none.c); `load-mpi` is one of those that MPI has started,
 * on one host or on many (ranks_mpi.c). The first of them speaks for all, or observes for a trial (clients.h).
 */

#include "harness/lib/options.h"
#include "load.h"

/* Options that only several processes have. */
extern const struct option_spec ranks_options[];

/* Before any message: a usage error is one of all processes, and reported by the first only. */
void ranks_mute_others(void);

/* Once the options are read: joins the others, and completes `load`. From then on a process that exits without ranks_end()
 * ends all. */
void ranks_begin(struct load_options *load);

/* Ends the program with a line if several processes do not support the option. */
void ranks_refuse(const char *option);

bool ranks_is_first(void);

/* As load_run(), in each of the processes; both ends of the window are the same for all. The one that observes makes no
 * load. A process that does not come to an end of the window within five seconds is named, and all end. */
const char *ranks_run(struct load_options *load, struct load_result *result);

/* Collective, after ranks_run(): the results of all become that of the first. */
void ranks_merge(const struct load_options *load, struct load_result *result);

/* Of the first process: the result goes to the trial that it observes for, which reports it. False if there is none. */
bool ranks_hand_over(const struct load_result *result);

/* Collective. The exit status of all, which the first one decides. */
int ranks_end(int status);

#endif
