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
    uint64_t us; /* and for how long, summed over groups and CPUs */
};

struct throttling;

/* For the processes' groups, each once; the files stay open. `root` as in cgroup.h. NULL if no group tells. */
struct throttling *throttling_open(const char *root, const pid_t *pids, unsigned count);

/* Since the groups were made. The kernel counts a period when it ends: one that is going on is not in it. */
struct throttled throttling_read(const struct throttling *throttling);

void throttling_close(struct throttling *throttling);

#endif
