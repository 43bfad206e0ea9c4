/* SPDX-License-Identifier: BSD-2-Clause */
#include "csv.h"

#include "text.h"

#include "harness/lib/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the file ---- */

static char *read_stream(FILE *file, size_t *size)
{
    struct text text = {NULL, 0, 0};
    char piece[65536];
    size_t count;
    text_add_string(&text, "");
    while ((count = fread(piece, 1, sizeof piece, file)) > 0)
        text_add_bytes(&text, piece, count);
    *size = text.length;
    return text.text;
}

char *file_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    errno = 0;
    char *buffer = read_stream(file, size);
    int error = ferror(file) ? errno : 0;
    fclose(file);
    if (error) {
        free(buffer);
        errno = error;
        return NULL;
    }
    for (char *zero = buffer; (zero = memchr(zero, '\0', *size - (size_t)(zero - buffer)));)
        *zero = '?';
    return buffer;
}

/* ---- lines ---- */

/* The end of the field at `at`: its separator or the end of the line. */
static char *field_end(char *at, char separator)
{
    const char separators[] = {separator, '\0'};
    if (separator == ',' && *at == '"') {
        for (at++; *at && !(at[0] == '"' && at[1] != '"'); at++)
            at += *at == '"'; /* a doubled quote is one */
    }
    return at + strcspn(at, separators);
}

/* A quoted field without its quotes, in place; text after the closing quote belongs to it. */
static void unquote(char *field)
{
    char *to = field, *at = field + 1;
    for (; *at && !(at[0] == '"' && at[1] != '"'); at++) {
        at += *at == '"';
        *to++ = *at;
    }
    at += *at == '"';
    memmove(to, at, strlen(at) + 1);
}

static unsigned count_fields(char *line, char separator)
{
    unsigned count = 1;
    while (*(line = field_end(line, separator))) {
        line++;
        count++;
    }
    return count;
}

/* The line at csv->at, without its end; NULL at the end of the file. */
static char *next_line(struct csv *csv)
{
    char *line = csv->at;
    if (!line || *line == '\0')
        return NULL;
    char *end = strchr(line, '\n');
    csv->at = end ? end + 1 : line + strlen(line);
    if (end)
        *end = '\0';
    csv->line++;
    return line;
}

/* At most `most` of them. */
static void split_line(char *line, char separator, char **fields, unsigned most)
{
    for (char *end; most > 0; line = end + 1, fields++, most--) {
        end = field_end(line, separator);
        bool last = *end == '\0', quoted = separator == ',' && *line == '"';
        *end = '\0';
        *fields = line;
        if (quoted)
            unquote(line);
        if (last)
            return;
    }
}

void csv_open_text(struct csv *csv, const char *name, char *buffer, char separator)
{
    *csv = (struct csv){.name = name, .separator = separator, .buffer = buffer, .at = buffer};
    char *line = next_line(csv);
    if (!line)
        return;
    csv->columns = count_fields(line, separator);
    csv->header = calloc(2 * (size_t)csv->columns, sizeof *csv->header);
    if (!csv->header)
        fail("out of memory");
    csv->fields = csv->header + csv->columns;
    split_line(line, separator, csv->header, csv->columns);
}

bool csv_open(struct csv *csv, const char *path, const char *name, char separator,
              struct complaint *complaint)
{
    size_t size;
    char *buffer = file_read(path, &size);
    if (!buffer)
        return complain(complaint, "cannot read %s: %s", path, strerror(errno));
    csv_open_text(csv, name, buffer, separator);
    return true;
}

enum csv_line csv_next(struct csv *csv, struct complaint *complaint)
{
    char *line = next_line(csv);
    if (!line)
        return CSV_END;
    static char none[] = "";
    unsigned count = csv->found = count_fields(line, csv->separator);
    for (unsigned i = count; i < csv->columns; i++)
        csv->fields[i] = none;
    split_line(line, csv->separator, csv->fields, csv->columns);
    if (count != csv->columns) {
        complain(complaint, "%s: line %lu: %u fields, the header has %u", csv->name, csv->line,
                 count, csv->columns);
        return CSV_BROKEN;
    }
    return CSV_LINE;
}

int csv_column(const struct csv *csv, const char *name)
{
    for (unsigned i = 0; i < csv->columns; i++)
        if (strcmp(csv->header[i], name) == 0)
            return (int)i;
    return -1;
}

void csv_close(struct csv *csv)
{
    free(csv->buffer);
    free(csv->header);
    *csv = (struct csv){.name = NULL};
}

void csv_add_field(struct text *to, const char *field)
{
    if (!strpbrk(field, ",\"\r\n")) {
        text_add_string(to, field);
        return;
    }
    text_add_string(to, "\"");
    for (; *field; field++)
        text_add_bytes(to, *field == '"' ? "\"\"" : field, *field == '"' ? 2 : 1);
    text_add_string(to, "\"");
}
