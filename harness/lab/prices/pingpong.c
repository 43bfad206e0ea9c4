/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pingpong: the cost of a cache line that another CPU has, in nanoseconds, for pairs of CPUs.
 *
 * A writer and a reader, each on a CPU of its own, access the same lines, never at the same time. A line holds the number
 * of the next one, in random order, and the writer's additions return it: so accesses cannot overlap, and cannot be
 * predicted. Each makes two passes, and in the second it has all of the lines. The difference is the cost:
 *
 *      writer: adds to each line       others have read it: upgrade    adds again: no cost
 *      reader: reads each line         the writer has it: miss         reads again: no cost
 *
 * `turn` is core-to-core latency as usually published: two CPUs alternately update one line by compare-and-swap,
 * half of a round trip. That transfers the line as a miss does, together with the right to write.
 *
 * The writer's cost is that of a locked addition. A plain store waits in the store buffer while the program continues, so
 * with few stores the cost is lower; by how much is not measured here.
 */

#include "batches.h"

#include "harness/lib/clock.h"
#include "harness/lib/cpulist.h"
#include "harness/lib/message.h"
#include "harness/lib/options.h"
#include "harness/lib/os.h"
#include "harness/lib/output.h"
#include "harness/placement/placement.h"
#include "harness/stats/sample.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    STRIDE = 256, /* distance: lines have 64 or 128 bytes, and are fetched in pairs */
    LINES = 64,   /* fits any L1 cache; enough to amortise reading the clock */
    TURNS = 1000, /* round trips in a batch */
    WARM_UP = 16,
};

static struct cpulist cpus;
static unsigned long batches = 200;

static const struct option_spec options[] = {
    {OPTION_CPUS, "cpus", "LIST", "two or more CPUs, of which all pairs are measured (all)", &cpus,
     0, 0, NULL},
    {OPTION_NUMBER, "batches", "N", "batches of a pair, of which the median is printed (200)",
     &batches, 1, 100000, NULL},
    OPTIONS_END,
};

enum side { WRITER, READER };
enum price { TURN, MISS, UPGRADE, PRICES };
static const char *const price_names[PRICES] = {"turn", "miss", "upgrade"};

/* ---- shared by writer and reader ---- */

static struct line {
    _Alignas(STRIDE) uint64_t word; /* low half: the next line; high half: additions */
} lines[LINES];

static _Alignas(STRIDE) uint64_t turn; /* enum side */
static _Alignas(STRIDE) double *ns[PRICES];

static const uint64_t ADDITION = UINT64_C(1) << 32;

/* One cycle through all lines (S. Sattolo, Information Processing Letters 22(6), 1986), always the same. */
static void link_lines(void)
{
    unsigned next[LINES];
    uint32_t random = 1;
    for (unsigned i = 0; i < LINES; i++)
        next[i] = i;
    for (unsigned i = LINES - 1; i > 0; i--) {
        random = random * 1664525 + 1013904223; /* Numerical Recipes */
        unsigned j = (random >> 16) % i, other = next[j];
        next[j] = next[i];
        next[i] = other;
    }
    for (unsigned i = 0; i < LINES; i++)
        lines[i].word = next[i];
}

static void read_lines(void)
{
    uint32_t at = 0;
    for (unsigned i = 0; i < LINES; i++)
        at = (uint32_t)__atomic_load_n(&lines[at].word, __ATOMIC_RELAXED);
}

static void add_to_lines(void)
{
    uint32_t at = 0;
    for (unsigned i = 0; i < LINES; i++)
        at = (uint32_t)__atomic_fetch_add(&lines[at].word, ADDITION, __ATOMIC_RELAXED);
}

/* First pass minus second pass, nanoseconds per line */
static double price_of(void (*go_over_lines)(void))
{
    uint64_t begin = clock_ns();
    go_over_lines();
    uint64_t between = clock_ns();
    go_over_lines();
    uint64_t end = clock_ns();
    return ((double)(between - begin) - (double)(end - between)) / LINES;
}

/* ---- writer and reader ---- */

static void await(enum side me)
{
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != me)
        continue;
}

static void hand_over(enum side me)
{
    __atomic_store_n(&turn, !me, __ATOMIC_RELEASE);
}

static void take_turns(enum side me)
{
    for (unsigned i = 0; i < TURNS; i++)
        for (uint64_t expected = me; !__atomic_compare_exchange_n(
                 &turn, &expected, (uint64_t)!me, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
             expected = me)
            continue;
}

static double price_of_turn(enum side me)
{
    uint64_t begin = clock_ns();
    take_turns(me);
    return (double)(clock_ns() - begin) / (2.0 * TURNS);
}

static void measure(enum side me)
{
    static void (*const go_over_lines[])(void) = {[WRITER] = add_to_lines, [READER] = read_lines};
    static const enum price price[] = {[WRITER] = UPGRADE, [READER] = MISS};
    for (unsigned long i = 0; i < WARM_UP + batches; i++) {
        double took = price_of_turn(me);
        if (i >= WARM_UP && me == WRITER)
            ns[TURN][i - WARM_UP] = took;
    }
    for (unsigned long i = 0; i < WARM_UP + batches; i++) {
        await(me);
        double took = price_of(go_over_lines[me]);
        hand_over(me);
        if (i >= WARM_UP)
            ns[price[me]][i - WARM_UP] = took;
    }
}

static void stay_on(unsigned cpu)
{
    if (os_pin_to_cpu(cpu) != 0)
        fail("cannot stay on CPU %u: %s", cpu, strerror(errno));
}

static void *read_on(void *cpu)
{
    stay_on(*(const unsigned *)cpu);
    measure(READER);
    return NULL;
}

/* ---- pairs ---- */

static const char *place_of(const struct cpu_place *a, const struct cpu_place *b)
{
    if (a->core == b->core)
        return "siblings";
    return a->node == b->node ? "node" : "nodes";
}

static void measure_pair(const struct cpu_place *a, const struct cpu_place *b)
{
    pthread_t reader;
    unsigned cpu = b->cpu;
    char where[64];
    turn = WRITER;
    stay_on(a->cpu);
    if (pthread_create(&reader, NULL, read_on, &cpu) != 0)
        fail("cannot start a second thread");
    measure(WRITER);
    pthread_join(reader, NULL);
    for (enum price price = TURN; price < PRICES; price++) {
        snprintf(where, sizeof where, "%u\t%u\t%s\t%s", a->cpu, b->cpu, place_of(a, b),
                 price_names[price]);
        batches_print(where, batches_of(ns[price], batches));
    }
}

static void keep_chosen(struct machine *machine)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < machine->count; i++)
        if (cpus.count == 0 || cpulist_contains(&cpus, machine->cpus[i].cpu))
            machine->cpus[kept++] = machine->cpus[i];
    machine->count = kept;
}

int main(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "cost of a cache line that another CPU has, in nanoseconds",
        .example = "pingpong --cpus 0,1",
    };
    static const struct option_spec *const tables[] = {options, NULL};
    static struct machine machine;

    options_parse(&program, tables, argc, argv);
    if (cpus.count == 1)
        fail_usage("--cpus takes two CPUs or more");
    const char *error = machine_load(&machine);
    if (error)
        fail("%s", error);
    keep_chosen(&machine);
    if (machine.count < 2)
        fail("two CPUs are needed, and this process may use one: taskset(1) and cpuset cgroups "
             "limit "
             "them");
    for (enum price price = TURN; price < PRICES; price++)
        ns[price] = sample_room(batches);
    link_lines();
    batches_print_header("writer\treader\tplace\twhat");
    for (unsigned i = 0; i < machine.count; i++)
        for (unsigned j = i + 1; j < machine.count; j++)
            measure_pair(&machine.cpus[i], &machine.cpus[j]);
    output_close(stdout, "standard output");
    return EXIT_DONE;
}
