#ifndef WAKEONE_FILES_H
#define WAKEONE_FILES_H

/*
 * Files that replace others: all of them or none. They are written to a directory of their own beside those that they
 * replace, and moved into place when all of them are there. A failure is one line ("cannot write to DIR: No space left on
 * device") and EXIT_FAILED, and leaves what was there before.
 */

#include "text.h"

#include <stdio.h>

/* Begins as {directory}; the directory must be there. */
struct files {
    const char *directory;
    char *new_directory; /* DIRECTORY/.new */
    char **names;
    unsigned count;
};

void files_add(struct files *files, const char *name, const char *text, size_t length);

/* The path at which somebody else (gnuplot) may write the file. */
char *files_path(struct files *files, const char *name);

/* After somebody else could not write the last of them: ends the program as files_add() does if the disk is full. */
void files_check_room(struct files *files);

/* Removes the last of them, which could not be made. */
void files_forget(struct files *files);

/* Moves all into place. */
void files_put(struct files *files);

/* Removes what was written and is not in place. files_add() and files_put() do this themselves before they end the program. */
void files_drop(struct files *files);

/* Makes a directory and those above it. What the caller can help (a name that is taken, no permission) is a usage error,
 * "cannot make the directory NAME: choose another --out". */
void make_directory(const char *path);

#endif
