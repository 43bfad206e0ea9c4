/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan.h"

#include "harness/lib/message.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const columns[PLAN_COLUMN_COUNT] = {
    [PLAN_TRIAL] = "trial",
    [PLAN_ROUND] = "round",
    [PLAN_POSITION] = "position",
    [PLAN_STRATEGY] = "strategy",
    [PLAN_SERVER] = "server",
    [PLAN_BACKEND] = "backend",
    [PLAN_WORKERS] = "workers",
    [PLAN_CPUS] = "cpus",
    [PLAN_SERVER_CPUS] = "server_cpus",
    [PLAN_CLIENT_CPUS] = "client_cpus",
    [PLAN_THREADS] = "threads",
    [PLAN_CONNECTIONS] = "connections",
    [PLAN_RATE] = "rate",
    [PLAN_REQUESTS] = "requests_per_connection",
    [PLAN_WINDOW] = "window",
    [PLAN_WARMUP] = "warmup",
    [PLAN_SEED] = "seed",
    [PLAN_INSTRUMENT] = "instrument",
    [PLAN_LOAD_WORDS] = "load_words",
    [PLAN_KIND] = "kind",
};

const char *plan_column_name(enum plan_column column)
{
    return columns[column];
}

/* ---- random numbers ---- */

/* Park and Miller's "minimal standard" (CACM 31(10), 1988), so that the same seed gives the same plan everywhere. A round
 * starts at a place of one stream that is derived from its number, and continues with the multiplier 48271 of their correction
 * (CACM 36(7), 1993). */
enum { MODULUS = 2147483647, MULTIPLIER = 16807, CORRECTED = 48271, SKIPPED = 10 };

static uint64_t stream_at(unsigned long seed, unsigned long place)
{
    uint64_t state = seed % (MODULUS - 1) + 1, power = MULTIPLIER;
    for (; place > 0; place /= 2, power = power * power % MODULUS)
        if (place % 2)
            state = state * power % MODULUS;
    return state;
}

static unsigned random_below(uint64_t *state, unsigned below)
{
    *state = *state * CORRECTED % MODULUS;
    return (unsigned)((double)*state / MODULUS * below);
}

/* Fisher and Yates */
static void shuffle(unsigned *list, unsigned count, uint64_t *state)
{
    for (unsigned i = count; i > 1; i--) {
        unsigned j = random_below(state, i), kept = list[i - 1];
        list[i - 1] = list[j];
        list[j] = kept;
    }
}

/* ---- blocks ---- */

static int compare_numbers(unsigned long a, unsigned long b)
{
    return (a > b) - (a < b);
}

/* 0 if they are equal. */
static int compare_blocks(const struct block *a, const struct block *b)
{
    const unsigned long left[] = {a->workers, a->placement->cpus, a->connections, a->rate,
                                  a->requests},
                        right[] = {b->workers, b->placement->cpus, b->connections, b->rate,
                                   b->requests};
    int order = 0;
    for (size_t i = 0; order == 0 && i < sizeof left / sizeof *left; i++)
        order = compare_numbers(left[i], right[i]);
    return order;
}

/* Of equal ones the first one stays first. */
static int order_of_blocks(const void *a, const void *b)
{
    const struct block *const *left = a, *const *right = b;
    int order = compare_blocks(*left, *right);
    return order ? order : (*left > *right) - (*left < *right);
}

/* "8" and "4/cpu" may be equal: removes duplicate blocks. */
static void drop_doubles(struct plan *plan)
{
    unsigned count = plan->block_count, kept = 0;
    struct block **sorted = calloc(count + 1, sizeof(struct block *));
    bool *again = calloc(count + 1, sizeof *again);
    if (!sorted || !again)
        fail("out of memory");
    for (unsigned i = 0; i < count; i++)
        sorted[i] = &plan->blocks[i];
    qsort(sorted, count, sizeof(struct block *), order_of_blocks);
    for (unsigned i = 1; i < count; i++)
        again[sorted[i] - plan->blocks] = compare_blocks(sorted[i - 1], sorted[i]) == 0;
    for (unsigned i = 0; i < count; i++)
        if (!again[i])
            plan->blocks[kept++] = plan->blocks[i];
    plan->block_count = kept;
    free(sorted);
    free(again);
}

static void add_blocks(struct plan *plan, const struct placement *placement,
                       const struct number_item *workers)
{
    const struct settings *s = plan->settings;
    bool open_loop = s->rates.count > 0;
    const struct number_list *loads = open_loop ? &s->rates : &s->connections;
    for (unsigned l = 0; l < loads->count; l++)
        for (unsigned r = 0; r < s->requests.count; r++) {
            unsigned long load = number_item_of(&loads->items[l], placement->cpus);
            plan->blocks[plan->block_count++] = (struct block){
                .workers = number_item_of(workers, placement->cpus),
                .connections = open_loop ? 0 : load,
                .rate = open_loop ? load : 0,
                .requests = s->requests.items[r].number,
                .placement = placement,
            };
        }
}

static void make_blocks(struct plan *plan, const struct placements *placements)
{
    const struct settings *s = plan->settings;
    double most = (double)placements->count * s->workers.count * s->requests.count *
                  (s->rates.count ? s->rates.count : s->connections.count);
    if (most > PLAN_TRIALS_MAX)
        fail_usage("%.0f configurations of each server, the limit is %d: reduce the axes", most,
                   PLAN_TRIALS_MAX);
    plan->blocks = calloc((size_t)most + 1, sizeof *plan->blocks);
    if (!plan->blocks)
        fail("out of memory");
    for (unsigned p = 0; p < placements->count; p++)
        for (unsigned w = 0; w < s->workers.count; w++)
            add_blocks(plan, &placements->all[p], &s->workers.items[w]);
    drop_doubles(plan);
}

/* "-" for none; to be freed. */
static char *load_options(const struct settings *settings)
{
    const struct {
        const char *option, *value;
    } parts[] = {
        {"--clients ", settings_get(settings, SETTING_CLIENTS)},
        {"--server-address ", settings_get(settings, SETTING_SERVER_ADDRESS)},
        {"--arrivals ", settings_get(settings, SETTING_ARRIVALS)},
        {"", settings_get(settings, SETTING_LOAD)},
    };
    struct text text = {NULL, 0, 0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].value)
            text_add(&text, "%s%s%s", text.text ? " " : "", parts[i].option, parts[i].value);
    return text.text ? text.text : copy_string("-");
}

void plan_begin(struct plan *plan, const struct settings *settings,
                const struct servers_under_test *servers, const struct placements *placements)
{
    *plan = (struct plan){.settings = settings, .servers = servers};
    plan->load = load_options(settings);
    make_blocks(plan, placements);
    if (plan_trials_a_round(plan) == 0)
        fail_usage("nothing to measure: no server supports these numbers of workers");
}

void plan_free(struct plan *plan)
{
    free(plan->blocks);
    free(plan->load);
    *plan = (struct plan){NULL};
}

char *block_key(const struct block *b)
{
    char *load = b->rate ? format_string("-|%lu", b->rate) : format_string("%lu|-", b->connections);
    char *key = format_string("%lu|%lu|%s|%lu", b->workers, b->placement->cpus, load, b->requests);
    free(load);
    return key;
}

/* ---- trials ---- */

static bool can_have(const struct planned_server *server, const struct block *block)
{
    return server->workers_most == 0 || block->workers <= server->workers_most;
}

unsigned long plan_trials_a_round(const struct plan *plan)
{
    unsigned long count = 0;
    for (unsigned b = 0; b < plan->block_count; b++)
        for (unsigned s = 0; s < plan->servers->count; s++)
            count += can_have(&plan->servers->all[s], &plan->blocks[b]);
    return count;
}

/* One thread per CPU of the client, at most one per connection. In an open loop, threads spin until the next request is due:
 * half of them if the server shares the CPUs. */
static unsigned long thread_count(const struct block *block)
{
    unsigned long cpus = block->placement->client_cpus;
    if (block->rate)
        return block->placement->shared ? (cpus + 1) / 2 : cpus;
    return cpus < block->connections ? cpus : block->connections;
}

static void write_block(const struct plan *plan, const struct block *block, struct text *to)
{
    const char *threads = plan->settings->text[SETTING_THREADS];
    text_add(to, "\t%lu\t%lu\t%s\t%s", block->workers, block->placement->cpus,
             block->placement->server, block->placement->client);
    if (strcmp(threads, "auto") != 0)
        text_add(to, "\t%s", threads);
    else
        text_add(to, "\t%lu", thread_count(block));
    if (block->rate)
        text_add(to, "\t-\t%lu", block->rate);
    else
        text_add(to, "\t%lu\t-", block->connections);
    text_add(to, "\t%lu", block->requests);
}

struct place {
    unsigned long trial, round, position;
    enum plan_kind kind;
};

static void write_trial(const struct plan *plan, const struct place *place,
                        const struct planned_server *server, const struct block *block,
                        struct text *to)
{
    static const char *const kinds[] = {
        [KIND_WARM_UP] = "warm-up", [KIND_MEASURED] = "measured", [KIND_WIRE] = "wire"};
    const struct settings *s = plan->settings;
    text_add(to, "%lu\t%lu\t%lu\t%s\t%s\t%s", place->trial, place->round, place->position,
             server->name, server->command, server->backend);
    write_block(plan, block, to);
    text_add(to, "\t%s\t%s\t%s\t%s\t%s\t%s\n", s->text[SETTING_WINDOW], s->text[SETTING_WARMUP],
             s->text[SETTING_SEED], s->text[SETTING_INSTRUMENT], plan->load, kinds[place->kind]);
}

/* The order of one round: blocks, and servers within a block. Each round starts from the same order, so that it does not
 * depend on previous rounds. */
struct order {
    unsigned *blocks, *servers, block_count, server_count;
    uint64_t state;
};

static void order_begin(struct order *order, const struct plan *plan, unsigned long round,
                        const bool *chosen)
{
    order->block_count = 0;
    for (unsigned b = 0; b < plan->block_count; b++)
        if (!chosen || chosen[b])
            order->blocks[order->block_count++] = b;
    order->server_count = plan->servers->count;
    for (unsigned s = 0; s < plan->servers->count; s++)
        order->servers[s] = s;
    order->state = stream_at(plan->settings->seed, SKIPPED + round);
    shuffle(order->blocks, order->block_count, &order->state);
}

static void write_round(const struct plan *plan, struct order *order, struct place *place,
                        struct text *to)
{
    place->position = 0;
    for (unsigned b = 0; b < order->block_count; b++) {
        const struct block *block = &plan->blocks[order->blocks[b]];
        shuffle(order->servers, order->server_count, &order->state);
        for (unsigned s = 0; s < order->server_count; s++) {
            const struct planned_server *server = &plan->servers->all[order->servers[s]];
            if (!can_have(server, block))
                continue;
            place->position++;
            write_trial(plan, place, server, block, to);
            place->trial++;
        }
    }
}

void plan_write_rounds(const struct plan *plan, enum plan_kind kind, unsigned long first_round,
                       unsigned long last_round, unsigned long trial, const bool *chosen,
                       struct text *to)
{
    struct order order = {
        .blocks = calloc(plan->block_count + 1, sizeof *order.blocks),
        .servers = calloc(plan->servers->count + 1, sizeof *order.servers),
    };
    struct place place = {.trial = trial, .kind = kind};
    if (!order.blocks || !order.servers)
        fail("out of memory");
    for (place.round = first_round; place.round <= last_round; place.round++) {
        order_begin(&order, plan, place.round, chosen);
        write_round(plan, &order, &place, to);
    }
    free(order.blocks);
    free(order.servers);
}

/* One trial that is discarded: the first one of a run is slow. */
static void write_warm_up(const struct plan *plan, struct text *to)
{
    const struct planned_server *baseline = server_with_role(plan->servers, ROLE_BASELINE);
    const struct place place = {1, 0, 1, KIND_WARM_UP};
    if (can_have(baseline, &plan->blocks[0]))
        write_trial(plan, &place, baseline, &plan->blocks[0], to);
}

void plan_write(const struct plan *plan, struct text *to)
{
    unsigned long rounds = plan->settings->rounds, wire_rounds = plan->settings->wire_rounds;
    for (unsigned i = 0; i < PLAN_COLUMN_COUNT; i++)
        text_add(to, "%s%c", columns[i], i + 1 < PLAN_COLUMN_COUNT ? '\t' : '\n');
    write_warm_up(plan, to);
    plan_write_rounds(plan, KIND_MEASURED, 1, rounds, 2, NULL, to);
    plan_write_rounds(plan, KIND_WIRE, rounds + 1, rounds + wire_rounds,
                      rounds * plan_trials_a_round(plan) + 2, NULL, to);
}
