#ifndef WAKEONE_OUTPUT_H
#define WAKEONE_OUTPUT_H

/* Files that a tool writes its results to. Whatever goes wrong is one line and EXIT_FAILED. */

#include "histogram.h"

#include <stdio.h>

/* Opens it, emptied; "-" is standard output. */
FILE *output_open(const char *path);

/* What was written is there, or it fails. Standard output stays open. */
void output_close(FILE *file, const char *path);

/* A file that cannot be written is to be known before the time is spent. NULL is none. */
void output_try(const char *path);

/* Makes the directory if it is not there, and checks that files can be written into it. NULL is none. */
void output_try_directory(const char *path);

/* As DIRECTORY/NAME.hgrm. If nothing was recorded there is no such file, also none of an earlier run. */
void output_histogram(const struct histogram *h, const char *directory, const char *name);

#endif
