/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * placement: assigns CPUs to the server and the client.
 *
 * Prints one line of three tab-separated fields: the number of CPUs of both together, the server's
 * list, the client's list.
 */

#include "placement.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/lib/output.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_SIZE = 4096 }; /* no list of CPULIST_MAX CPUs is longer */

static unsigned long wanted; /* 0 = all available */
static const char *split = "shared";
static bool describe;

static const struct option_spec options[] = {
    {OPTION_NUMBER, "cpus", "N", "number of CPUs (all that this process may use)", &wanted, 1,
     1000000, NULL},
    {OPTION_TEXT, "split", "HOW", "half, shared, or SERVER:CLIENT such as 0-3:4-7 (shared)", &split,
     0, 0, NULL},
    {OPTION_FLAG, "describe", NULL, "print a description with cores and NUMA nodes", &describe, 0,
     0, NULL},
    OPTIONS_END,
};

/* ---- the split ---- */

static void check_available(const struct machine *machine, const struct cpulist *list)
{
    struct placement all;
    char have[LIST_SIZE];
    placement_shared(&all, machine, machine->count);
    cpulist_format(&all.server, have, sizeof have);
    for (unsigned i = 0; i < list->count; i++)
        if (!machine_find(machine, list->cpus[i]))
            fail_usage("--split has CPU %u, but only %s are available", list->cpus[i], have);
}

static void read_lists(struct placement *placement, const struct machine *machine)
{
    const char *colon = strchr(split, ':');
    char *server = colon ? strndup(split, (size_t)(colon - split)) : NULL;
    if (!server || !cpulist_parse(&placement->server, server) ||
        !cpulist_parse(&placement->client, colon + 1))
        fail_usage("--split takes half, shared, or two lists of CPUs such as 0-3:4-7, not '%s'",
                   split);
    free(server);
    check_available(machine, &placement->server);
    check_available(machine, &placement->client);
    placement_ascending(&placement->server);
    placement_ascending(&placement->client);
    if (wanted && placement_size(placement) != wanted)
        fail_usage("--cpus is %lu, but the lists of --split have %u CPUs", wanted,
                   placement_size(placement));
}

static void place(struct placement *placement, const struct machine *machine)
{
    unsigned count = wanted ? (unsigned)wanted : machine->count;
    if (count > machine->count)
        fail_usage("--cpus is %u, but only %u are available", count, machine->count);
    if (strcmp(split, "shared") == 0)
        placement_shared(placement, machine, count);
    else if (strcmp(split, "half") != 0)
        read_lists(placement, machine);
    else if (!placement_half(placement, machine, count))
        fail_usage("--split half requires 2 CPUs, not 1: with --split shared both use it");
}

/* ---- description ---- */

static void print_side(const char *side, const struct cpulist *cpus, const struct machine *machine)
{
    char list[LIST_SIZE], node_list[LIST_SIZE];
    struct cpulist nodes;
    unsigned cores = placement_cores(cpus, machine);
    placement_nodes(cpus, machine, &nodes);
    cpulist_format(cpus, list, sizeof list);
    cpulist_format(&nodes, node_list, sizeof node_list);
    printf("%s: CPU%s %s (%u core%s, node%s %s)\n", side, cpus->count > 1 ? "s" : "", list, cores,
           cores > 1 ? "s" : "", nodes.count > 1 ? "s" : "", node_list);
}

static unsigned common(const struct cpulist *a, const struct cpulist *b)
{
    unsigned count = 0;
    for (unsigned i = 0; i < a->count; i++)
        count += cpulist_contains(b, a->cpus[i]);
    return count;
}

static void print_siblings(const struct placement *placement, const struct machine *machine)
{
    struct cpulist split_cores;
    char list[LIST_SIZE];
    placement_split_cores(placement, machine, &split_cores);
    cpulist_format(&split_cores, list, sizeof list);
    if (split_cores.count)
        printf("server and client use SMT siblings of the same cores: CPUs %s\n", list);
}

static void print_crossing(const struct placement *placement, const struct machine *machine)
{
    struct cpulist server, client;
    placement_nodes(&placement->server, machine, &server);
    placement_nodes(&placement->client, machine, &client);
    if (common(&server, &client) == 0)
        puts("server and client are on different NUMA nodes: packets cross between them");
    else if (server.count > 1 || client.count > 1)
        puts("server and client are on several NUMA nodes: some packets cross between them");
}

static void print_description(const struct placement *placement, const struct machine *machine)
{
    const struct cpulist *server = &placement->server, *client = &placement->client;
    unsigned both = common(server, client);
    if (both == server->count && both == client->count) {
        print_side("server and client", server, machine);
    } else {
        print_side("server", server, machine);
        print_side("client", client, machine);
        if (both)
            printf("server and client have %u CPU%s in common\n", both, both > 1 ? "s" : "");
        print_siblings(placement, machine);
    }
    print_crossing(placement, machine);
}

static void print_fields(const struct placement *placement)
{
    char server[LIST_SIZE], client[LIST_SIZE];
    cpulist_format(&placement->server, server, sizeof server);
    cpulist_format(&placement->client, client, sizeof client);
    printf("%u\t%s\t%s\n", placement_size(placement), server, client);
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "assigns CPUs to the server and the client: prints their number, the server's "
                    "list, the client's list",
        .example = "placement --cpus 8 --split half --describe",
    };
    static const struct option_spec *const tables[] = {options, NULL};
    static struct machine machine;
    struct placement placement;

    options_parse(&program, tables, argc, argv);
    const char *error = machine_load(&machine);
    if (error)
        fail("%s", error);
    place(&placement, &machine);
    if (describe)
        print_description(&placement, &machine);
    else
        print_fields(&placement);
    output_close(stdout, "standard output");
    return EXIT_DONE;
}
