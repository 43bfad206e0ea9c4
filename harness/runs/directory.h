#ifndef WAKEONE_DIRECTORY_H
#define WAKEONE_DIRECTORY_H

/*
 * The directory of a run that is measured: made, locked, filled, resumed. A plan that is there is whole, and a trial without a
 * row in trials.csv (or wire.csv) was not run: there is no other record to go out of step.
 */

#include "text.h"

#include <stdbool.h>

/* Makes it, with hist/ in it; one that is there is a usage error. Returns its absolute path, to be freed. */
char *directory_make(const char *path);

/* Opens one that is there to go on with it: the same. A directory that is no run, a compact copy, and a run with symbolic links
 * or special files in it, through which would be written elsewhere, are usage errors. */
char *directory_open(const char *path);

/* Locks it until this process and all trials that it has started end; the trial of a killed run has the lock still. Waits for
 * that for so long; then the program ends. */
void directory_lock(const char *directory, unsigned wait_ms);

enum { LOCK_WAIT_MS = 10000 };

/* Puts plan.tsv in place, whole. */
void directory_put_plan(const char *directory, const struct text *plan);

/* Adds a line to a file in it. */
void directory_append(const char *directory, const char *name, const char *line);

/* Drops what a machine that went down has left: half a line at the end of a file, NULs in the place of data that was not on
 * the disk yet, and lines of workers.csv of a trial that has no row. */
void directory_drop_half_rows(const char *directory);

/* The trials that have a row, sorted. */
struct finished {
    unsigned long *trials;
    unsigned count;
};

void finished_read(struct finished *finished, const char *directory);
void finished_free(struct finished *finished);
bool is_finished(const struct finished *finished, unsigned long trial);

#endif
