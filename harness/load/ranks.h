#ifndef WAKEONE_RANKS_H
#define WAKEONE_RANKS_H

/*
 * The processes that make one load together. `load` is alone (ranks_none.c); `load-mpi` is one of those that MPI has started,
 * on one host or on many (ranks_mpi.c). The first of them speaks for all.
 */

#include "harness/lib/options.h"
#include "load.h"

/* What only several processes can be told. */
extern const struct option_spec ranks_options[];

/* Before anything is said: what is wrong with the words is wrong for all, and said by the first only. */
void ranks_mute_others(void);

/* Once the words are right: joins the others, and sets what `load` says of them. From then on a process that exits
 * without ranks_end() ends all. */
void ranks_begin(struct load_options *load);

/* Ends the program with a line if this cannot be had of several processes. */
void ranks_refuse(const char *option);

bool ranks_is_first(void);

/* Collective, after load_run(): the results of all become that of the first. If one of the processes does not come within
 * five seconds, it is named, and all end. */
void ranks_merge(const struct load_options *load, struct load_result *result);

/* Collective. The exit status of all, which the first one decides. */
int ranks_end(int status);

#endif
