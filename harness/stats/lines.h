#ifndef WAKEONE_LINES_H
#define WAKEONE_LINES_H

/*
 * Tables that people write: columns separated by tabs or, in a line without one, by blanks. Empty
 * lines and lines that begin with # are skipped; a line may end as in DOS. Whatever else is wrong
 * is one line that names line and column, and EXIT_FAILED.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { COLUMNS_MAX = 16 }; /* of any of these tables */

struct lines {
    FILE *file;
    const char *name;     /* for messages; NULL = standard input */
    unsigned least, most; /* columns that the first line may have; all others must have as many */
    unsigned columns;     /* that it has; 0 before it was read */
    unsigned long line;   /* from 1 */
    char *fields[COLUMNS_MAX + 1]; /* one more, to see that there are too many */
    char *text;
    size_t size;
};

/* Reads up to the next line that says something; its columns are in `fields` up to the next call.
 * False at the end of the file. */
bool lines_next(struct lines *lines);

/* Ends the program: "line L, column C: WANTED is wanted, not '...'". Columns count from 1. */
void lines_refuse(const struct lines *lines, unsigned column, const char *wanted)
    __attribute__((noreturn));

enum number { NUMBER_ANY, NUMBER_NOT_NEGATIVE, NUMBER_POSITIVE };

/* Reads a finite number. False if the text is not one of that kind. */
bool number_parse(const char *text, enum number kind, double *value);

/* The same of a column, or lines_refuse. */
double lines_number(const struct lines *lines, unsigned column, enum number kind);

#endif
