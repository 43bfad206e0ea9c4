/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/placement/placement.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

/* A machine as text: "0,4 1,5|2,6 3,7" has two nodes of two cores of two hardware threads each. */
#define SMT_FAR    "0,4 1,5 2,6 3,7"
#define SMT_NEAR   "0,1 2,3 4,5 6,7"
#define TWO_NODES  "0,8 1,9 2,10 3,11|4,12 5,13 6,14 7,15"
#define UNEVEN     "0,1 2,3 4,5|6,7"
#define MIXED      "0,1 2,3 4 5 6 7" /* performance cores with SMT, others without */
#define MIXED_ODD  "0 1,2"
#define SMT_FOUR   "0,1,2,3 4,5,6,7"
#define RESTRICTED "5 3,7|10" /* with an affinity mask */

static void read_machine(struct machine *machine, const char *text)
{
    unsigned core = 0, node = 0, sibling = 0;
    machine->count = 0;
    while (*text) {
        char *end;
        unsigned cpu = (unsigned)strtoul(text, &end, 10);
        machine->cpus[machine->count++] = (struct cpu_place){cpu, core, node, sibling};
        node += *end == '|';
        core += *end == '|' || *end == ' ';
        sibling = *end == ',' ? sibling + 1 : 0;
        text = end + (*end != '\0');
    }
}

static void shuffle(struct machine *machine)
{
    for (unsigned i = machine->count; i > 1; i--) {
        unsigned other = (unsigned)(random_number() % i);
        struct cpu_place place = machine->cpus[other];
        machine->cpus[other] = machine->cpus[i - 1];
        machine->cpus[i - 1] = place;
    }
}

static void assert_list(const struct cpulist *list, const char *expected)
{
    char text[4096];
    cpulist_format(list, text, sizeof text);
    assert_string_equal(text, expected);
}

/* ---- order ---- */

struct ordered {
    const char *machine, *order;
};

static const struct ordered orders[] = {
    {"0", "0"},
    {"0 1", "0-1"},
    {"0,1", "0-1"},
    {"0 1 2 3", "0-3"},
    {SMT_FAR, "0-7"},
    {SMT_NEAR, "0,2,4,6,1,3,5,7"},
    {TWO_NODES, "0-3,8-11,4-7,12-15"},
    {UNEVEN, "0,2,4,1,3,5-7"},
    {MIXED, "0,2,4-7,1,3"},
    {MIXED_ODD, "0-2"},
    {SMT_FOUR, "0,4,1,5,2,6,3,7"},
    {RESTRICTED, "5,3,7,10"},
    {"3 1|2 0", "3,1-2,0"},
};

TEST(order)
{
    const struct ordered *row = *state;
    struct machine machine;
    read_machine(&machine, row->machine);
    for (int round = 0; round < 20; round++) {
        struct cpulist list = {.count = 0};
        shuffle(&machine);
        machine_sort(&machine);
        for (unsigned i = 0; i < machine.count; i++)
            list.cpus[list.count++] = (unsigned short)machine.cpus[i].cpu;
        assert_list(&list, row->order);
    }
}

/* ---- splits ---- */

struct divided {
    const char *machine;
    unsigned count;
    const char *server, *client, *torn;
};

static const struct divided halves[] = {
    {"0 1", 2, "0", "1", ""},
    {"0,1", 2, "0", "1", "0-1"},
    {"1,0", 2, "1", "0", "0-1"},
    {"0 1 2 3", 2, "0", "1", ""},
    {"0 1 2 3", 3, "0-1", "2", ""},
    {"0 1 2 3", 4, "0-1", "2-3", ""},
    {SMT_FAR, 2, "0", "1", ""},
    {SMT_FAR, 4, "0-1", "2-3", ""},
    {SMT_FAR, 5, "0-1,4", "2-3", ""},
    {SMT_FAR, 6, "0,2,4", "1,3,5", ""},
    {SMT_FAR, 7, "0-1,4-5", "2-3,6", ""},
    {SMT_FAR, 8, "0-1,4-5", "2-3,6-7", ""},
    {SMT_NEAR, 2, "0", "2", ""},
    {SMT_NEAR, 4, "0,2", "4,6", ""},
    {SMT_NEAR, 5, "0-2", "4,6", ""},
    {SMT_NEAR, 6, "0-1,4", "2-3,6", ""},
    {SMT_NEAR, 7, "0-3", "4-6", ""},
    {SMT_NEAR, 8, "0-3", "4-7", ""},
    {"0,1 2,3", 3, "0-1", "2", ""},
    {"0,1 2,3", 4, "0-1", "2-3", ""},
    {"0,1 2,3 4,5", 5, "0-1,4", "2-3", ""},
    {"0,1 2,3 4,5", 6, "0-2", "3-5", "2-3"},
    {TWO_NODES, 8, "0-1,8-9", "2-3,10-11", ""},
    {TWO_NODES, 12, "0-2,8-10", "3-7,11", ""},
    {TWO_NODES, 16, "0-3,8-11", "4-7,12-15", ""},
    {UNEVEN, 6, "0-2", "3-5", "2-3"},
    {UNEVEN, 7, "0-3", "4-6", ""},
    {UNEVEN, 8, "0-3", "4-7", ""},
    {MIXED, 6, "0,2,4", "5-7", ""},
    {MIXED, 7, "0-2,4", "5-7", ""},
    {MIXED, 8, "0-3", "4-7", ""},
    {MIXED_ODD, 2, "0", "1", ""},
    {MIXED_ODD, 3, "1-2", "0", ""},
    {SMT_FOUR, 5, "0-2", "4-5", ""},
    {SMT_FOUR, 8, "0-3", "4-7", ""},
    {"0,1,2", 3, "0-1", "2", "0-2"},
    {"0,1,2,3,4 5", 6, "0-2", "3-5", "0-4"},
    {RESTRICTED, 3, "3,7", "5", ""},
    {RESTRICTED, 4, "5,10", "3,7", ""},
};

TEST(half)
{
    const struct divided *row = *state;
    struct machine machine;
    struct placement placement;
    struct cpulist torn;
    read_machine(&machine, row->machine);
    machine_sort(&machine);
    assert_true(placement_half(&placement, &machine, row->count));
    assert_list(&placement.server, row->server);
    assert_list(&placement.client, row->client);
    assert_int_equal(placement_size(&placement), row->count);
    placement_split_cores(&placement, &machine, &torn);
    assert_list(&torn, row->torn);
}

TEST(one_cpu_has_no_halves)
{
    struct machine machine;
    struct placement placement;
    read_machine(&machine, SMT_NEAR);
    assert_false(placement_half(&placement, &machine, 0));
    assert_false(placement_half(&placement, &machine, 1));
}

struct described {
    const char *machine, *server, *client;
    unsigned size, server_cores, client_cores;
    const char *torn, *server_nodes, *client_nodes;
};

static const struct described lists[] = {
    {SMT_FAR, "0-3", "4-7", 8, 4, 4, "0-7", "0", "0"},
    {SMT_NEAR, "0-3", "4-7", 8, 2, 2, "", "0", "0"},
    {SMT_NEAR, "0-3", "3-4", 5, 2, 2, "2-3", "0", "0"},
    {SMT_NEAR, "0-7", "0-7", 8, 4, 4, "", "0", "0"},
    {SMT_NEAR, "0-1,4", "0-1,2,5", 5, 2, 3, "4-5", "0", "0"},
    {TWO_NODES, "0-3", "4-7", 8, 4, 4, "", "0", "1"},
    {TWO_NODES, "0,4", "1,12", 4, 2, 2, "4,12", "0-1", "0-1"},
    {UNEVEN, "5-6", "7", 3, 2, 1, "6-7", "0-1", "1"},
    {"0|1|2|3", "3,0", "2,1", 4, 2, 2, "", "0,3", "1-2"},
};

TEST(what_came_of_lists)
{
    const struct described *row = *state;
    struct machine machine;
    struct placement placement;
    struct cpulist found;
    read_machine(&machine, row->machine);
    machine_sort(&machine);
    assert_true(cpulist_parse(&placement.server, row->server));
    assert_true(cpulist_parse(&placement.client, row->client));
    assert_int_equal(placement_size(&placement), row->size);
    assert_int_equal(placement_cores(&placement.server, &machine), row->server_cores);
    assert_int_equal(placement_cores(&placement.client, &machine), row->client_cores);
    placement_split_cores(&placement, &machine, &found);
    assert_list(&found, row->torn);
    placement_nodes(&placement.server, &machine, &found);
    assert_list(&found, row->server_nodes);
    placement_nodes(&placement.client, &machine, &found);
    assert_list(&found, row->client_nodes);
}

TEST(find)
{
    struct machine machine;
    read_machine(&machine, RESTRICTED);
    machine_sort(&machine);
    assert_null(machine_find(&machine, 0));
    assert_null(machine_find(&machine, 4));
    assert_int_equal(machine_find(&machine, 7)->sibling, 1);
    assert_int_equal(machine_find(&machine, 10)->node, 1);
}

/* ---- properties of every machine ---- */

static void assert_ascending(const struct cpulist *list)
{
    for (unsigned i = 1; i < list->count; i++)
        assert_true(list->cpus[i - 1] < list->cpus[i]);
}

enum { CORES_TO_TRY = 12 };

/* How many of the first `count` CPUs each core has; the cores' numbers are below CORES_TO_TRY. */
static void count_by_core(const struct machine *machine, unsigned count, unsigned *sizes)
{
    memset(sizes, 0, CORES_TO_TRY * sizeof *sizes);
    for (unsigned i = 0; i < count; i++)
        sizes[machine->cpus[i].core]++;
}

static bool some_cores_have(const unsigned *sizes, unsigned wanted)
{
    for (unsigned chosen = 0; chosen < 1U << CORES_TO_TRY; chosen++) {
        unsigned sum = 0;
        for (unsigned core = 0; core < CORES_TO_TRY; core++)
            sum += chosen >> core & 1 ? sizes[core] : 0;
        if (sum == wanted)
            return true;
    }
    return false;
}

static unsigned count_torn(const struct machine *machine, const struct placement *placement)
{
    unsigned server[CORES_TO_TRY] = {0}, client[CORES_TO_TRY] = {0}, torn = 0;
    for (unsigned i = 0; i < machine->count; i++) {
        const struct cpu_place *place = &machine->cpus[i];
        server[place->core] += cpulist_contains(&placement->server, place->cpu);
        client[place->core] += cpulist_contains(&placement->client, place->cpu);
    }
    for (unsigned core = 0; core < CORES_TO_TRY; core++)
        torn += server[core] && client[core];
    return torn;
}

static void check_halves(const struct machine *machine, unsigned count)
{
    struct placement half;
    unsigned sizes[CORES_TO_TRY];
    assert_true(placement_half(&half, machine, count));
    assert_int_equal(half.server.count, (count + 1) / 2);
    assert_int_equal(half.client.count, count / 2);
    assert_ascending(&half.server);
    assert_ascending(&half.client);
    for (unsigned i = 0; i < machine->count; i++)
        assert_int_equal(cpulist_contains(&half.server, machine->cpus[i].cpu) +
                             cpulist_contains(&half.client, machine->cpus[i].cpu),
                         i < count);
    count_by_core(machine, count, sizes);
    assert_int_equal(count_torn(machine, &half), !some_cores_have(sizes, (count + 1) / 2));
}

static void check_shared(const struct machine *machine, unsigned count)
{
    struct placement shared;
    placement_shared(&shared, machine, count);
    assert_int_equal(shared.server.count, count);
    assert_int_equal(placement_size(&shared), count);
    assert_ascending(&shared.server);
    assert_memory_equal(shared.client.cpus, shared.server.cpus,
                        count * sizeof shared.server.cpus[0]);
    for (unsigned i = 0; i < machine->count; i++)
        assert_int_equal(cpulist_contains(&shared.server, machine->cpus[i].cpu), i < count);
}

/* No node is used before the previous one is exhausted, and on a node no core has two CPUs more than
 * another that has any left. */
static void check_first(const struct machine *machine, unsigned count)
{
    unsigned taken[CORES_TO_TRY], node = machine->cpus[count - 1].node;
    count_by_core(machine, count, taken);
    for (unsigned i = count; i < machine->count; i++)
        assert_true(machine->cpus[i].node >= node);
    for (unsigned i = count; i < machine->count; i++)
        for (unsigned j = 0; j < count; j++)
            if (machine->cpus[i].node == machine->cpus[j].node)
                assert_true(taken[machine->cpus[j].core] <= taken[machine->cpus[i].core] + 1);
}

static void make_random_machine(struct machine *machine)
{
    unsigned cores = 1 + (unsigned)(random_number() % CORES_TO_TRY), node = 0, numbers[64];
    for (unsigned i = 0; i < COUNT(numbers); i++)
        numbers[i] = i;
    machine->count = 0;
    for (unsigned core = 0; core < cores; core++) {
        unsigned threads = 1 + (unsigned)(random_number() % 4);
        node += core && random_number() % 4 == 0;
        for (unsigned sibling = 0; sibling < threads; sibling++) {
            unsigned last = COUNT(numbers) - machine->count - 1;
            unsigned drawn = (unsigned)(random_number() % (last + 1));
            machine->cpus[machine->count++] = (struct cpu_place){numbers[drawn], core, node,
                                                                 sibling};
            numbers[drawn] = numbers[last];
        }
    }
    shuffle(machine);
}

static void check_all(struct machine *machine)
{
    machine_sort(machine);
    for (unsigned count = 1; count <= machine->count; count++) {
        check_first(machine, count);
        check_shared(machine, count);
        if (count > 1)
            check_halves(machine, count);
    }
}

TEST(promises_kept_on_machines_of_the_tables)
{
    struct machine machine;
    for (size_t i = 0; i < COUNT(orders); i++) {
        read_machine(&machine, orders[i].machine);
        check_all(&machine);
    }
}

TEST(promises_kept_on_random_machines)
{
    struct machine machine;
    for (int i = 0; i < 200; i++) {
        make_random_machine(&machine);
        check_all(&machine);
    }
}

TEST(the_largest_machine)
{
    static struct machine machine;
    struct placement placement;
    struct cpulist torn;
    machine.count = CPULIST_MAX;
    for (unsigned i = 0; i < CPULIST_MAX; i++)
        machine.cpus[i] = (struct cpu_place){i, i / 2, i / 512, i % 2};
    machine_sort(&machine);
    placement_shared(&placement, &machine, CPULIST_MAX);
    assert_list(&placement.server, "0-1023");
    assert_true(placement_half(&placement, &machine, CPULIST_MAX));
    assert_list(&placement.server, "0-511");
    assert_list(&placement.client, "512-1023");
    assert_true(placement_half(&placement, &machine, CPULIST_MAX - 1));
    assert_list(&placement.server, "0-511");
    assert_list(&placement.client, "512-1022");
    placement_split_cores(&placement, &machine, &torn);
    assert_int_equal(torn.count, 0);
}

/* ---- hwloc ---- */

struct made_up {
    const char *synthetic, *machine;
};

static const struct made_up made_up[] = {
    {"pu:1", "0"},
    {"core:4 pu:1", "0 1 2 3"},
    {"pu:3", "0 1 2"}, /* hwloc reports no cores: each CPU is a core */
    {"core:4 pu:2", SMT_NEAR},
    {"core:4 pu:2(indexes=0,4,1,5,2,6,3,7)", SMT_FAR},
    {"core:2 pu:4", SMT_FOUR},
    {"node:2 core:2 pu:2", "0,1 2,3|4,5 6,7"},
    {"pack:2 core:2 pu:1", "0 1 2 3"},
    {"pack:2 [numa] core:2 pu:1", "0 1|2 3"},
    {"[numa] [numa] core:2 pu:1", "0 1"}, /* two kinds of memory */
};

TEST(load_a_made_up_machine)
{
    const struct made_up *row = *state;
    struct machine machine, expected;
    read_machine(&expected, row->machine);
    machine_sort(&expected);
    setenv("HWLOC_SYNTHETIC", row->synthetic, 1);
    const char *error = machine_load(&machine);
    unsetenv("HWLOC_SYNTHETIC");
    assert_null(error);
    assert_int_equal(machine.count, expected.count);
    assert_memory_equal(machine.cpus, expected.cpus, expected.count * sizeof *expected.cpus);
}

static const char *const no_machines[] = {"core:4", "rubbish", "pu:0", "pu:1025"};

TEST(load_no_machine)
{
    const char *const *synthetic = *state;
    struct machine machine;
    setenv("HWLOC_SYNTHETIC", *synthetic, 1);
    const char *error = machine_load(&machine);
    unsetenv("HWLOC_SYNTHETIC");
    assert_non_null(error);
}

TEST(load_this_machine)
{
    struct cpulist allowed;
    struct machine machine;
    assert_null(machine_load(&machine));
    cpulist_allowed(&allowed);
    assert_in_range(machine.count, 1, allowed.count);
    for (unsigned i = 0; i < machine.count; i++)
        assert_true(cpulist_contains(&allowed, machine.cpus[i].cpu));
}

int main(void)
{
    ADD_ROWS(order, orders);
    ADD_ROWS(half, halves);
    ADD(one_cpu_has_no_halves);
    ADD_ROWS(what_came_of_lists, lists);
    ADD(find);
    ADD(promises_kept_on_machines_of_the_tables);
    ADD(promises_kept_on_random_machines);
    ADD(the_largest_machine);
    ADD_ROWS(load_a_made_up_machine, made_up);
    ADD_ROWS(load_no_machine, no_machines);
    ADD(load_this_machine);
    return run_added(NULL, NULL);
}
