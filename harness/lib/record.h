#ifndef WAKEONE_RECORD_H
#define WAKEONE_RECORD_H

/*
 * A record is a table of named values. The same table is a line of CSV and a JSON object, so that
 * both speak of the same columns. What was not measured is empty in CSV and null in JSON, never 0.
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

/* One object, one field a line. */
void record_write_json(FILE *file, const struct field *fields, unsigned count);

/* The text as a JSON string, quotes and all; what is not UTF-8 becomes U+FFFD. */
void record_write_json_text(FILE *file, const char *text);

/* What is between its braces, for an object that has more than fields in it. */
void record_write_json_members(FILE *file, const struct field *fields, unsigned count);

#endif
