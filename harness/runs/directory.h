/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_DIRECTORY_H
#define WAKEONE_DIRECTORY_H

/*
 * The directory of a run being measured: creates, locks, fills and resumes it. An existing plan is complete, and a trial
 * without a row in trials.csv (or wire.csv) was not run: there is no other record of the state.
 */

#include "text.h"

#include <stdbool.h>

/* Creates it with hist/; an existing one is a usage error. Returns its absolute path; the caller frees it. */
char *directory_make(const char *path);

/* Opens an existing one to resume it; returns the same. A directory that is not a run, a compact copy, and a run with symbolic
 * links or special files, which could redirect writes, are usage errors. */
char *directory_open(const char *path);

/* Locks it until this process and all its trials end; a trial that outlives its killed run still holds the lock. Ends the
 * program if the lock is not free within the timeout. */
void directory_lock(const char *directory, unsigned wait_ms);

enum { LOCK_WAIT_MS = 10000 };

/* Replaces plan.tsv atomically. */
void directory_put_plan(const char *directory, const struct text *plan);

/* Appends a line to a file in it. */
void directory_append(const char *directory, const char *name, const char *line);

/* Drops incomplete data after a crash of the machine: an incomplete last line, NULs in place of data that had not reached the
 * disk, and lines of workers.csv and clients.csv of a trial without a row, and files that were to replace another. */
void directory_drop_half_rows(const char *directory);

/* The trials with a row, sorted. */
struct finished {
    unsigned long *trials;
    unsigned count;
};

void finished_read(struct finished *finished, const char *directory);
void finished_free(struct finished *finished);
bool is_finished(const struct finished *finished, unsigned long trial);

#endif
