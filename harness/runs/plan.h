#ifndef WAKEONE_PLAN_H
#define WAKEONE_PLAN_H

/*
 * From axes to a plan: the trials in the order in which they are run, plan.tsv.
 *
 * Within a round, the configurations that are compared with each other (a block: they differ in the server only) follow
 * each other in random order, so that a machine whose speed drifts is nearly the same for all of them; the blocks are in
 * random order too. A round's order depends on the seed and its number only: a plan of more rounds begins as one of fewer.
 */

#include "placements.h"
#include "servers_under_test.h"
#include "settings.h"

enum plan_column { /* in the order of plan.tsv */
                   PLAN_TRIAL,
                   PLAN_ROUND,
                   PLAN_POSITION,
                   PLAN_STRATEGY, /* the server's name */
                   PLAN_SERVER,   /* its command */
                   PLAN_BACKEND,
                   PLAN_WORKERS,
                   PLAN_CPUS,
                   PLAN_SERVER_CPUS,
                   PLAN_CLIENT_CPUS,
                   PLAN_THREADS,
                   PLAN_CONNECTIONS,
                   PLAN_RATE,
                   PLAN_REQUESTS,
                   PLAN_WINDOW,
                   PLAN_WARMUP,
                   PLAN_SEED,
                   PLAN_INSTRUMENT,
                   PLAN_LOAD_WORDS,
                   PLAN_KIND,
                   PLAN_COLUMN_COUNT,
};

const char *plan_column_name(enum plan_column column);

enum plan_kind { KIND_WARM_UP, KIND_MEASURED, KIND_WIRE };

/* Of a new plan; and of one with the rounds that --precision has added. */
enum { PLAN_TRIALS_MAX = 1000000, PLAN_LINES_MAX = 2 * PLAN_TRIALS_MAX };

struct block {
    unsigned long workers, connections, rate,
        requests; /* connections, rate: 0 = the other one is given */
    const struct placement *placement;
};

struct plan {
    const struct settings *settings;
    const struct servers_under_test *servers;
    struct block *blocks; /* each once, in the order of the axes */
    unsigned block_count;
    char *load; /* options of the load, "-" for none */
};

/* Settings, servers and placements must outlive the plan. Axes that multiply to more than PLAN_TRIALS_MAX blocks, or none
 * that any server can have, are a usage error. */
void plan_begin(struct plan *plan, const struct settings *settings,
                const struct servers_under_test *servers, const struct placements *placements);
void plan_free(struct plan *plan);

unsigned long plan_trials_a_round(const struct plan *plan);

/* The line of names, a warm-up that is not counted, the rounds, and as many captured ones as wanted. */
void plan_write(const struct plan *plan, struct text *to);

/* Rounds of some blocks; chosen[i]: whether blocks[i] is among them. `trial`: the number of the first one. */
void plan_write_rounds(const struct plan *plan, enum plan_kind kind, unsigned long first_round,
                       unsigned long last_round, unsigned long trial, const bool *chosen,
                       struct text *to);

/* "8|2|16|-|1": workers, CPUs, connections, rate, requests, as in a configuration_key() behind the server's name; to be
 * freed. */
char *block_key(const struct block *block);

#endif
