#ifndef WAKEONE_EXECUTE_H
#define WAKEONE_EXECUTE_H

/* From the plan to rows: one trial after the other, until all have a row, time is up, or somebody ends it. */

#include "programs.h"

#include <stdbool.h>
#include <stdint.h>

struct execution {
    const char *directory; /* of the run, absolute */
    uint64_t trial_ms;     /* what a trial takes: an estimate, then as measured */
    uint64_t begin_ms,
        cap_ms; /* of the machine's clock; cap_ms: no trial begins after it, 0 = none */
    unsigned long done,
        skipped; /* of this process; skipped: a server that cannot be had with so many workers here */
    unsigned long last_line; /* of the plan that was run: what was skipped is not tried again */
    uint64_t report_at_ms;   /* where there is no terminal */
    bool capped;             /* time was up */
    struct interrupts interrupts;
};

/* max_time_ms: 0 = any. SIGINT, SIGTERM and SIGHUP from here to execution_end() end the trial, and the program with
 * EXIT_FAILED and a line that says how to go on. */
void execution_begin(struct execution *execution, const char *directory, uint64_t trial_ms,
                     uint64_t max_time_ms);
void execution_end(struct execution *execution);

/* Runs what has no row yet, in the order of the plan. */
void execute_plan(struct execution *execution);

bool is_time_for(const struct execution *execution, uint64_t ms);

/* Runs another program with the run's directory as its business, and adds what it writes to `output`; signals end it as
 * they end a trial. Returns its exit status, or -1 and errno. */
int execute_program(struct execution *execution, const char *const argv[], struct text *output);

/* "1:05" */
struct minutes {
    char text[32];
};
struct minutes minutes_of(uint64_t ms);

/* The arguments of the tool `trial` for a line of a plan (fields: of enum plan_column), each to be freed, NULL-terminated;
 * without those that say where its row goes. */
char **trial_arguments(char *const *fields);
void trial_arguments_free(char **arguments);

#endif
