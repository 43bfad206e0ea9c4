/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PLACEMENT_H
#define WAKEONE_PLACEMENT_H

/*
 * Assigns CPUs to the server and the client (the load generator) for an experiment on a given number
 * of CPUs.
 */

#include "harness/lib/cpulist.h"

#include <stdbool.h>

struct cpu_place {
    unsigned cpu;     /* the kernel's number of the CPU, below CPULIST_MAX */
    unsigned core;    /* below CPULIST_MAX; equal for SMT siblings, and only for them */
    unsigned node;    /* the kernel's number of its NUMA node, below 65536 */
    unsigned sibling; /* 0 = the first available hardware thread of its core, 1 = the second, ... */
};

/* The available CPUs, each once. */
struct machine {
    unsigned count;
    struct cpu_place cpus[CPULIST_MAX];
};

/* Both lists are ascending. */
struct placement {
    struct cpulist server, client;
};

/* Reads from hwloc the CPUs that this process may use, sorted; if the environment defines a
 * simulated machine (HWLOC_SYNTHETIC, HWLOC_XMLFILE), all CPUs of it. NULL, or an error message. */
const char *machine_load(struct machine *machine);

/* Sorts the CPUs in the order in which experiments use them: one NUMA node after the other; within
 * a node the first hardware thread of each core, then the second of each, and so on. */
void machine_sort(struct machine *machine);

/* NULL if the CPU is not available. */
const struct cpu_place *machine_find(const struct machine *machine, unsigned cpu);

/* Both get the first `count` CPUs of a sorted machine, which must have as many. */
void placement_shared(struct placement *placement, const struct machine *machine, unsigned count);

/* Divides the first `count` CPUs of a sorted machine, which must have as many: the server gets half
 * of them, rounded up, the earliest that are possible. The CPUs of a core are assigned to the same
 * side if possible; otherwise one core is split. False if count < 2: one side would get no CPU. */
bool placement_half(struct placement *placement, const struct machine *machine, unsigned count);

/* The number of CPUs that the two have together. */
unsigned placement_size(const struct placement *placement);

/* The CPUs of `placement` on split cores, which both sides use with different hardware threads,
 * ascending. All CPUs of `placement` must be the machine's. */
void placement_split_cores(const struct placement *placement, const struct machine *machine,
                           struct cpulist *split);

/* The NUMA nodes of a list of the machine's CPUs, ascending. */
void placement_nodes(const struct cpulist *cpus, const struct machine *machine,
                     struct cpulist *nodes);

/* The number of cores of a list of the machine's CPUs. */
unsigned placement_cores(const struct cpulist *cpus, const struct machine *machine);

/* Sorts a list ascending. */
void placement_ascending(struct cpulist *list);

#endif
