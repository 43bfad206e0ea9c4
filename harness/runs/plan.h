/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PLAN_H
#define WAKEONE_PLAN_H

/*
 * From axes to a plan: the trials in the order in which they are run, plan.tsv.
 *
 * Within a round, the configurations that are compared with each other (a block: they differ in the server only) follow
 * each other in random order, so that a drift of the machine's speed affects all of them nearly equally; the blocks are in
 * random order too. A round's order depends on the seed and its number only: a longer plan begins like a shorter one.
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

/* Limits of a new plan, and of one with rounds added by --precision. */
enum { PLAN_TRIALS_MAX = 1000000, PLAN_LINES_MAX = 2 * PLAN_TRIALS_MAX };

struct block {
    unsigned long workers, connections, rate,
        requests; /* connections, rate: 0 = the other one is set */
    const struct placement *placement;
};

struct plan {
    const struct settings *settings;
    const struct servers_under_test *servers;
    struct block *blocks; /* unique, in the order of the axes */
    unsigned block_count;
    char *load; /* options of the load, "-" for none */
};

/* Settings, servers and placements must outlive the plan. Axes that give more than PLAN_TRIALS_MAX blocks, or none that any
 * server supports, are a usage error. */
void plan_begin(struct plan *plan, const struct settings *settings,
                const struct servers_under_test *servers, const struct placements *placements);
void plan_free(struct plan *plan);

unsigned long plan_trials_a_round(const struct plan *plan);

/* The header, a discarded warm-up trial, the rounds, and the captured rounds. */
void plan_write(const struct plan *plan, struct text *to);

/* Rounds of some blocks; chosen[i]: whether blocks[i] is included. `trial`: the number of the first trial. */
void plan_write_rounds(const struct plan *plan, enum plan_kind kind, unsigned long first_round,
                       unsigned long last_round, unsigned long trial, const bool *chosen,
                       struct text *to);

/* "8|2|16|-|1": workers, CPUs, connections, rate, requests, as in a configuration_key() after the server's name. The caller
 * frees it. */
char *block_key(const struct block *block);

#endif
