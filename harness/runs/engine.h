#ifndef WAKEONE_ENGINE_H
#define WAKEONE_ENGINE_H

/*
 * The experiment engine: from options to a run's directory, and what comes of it. Data goes one direction:
 *
 *     options -> settings -> servers, placements -> plan -> plan.tsv -> trials -> rows -> tables, figures, report
 *
 * A run that is resumed begins at settings.tsv and plan.tsv, one that is reproduced at those of another run.
 */

#include "execute.h"
#include "placements.h"
#include "plan.h"
#include "servers_under_test.h"
#include "settings.h"

/* What a command that measures has of its own. */
struct engine_defaults {
    const struct setting_default *settings; /* that differ from bench's */
    unsigned count;
    const char *
        more; /* a script that measures more, `sh SCRIPT RUN ROUNDS`; its output is printed before the tables;
                         NULL = none */
};

struct engine {
    struct settings settings;
    struct catalogue catalogue;
    struct servers_under_test servers;
    struct placements placements;
    struct plan plan;
    unsigned long trials_a_round;
    uint64_t trial_ms; /* an estimate: window, warm-up, and what starting and stopping take */
    char *out;         /* the run's directory, absolute */
    struct execution execution;
    bool imprecise; /* --precision was not reached */
};

/* A command that measures, with the options of bench; the exit status. */
int run_engine(const struct engine_defaults *defaults, int argc, char **argv);

/* ---- parts of it (rounds.c) ---- */

/* Of settings and servers: placements and plan. */
void engine_plan(struct engine *engine, enum placed where);

/* Refuses what takes too long. */
void check_total(struct engine *engine);
void report_total(const struct engine *engine);

/* With --precision: more rounds of the configurations whose interval is wider than wanted, while there is time. */
void run_until_precise(struct engine *engine);

/* ---- what comes of it (conclude.c) ---- */

/* Prints it all: 0, or errno. */
int print_text(const char *text);

/* Reports that and ends the program. */
void cannot_print(int error) __attribute__((noreturn));

/* Tables on standard output, behind `before`; their CSV, figures and the report into the run's directory; and where they are. */
void conclude(const char *directory, bool figures, const char *before);

/* Reports what is missing or not to be trusted of the run. EXIT_NOT_OK if it does not answer what it was asked
 * (docs/metrics.md, "Verdicts and the exit status"). */
int report_outcome(const struct engine *engine);

#endif
