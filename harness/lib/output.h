#ifndef WAKEONE_OUTPUT_H
#define WAKEONE_OUTPUT_H

/* Files that a tool writes its results to, standard output among them. Any error is one line and EXIT_FAILED. */

#include "histogram.h"

#include <stdio.h>

/*
 * Called first in every program (options_parse() does): from then on a program that ends with exit(), or by
 * returning from main(), has written all of its standard output, or says so and ends with EXIT_FAILED. Children that
 * are forked later are not concerned.
 *
 * Standard descriptors that the caller has closed are opened, so that no file of the program gets their numbers:
 * writing to them, or reading from them, fails as before. A file that may not grow (RLIMIT_FSIZE) is an error like a
 * full disk, not a signal.
 */
void output_begin(void);

/* Opens it, emptied; "-" is standard output. */
FILE *output_open(const char *path);

/* All that was written is there, or it fails. Standard output stays open. */
void output_close(FILE *file, const char *path);

/* Checks a file before any time is spent on what it is for. NULL is none. */
void output_try(const char *path);

/* Makes the directory if it is not there, and checks that files can be written into it. NULL is none. */
void output_try_directory(const char *path);

/* Where temporary files go: $TMPDIR, or /tmp. */
const char *temporary_directory(void);

/* As DIRECTORY/NAME.hgrm. If nothing was recorded there is no such file, also none of an earlier run. */
void output_histogram(const struct histogram *h, const char *directory, const char *name);

#endif
