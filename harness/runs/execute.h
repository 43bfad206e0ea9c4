/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_EXECUTE_H
#define WAKEONE_EXECUTE_H

/* Executes the plan: one trial after the other, until all have a row, --max-time expires, or a signal ends it. */

#include "programs.h"

#include <stdbool.h>
#include <stdint.h>

struct execution {
    const char *directory;     /* of the run, absolute */
    uint64_t trial_ms;         /* duration of a trial: an estimate, then as measured */
    uint64_t begin_ms, cap_ms; /* of the boot clock; cap_ms: no trial begins after it, 0 = none */
    unsigned long done,
        skipped; /* of this process; skipped: servers unavailable with that number of workers */
    unsigned long
        last_line; /* the last line of the plan that was run: skipped trials are not retried */
    uint64_t report_at_ms; /* without a terminal */
    bool capped;           /* --max-time has expired */
    struct interrupts interrupts;
};

/* max_time_ms: 0 = none. From here to execution_end(), SIGINT, SIGTERM and SIGHUP end the trial and the program, with
 * EXIT_FAILED and a message on how to continue. */
void execution_begin(struct execution *execution, const char *directory, uint64_t trial_ms,
                     uint64_t max_time_ms);
void execution_end(struct execution *execution);

/* Runs the trials without a row, in the order of the plan. */
void execute_plan(struct execution *execution);

bool is_time_for(const struct execution *execution, uint64_t ms);

/* Runs another program on the run's directory, and appends its output to `output`; signals end it like a trial. Returns its
 * exit status, or -1 and errno. */
int execute_program(struct execution *execution, const char *const argv[], struct text *output);

/* "1:05" */
struct minutes {
    char text[32];
};
struct minutes minutes_of(uint64_t ms);

/* The arguments of the tool `trial` for a line of a plan (fields: of enum plan_column), without those for the output of its
 * row; NULL-terminated, the caller frees each. */
char **trial_arguments(char *const *fields);
void trial_arguments_free(char **arguments);

#endif
