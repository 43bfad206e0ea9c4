/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CSV_H
#define WAKEONE_CSV_H

/*
 * A table with a header line: CSV (RFC 4180, quoted fields included; no line breaks within fields) or tab-separated. The
 * whole file is in memory, and fields point into it until csv_close(). The file may come from elsewhere: a line with a
 * different number of fields than the header is refused.
 */

#include "complaint.h"

#include <stddef.h>

struct csv {
    const char *name; /* for messages */
    char separator;
    char *buffer, *at;
    unsigned columns;
    char **header, **fields;
    unsigned long line; /* of `fields`, from 1 */
    unsigned found;     /* the number of fields of the line */
};

/* Reads the file and its header; an empty file has 0 columns. `name`, for messages, must outlive it. */
bool csv_open(struct csv *csv, const char *path, const char *name, char separator,
              struct complaint *complaint);

/* Opens text in memory; takes ownership of `buffer` (from malloc). */
void csv_open_text(struct csv *csv, const char *name, char *buffer, char separator);

enum csv_line { CSV_END, CSV_LINE, CSV_BROKEN };

/* The next line's fields. CSV_BROKEN: the reason is in `complaint`; missing fields are "". */
enum csv_line csv_next(struct csv *csv, struct complaint *complaint);

/* The index of a column, from 0; -1 if it does not exist. */
int csv_column(const struct csv *csv, const char *name);

struct text;

/* Adds a field, quoted if necessary (RFC 4180). */
void csv_add_field(struct text *to, const char *field);

/* Frees the file; a caller that keeps pointers into it takes csv.buffer and sets it to NULL first. */
void csv_close(struct csv *csv);

/* A whole file, NUL-terminated, or NULL and errno. NUL bytes in it become '?'. */
char *file_read(const char *path, size_t *size);

#endif
