/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_ENGINE_H
#define WAKEONE_ENGINE_H

/*
 * The experiment engine: from options to a run's directory and its output. Data flow in one direction:
 *
 *     options -> settings -> servers, placements -> plan -> plan.tsv -> trials -> rows -> tables, figures, report
 *
 * A resumed run begins at settings.tsv and plan.tsv, a reproduced one at those of another run.
 */

#include "execute.h"
#include "placements.h"
#include "plan.h"
#include "servers_under_test.h"
#include "settings.h"

/* Properties of a command that measures. */
struct engine_defaults {
    const struct setting_default *settings; /* different from bench's */
    unsigned count;
    const char *
        more; /* a script for further measurements, `sh SCRIPT RUN ROUNDS`; prints before the tables; NULL = none */
};

struct engine {
    struct settings settings;
    struct catalogue catalogue;
    struct servers_under_test servers;
    struct placements placements;
    struct plan plan;
    unsigned long trials_a_round;
    uint64_t trial_ms; /* an estimate: window, warm-up, start and stop */
    char *out;         /* the run's directory, absolute */
    struct execution execution;
    bool imprecise; /* --precision was not reached */
};

/* Runs a command that measures, with the options of bench. Returns the exit status. */
int run_engine(const struct engine_defaults *defaults, int argc, char **argv);

/* ---- parts of it (rounds.c) ---- */

/* Makes placements and plan from settings and servers. */
void engine_plan(struct engine *engine, enum placed where);

/* Plans that take too long are a usage error. */
void check_total(struct engine *engine);
void report_total(const struct engine *engine);

/* With --precision: more rounds of the configurations whose interval is wider than requested, until --max-time. */
void run_until_precise(struct engine *engine);

/* ---- output (conclude.c) ---- */

/* Prints the text. Returns 0 or errno. */
int print_text(const char *text);

/* Reports the error and ends the program. */
void cannot_print(int error) __attribute__((noreturn));

/* Prints `before` and the tables on standard output; writes their CSV, figures and the report into the run's directory, and
 * prints its path. */
void conclude(const char *directory, bool figures, const char *before);

/* Reports missing and invalid samples. EXIT_NOT_OK if the run is incomplete or not to be trusted (docs/metrics.md, "Verdicts
 * and the exit status"). */
int report_outcome(const struct engine *engine);

#endif
