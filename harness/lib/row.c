/* SPDX-License-Identifier: BSD-2-Clause */
#include "row.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    enum field_type type;
    int decimals;
    bool timed;
    size_t offset;
} columns[] = {
#define COUNT(name)           {#name, FIELD_COUNT, 0, false, offsetof(struct row, name)},
#define REAL(name, decimals)  {#name, FIELD_REAL, decimals, false, offsetof(struct row, name)},
#define TIMED(name, decimals) {#name, FIELD_REAL, decimals, true, offsetof(struct row, name)},
#define TEXT(name)            {#name, FIELD_TEXT, 0, false, offsetof(struct row, name)},
    ROW_COLUMNS(COUNT, REAL, TIMED, TEXT)
#undef COUNT
#undef REAL
#undef TIMED
#undef TEXT
};

const char *column_name(enum column column)
{
    return columns[column].name;
}

enum column column_find(const char *name)
{
    unsigned i = 0;
    while (i < ROW_COLUMN_COUNT && strcmp(columns[i].name, name) != 0)
        i++;
    return (enum column)i;
}

bool column_is_text(enum column column)
{
    return columns[column].type == FIELD_TEXT;
}

double row_number(const struct row *row, enum column column)
{
    double value;
    memcpy(&value, (const char *)row + columns[column].offset, sizeof value);
    return value;
}

void row_set_number(struct row *row, enum column column, double value)
{
    memcpy((char *)row + columns[column].offset, &value, sizeof value);
}

const char *row_text(const struct row *row, enum column column)
{
    const char *text;
    memcpy(&text, (const char *)row + columns[column].offset, sizeof text);
    return text;
}

void row_set_text(struct row *row, enum column column, const char *text)
{
    memcpy((char *)row + columns[column].offset, &text, sizeof text);
}

void row_clear(struct row *row)
{
    for (unsigned i = 0; i < ROW_COLUMN_COUNT; i++)
        if (column_is_text(i))
            row_set_text(row, i, NULL);
        else
            row_set_number(row, i, NAN);
}

void row_clear_timed(struct row *row)
{
    for (unsigned i = 0; i < ROW_COLUMN_COUNT; i++)
        if (columns[i].timed)
            row_set_number(row, i, NAN);
}

static struct field field_of(const struct row *row, enum column column)
{
    struct field field = {.name = columns[column].name,
                          .type = columns[column].type,
                          .decimals = columns[column].decimals};
    if (field.type == FIELD_TEXT) {
        field.text = row_text(row, column);
        return field;
    }
    field.real = row_number(row, column);
    field.count = isnan(field.real) ? NOT_COUNTED : (uint64_t)field.real;
    return field;
}

void row_fields(const struct row *row, enum column from, enum column to, struct field *fields)
{
    for (unsigned i = from; i < to; i++)
        fields[i - from] = field_of(row, i);
}
