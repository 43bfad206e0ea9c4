/* SPDX-License-Identifier: BSD-2-Clause */
#include "placement.h"

#include <hwloc.h>
#include <stdlib.h>

/* ---- the machine ---- */

/* hwloc reads the variables itself, but falls back to the real machine if they are invalid. */
static const char *choose_machine(hwloc_topology_t topology)
{
    const char *file = getenv("HWLOC_XMLFILE"), *synthetic = getenv("HWLOC_SYNTHETIC");
    if (file && *file && hwloc_topology_set_xml(topology, file) != 0)
        return "HWLOC_XMLFILE: hwloc cannot read a topology from this file";
    if (!(file && *file) && synthetic && *synthetic &&
        hwloc_topology_set_synthetic(topology, synthetic) != 0)
        return "HWLOC_SYNTHETIC: hwloc cannot parse this topology";
    return NULL;
}

/* A CPU may be local to several nodes, of slow and of fast memory: the first is used. */
static unsigned node_of(hwloc_topology_t topology, hwloc_obj_t pu)
{
    hwloc_obj_t node = NULL;
    while ((node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)))
        if (hwloc_bitmap_isset(node->cpuset, pu->os_index))
            return node->os_index;
    return 0;
}

/* In hwloc's order, the hardware threads of a core are consecutive. */
static const char *list_cpus(struct machine *machine, hwloc_topology_t topology)
{
    struct cpulist allowed;
    bool real = hwloc_topology_is_thissystem(topology);
    unsigned core = 0, sibling = 0;
    hwloc_obj_t pu = NULL, last = NULL;

    cpulist_allowed(&allowed);
    machine->count = 0;
    while ((pu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, pu))) {
        if (real && !cpulist_contains(&allowed, pu->os_index))
            continue;
        if (pu->os_index >= CPULIST_MAX)
            return "the machine has CPU numbers above 1023, which CPU lists do not support";
        hwloc_obj_t owner = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, pu);
        sibling = owner && owner == last ? sibling + 1 : 0;
        core += machine->count && sibling == 0;
        last = owner;
        machine->cpus[machine->count++] = (struct cpu_place){pu->os_index, core,
                                                             node_of(topology, pu), sibling};
    }
    return machine->count ? NULL : "hwloc finds no CPU that this process may use";
}

const char *machine_load(struct machine *machine)
{
    hwloc_topology_t topology;
    /* Messages of hwloc, such as a missing /sys, would be printed in addition to ours. */
    if (setenv("HWLOC_HIDE_ERRORS", "2", 0) != 0 || hwloc_topology_init(&topology) != 0)
        return "cannot initialize hwloc";
    const char *error = choose_machine(topology);
    if (!error && hwloc_topology_load(topology) != 0)
        error = "hwloc cannot read this machine's topology";
    if (!error)
        error = list_cpus(machine, topology);
    if (!error)
        machine_sort(machine);
    hwloc_topology_destroy(topology);
    return error;
}

static int compare_places(const void *a, const void *b)
{
    const struct cpu_place *x = a, *y = b;
    const unsigned pairs[][2] = {
        {x->node, y->node}, {x->sibling, y->sibling}, {x->core, y->core}, {x->cpu, y->cpu}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i][0] != pairs[i][1])
            return pairs[i][0] < pairs[i][1] ? -1 : 1;
    return 0;
}

void machine_sort(struct machine *machine)
{
    qsort(machine->cpus, machine->count, sizeof *machine->cpus, compare_places);
}

const struct cpu_place *machine_find(const struct machine *machine, unsigned cpu)
{
    for (unsigned i = 0; i < machine->count; i++)
        if (machine->cpus[i].cpu == cpu)
            return &machine->cpus[i];
    return NULL;
}

/* ---- lists ---- */

static void add(struct cpulist *list, unsigned number)
{
    list->cpus[list->count++] = (unsigned short)number;
}

static void add_once(struct cpulist *list, unsigned number)
{
    if (!cpulist_contains(list, number))
        add(list, number);
}

static int compare_numbers(const void *a, const void *b)
{
    return (int)*(const unsigned short *)a - (int)*(const unsigned short *)b;
}

void placement_ascending(struct cpulist *list)
{
    qsort(list->cpus, list->count, sizeof *list->cpus, compare_numbers);
}

/* ---- assignment ---- */

void placement_shared(struct placement *placement, const struct machine *machine, unsigned count)
{
    placement->server.count = 0;
    for (unsigned i = 0; i < count; i++)
        add(&placement->server, machine->cpus[i].cpu);
    placement_ascending(&placement->server);
    placement->client = placement->server;
}

/* A core of the experiment: its CPUs in the experiment, and how many of them the server gets. */
struct core {
    unsigned number, cpus, given;
};

struct cores {
    unsigned count;
    struct core at[CPULIST_MAX];
};

static struct core *core_of(struct cores *cores, unsigned number)
{
    unsigned i = 0;
    while (i < cores->count && cores->at[i].number != number)
        i++;
    if (i == cores->count)
        cores->at[cores->count++] = (struct core){.number = number};
    return &cores->at[i];
}

/* sums[i][n]: a subset of the cores from i on has n CPUs in total (subset sum). */
static bool sums[CPULIST_MAX + 1][CPULIST_MAX + 1];

static void find_sums(const struct cores *cores, unsigned most)
{
    for (unsigned n = 0; n <= most; n++)
        sums[cores->count][n] = n == 0;
    for (unsigned i = cores->count; i-- > 0;) {
        unsigned cpus = cores->at[i].cpus;
        for (unsigned n = 0; n <= most; n++)
            sums[i][n] = sums[i + 1][n] || (n >= cpus && sums[i + 1][n - cpus]);
    }
}

/* Gives the server each core after which the remainder is still the sum of later cores. If no set of
 * whole cores has `wanted` CPUs, the last core is split. */
static void give(struct cores *cores, unsigned wanted)
{
    find_sums(cores, wanted);
    bool whole = sums[0][wanted];
    for (unsigned i = 0; i < cores->count; i++) {
        struct core *core = &cores->at[i];
        unsigned given = core->cpus < wanted ? core->cpus : wanted;
        if (whole && (given < core->cpus || !sums[i + 1][wanted - given]))
            given = 0;
        core->given = given;
        wanted -= given;
    }
}

bool placement_half(struct placement *placement, const struct machine *machine, unsigned count)
{
    struct cores cores = {.count = 0};
    placement->server.count = placement->client.count = 0;
    if (count < 2)
        return false;
    for (unsigned i = 0; i < count; i++)
        core_of(&cores, machine->cpus[i].core)->cpus++;
    give(&cores, (count + 1) / 2);
    for (unsigned i = 0; i < count; i++) {
        struct core *core = core_of(&cores, machine->cpus[i].core);
        bool to_server = core->given > 0;
        core->given -= to_server;
        add(to_server ? &placement->server : &placement->client, machine->cpus[i].cpu);
    }
    placement_ascending(&placement->server);
    placement_ascending(&placement->client);
    return true;
}

/* ---- properties of a placement ---- */

unsigned placement_size(const struct placement *placement)
{
    unsigned size = placement->server.count;
    for (unsigned i = 0; i < placement->client.count; i++)
        size += !cpulist_contains(&placement->server, placement->client.cpus[i]);
    return size;
}

struct use {
    bool server, client, differently;
};

void placement_split_cores(const struct placement *placement, const struct machine *machine,
                           struct cpulist *split)
{
    struct use uses[CPULIST_MAX] = {{false}};
    for (unsigned i = 0; i < machine->count; i++) {
        struct use *use = &uses[machine->cpus[i].core];
        bool server = cpulist_contains(&placement->server, machine->cpus[i].cpu);
        bool client = cpulist_contains(&placement->client, machine->cpus[i].cpu);
        use->server |= server;
        use->client |= client;
        use->differently |= server != client;
    }
    split->count = 0;
    for (unsigned i = 0; i < machine->count; i++) {
        const struct cpu_place *place = &machine->cpus[i];
        const struct use *use = &uses[place->core];
        bool used = cpulist_contains(&placement->server, place->cpu) ||
                    cpulist_contains(&placement->client, place->cpu);
        if (used && use->server && use->client && use->differently)
            add(split, place->cpu);
    }
    placement_ascending(split);
}

void placement_nodes(const struct cpulist *cpus, const struct machine *machine,
                     struct cpulist *nodes)
{
    nodes->count = 0;
    for (unsigned i = 0; i < machine->count; i++)
        if (cpulist_contains(cpus, machine->cpus[i].cpu))
            add_once(nodes, machine->cpus[i].node);
    placement_ascending(nodes);
}

unsigned placement_cores(const struct cpulist *cpus, const struct machine *machine)
{
    struct cpulist cores = {.count = 0};
    for (unsigned i = 0; i < machine->count; i++)
        if (cpulist_contains(cpus, machine->cpus[i].cpu))
            add_once(&cores, machine->cpus[i].core);
    return cores.count;
}
