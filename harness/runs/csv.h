#ifndef WAKEONE_CSV_H
#define WAKEONE_CSV_H

/*
 * A table with a header line: CSV (RFC 4180, quoted fields included; no line breaks within fields) or tab-separated. The
 * whole file is in memory, and fields point into it until csv_close(). The file may come from elsewhere: a line that has
 * another number of fields than the header is refused.
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
    unsigned found;     /* how many fields the line has */
};

/* Reads the file and its header; a file without a line has 0 columns. `name` (which outlives it) is the file in messages. */
bool csv_open(struct csv *csv, const char *path, const char *name, char separator,
              struct complaint *complaint);

/* Opens text that is in memory already; takes `buffer` (of malloc) over. */
void csv_open_text(struct csv *csv, const char *name, char *buffer, char separator);

enum csv_line { CSV_END, CSV_LINE, CSV_BROKEN };

/* The next line's fields. CSV_BROKEN: `complaint` says why; fields are those of them that there are, the others "". */
enum csv_line csv_next(struct csv *csv, struct complaint *complaint);

/* The place of a column, from 0; -1 if there is none. */
int csv_column(const struct csv *csv, const char *name);

struct text;

/* Adds a field, quoted where it has to be (RFC 4180). */
void csv_add_field(struct text *to, const char *field);

/* The file is still in memory: what points into it stays valid if the caller keeps csv.buffer and sets it to NULL. */
void csv_close(struct csv *csv);

/* A whole file with a NUL behind it, or NULL and errno. NUL bytes in it become '?'. */
char *file_read(const char *path, size_t *size);

#endif
