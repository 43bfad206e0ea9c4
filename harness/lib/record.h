/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_RECORD_H
#define WAKEONE_RECORD_H

/*
 * A record is a table of named values. The same table is written as a line of CSV and as a JSON
 * object, so that both have the same columns. A missing value is empty in CSV and null in JSON,
 * never 0.
 */

#include <stdint.h>
#include <stdio.h>

enum field_type { FIELD_COUNT, FIELD_REAL, FIELD_TEXT };

#define NOT_COUNTED UINT64_MAX

struct field {
    const char *name;
    enum field_type type;
    int decimals;     /* of a FIELD_REAL */
    uint64_t count;   /* NOT_COUNTED = not measured */
    double real;      /* NAN = not measured */
    const char *text; /* NULL = not measured */
};

static inline struct field field_count(const char *name, uint64_t count)
{
    return (struct field){.name = name, .type = FIELD_COUNT, .count = count};
}

static inline struct field field_real(const char *name, double real, int decimals)
{
    return (struct field){.name = name, .type = FIELD_REAL, .decimals = decimals, .real = real};
}

static inline struct field field_text(const char *name, const char *text)
{
    return (struct field){.name = name, .type = FIELD_TEXT, .text = text};
}

void record_write_csv_header(FILE *file, const struct field *fields, unsigned count);
void record_write_csv(FILE *file, const struct field *fields, unsigned count);

/* One object, one field per line. */
void record_write_json(FILE *file, const struct field *fields, unsigned count);

/* The text as a quoted JSON string; invalid UTF-8 is replaced by U+FFFD. */
void record_write_json_text(FILE *file, const char *text);

/* The members of the object without the braces, for an object that has other members, too. */
void record_write_json_members(FILE *file, const struct field *fields, unsigned count);

#endif
