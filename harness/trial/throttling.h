#ifndef WAKEONE_THROTTLING_H
#define WAKEONE_THROTTLING_H

/*
 * CPU time that a quota did not give: of all control groups that a server and its client are in, and those above them.
 * Where a group has used up its quota, its threads stand still until the next period (mostly of 100 ms) begins.
 */

#include <stdint.h>
#include <sys/types.h>

struct throttled {
    uint64_t
        periods; /* in which a group was throttled (nr_throttled of cpu.stat), of all groups together */
    uint64_t
        us; /* and for how long, summed over groups and CPUs; or, where that is longer, how long one of the
                       * groups was, whoever had the quota (cpu.stat.local, Linux 6.6): also a group out of sight */
};

struct throttling;

/* For the processes' groups, each once; the files stay open. `root` as in cgroup.h. NULL if no group tells. */
struct throttling *throttling_open(const char *root, const pid_t *pids, unsigned count);

void throttling_begin(struct throttling *throttling);

/* Since then. The kernel counts a period when it ends: one that is going on is not in it. Frees it. */
struct throttled throttling_end(struct throttling *throttling);

#endif
