/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_FILES_H
#define WAKEONE_FILES_H

/*
 * Replaces files: all of them or none. New files are written to a separate directory beside the old ones, and moved into place
 * when all are complete. A failure is one line ("cannot write to DIR: No space left on device") and EXIT_FAILED, and keeps the
 * old files.
 */

#include "text.h"

#include <stdio.h>

/* Begins as {directory}; the directory must exist. */
struct files {
    const char *directory;
    char *new_directory; /* DIRECTORY/.new */
    char **names;
    unsigned count;
};

void files_add(struct files *files, const char *name, const char *text, size_t length);

/* The path for a file that another program (gnuplot) writes. */
char *files_path(struct files *files, const char *name);

/* After another program failed to write the last file: ends the program as files_add() does if the disk is full. */
void files_check_room(struct files *files);

/* Removes the last file, which could not be written. */
void files_forget(struct files *files);

/* Moves all into place. */
void files_put(struct files *files);

/* Removes new files that are not in place. files_add() and files_put() do this before they end the program. */
void files_drop(struct files *files);

/* Makes a directory and its parents. An existing name and a missing permission are usage errors, "cannot make the directory
 * NAME: choose another --out". */
void make_directory(const char *path);

#endif
