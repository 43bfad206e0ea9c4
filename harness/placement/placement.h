#ifndef WAKEONE_PLACEMENT_H
#define WAKEONE_PLACEMENT_H

/*
 * Which CPUs the server gets and which the client (the load generator), for an experiment on so
 * many CPUs.
 */

#include "harness/lib/cpulist.h"

#include <stdbool.h>

struct cpu_place {
    unsigned cpu;  /* the kernel's number of it, below CPULIST_MAX */
    unsigned core; /* below CPULIST_MAX; the same for SMT siblings, and only for them */
    unsigned node; /* the kernel's number of its NUMA node, below 65536 */
    unsigned
        sibling; /* 0 = its core's first hardware thread that may be used, 1 = the second, ... */
};

/* The CPUs that may be used, each once. */
struct machine {
    unsigned count;
    struct cpu_place cpus[CPULIST_MAX];
};

/* Both lists are ascending. */
struct placement {
    struct cpulist server, client;
};

/* Asks hwloc for the CPUs that this process may use, sorted; where the environment names a made-up
 * machine (HWLOC_SYNTHETIC, HWLOC_XMLFILE), for all of that. NULL, or a sentence that says why it
 * failed. */
const char *machine_load(struct machine *machine);

/* Puts the CPUs in the order in which experiments take them: one NUMA node before the next; within
 * a node the first hardware thread of each core, then the second of each, and so on. */
void machine_sort(struct machine *machine);

/* NULL if the CPU is not among them. */
const struct cpu_place *machine_find(const struct machine *machine, unsigned cpu);

/* Both get the first `count` CPUs of a sorted machine, which has as many. */
void placement_shared(struct placement *placement, const struct machine *machine, unsigned count);

/* Divides the first `count` CPUs of a sorted machine, which has as many: the server gets half of
 * them, rounded up, as far in front as can be. The CPUs of one core go to the same side unless
 * that cannot be; then one core is torn. False if count < 2: somebody would go without. */
bool placement_half(struct placement *placement, const struct machine *machine, unsigned count);

/* How many CPUs the two have together. */
unsigned placement_size(const struct placement *placement);

/* The CPUs of `placement` on cores that both use, though not with the same hardware threads,
 * ascending. Its CPUs are the machine's. */
void placement_torn(const struct placement *placement, const struct machine *machine,
                    struct cpulist *torn);

/* The NUMA nodes of a list of the machine's CPUs, ascending. */
void placement_nodes(const struct cpulist *cpus, const struct machine *machine,
                     struct cpulist *nodes);

/* How many cores a list of the machine's CPUs is on. */
unsigned placement_cores(const struct cpulist *cpus, const struct machine *machine);

/* Sorts a list ascending. */
void placement_ascending(struct cpulist *list);

#endif
