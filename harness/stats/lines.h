/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_LINES_H
#define WAKEONE_LINES_H

/*
 * Tables written by hand: columns separated by tabs or, in a line without tabs, by spaces. Empty
 * lines and lines that begin with # are skipped; a line may end with CR LF. Any other error is one line that names line and
 * column, and EXIT_FAILED.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { COLUMNS_MAX = 16 }; /* of any of these tables */

struct lines {
    FILE *file;
    const char *name;              /* for messages; NULL = standard input */
    unsigned least, most;          /* of the first line; all others must have the same number */
    unsigned columns;              /* of the first line; 0 before it was read */
    unsigned long line;            /* from 1 */
    char *fields[COLUMNS_MAX + 1]; /* one more, to detect too many */
    char *text;
    size_t size;
};

/* Reads up to the next line that is neither empty nor a comment; its columns are in `fields` until the next call.
 * False at the end of the file. */
bool lines_next(struct lines *lines);

/* Ends the program: "line L, column C: WANTED is expected, not '...'". Columns count from 1. */
void lines_refuse(const struct lines *lines, unsigned column, const char *wanted)
    __attribute__((noreturn));

enum number { NUMBER_ANY, NUMBER_NOT_NEGATIVE, NUMBER_POSITIVE };

/* Reads a finite number. False if the text is not a number of that kind. */
bool number_parse(const char *text, enum number kind, double *value);

/* The same of a column, or lines_refuse. */
double lines_number(const struct lines *lines, unsigned column, enum number kind);

#endif
