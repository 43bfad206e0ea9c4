/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_OUTPUT_H
#define WAKEONE_OUTPUT_H

/* Output files of the tools, including standard output. Any error is one line and EXIT_FAILED. */

#include "histogram.h"

#include <stdio.h>

/*
 * Called first in every program (options_parse() does). At exit() or return from main(), standard output is flushed
 * and checked: an error is reported and the program ends with EXIT_FAILED. Children forked later do not check it.
 *
 * Standard descriptors that were closed by the caller are opened, so that no other file gets their numbers; reading
 * from them or writing to them still fails. Exceeding RLIMIT_FSIZE is an error like a full disk, not a signal.
 */
void output_begin(void);

/* Opens and truncates the file; "-" is standard output. */
FILE *output_open(const char *path);

/* Closes the file; any earlier write error is reported. Standard output is flushed and stays open. */
void output_close(FILE *file, const char *path);

/* Checks before a measurement that its output file is writable. NULL = no file. */
void output_try(const char *path);

/* Creates the directory if it does not exist, and checks that it is writable. NULL = no directory. */
void output_try_directory(const char *path);

/* The directory for temporary files: $TMPDIR, or /tmp. */
const char *temporary_directory(void);

/* Writes DIRECTORY/NAME.hgrm. If the histogram is empty, the file is removed. */
void output_histogram(const struct histogram *h, const char *directory, const char *name);

#endif
