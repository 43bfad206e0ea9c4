/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_THROTTLING_H
#define WAKEONE_THROTTLING_H

/*
 * CPU time withheld by quotas: in all control groups of a server and its client, and their ancestors. The threads of a
 * group that has used up its quota are stopped until the next period (usually of 100 ms) begins.
 */

#include <stdint.h>
#include <sys/types.h>

struct throttled {
    uint64_t
        periods; /* periods in which a group was throttled (nr_throttled of cpu.stat), summed over groups */
    uint64_t
        us; /* throttled time, summed over groups and CPUs; or, if longer, the maximum over the groups of their
             * own time, for a quota at any level (cpu.stat.local, Linux 6.6): also of groups not visible here */
};

struct throttling;

/* For the processes' groups, each once; keeps the files open. `root` as in cgroup.h. NULL if no group reports it. */
struct throttling *throttling_open(const char *root, const pid_t *pids, unsigned count);

void throttling_begin(struct throttling *throttling);

/* Throttling since throttling_begin(). The kernel counts a period when it ends: the current one is not included. Frees it. */
struct throttled throttling_end(struct throttling *throttling);

#endif
