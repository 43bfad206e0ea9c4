/* SPDX-License-Identifier: BSD-2-Clause */
#include "record.h"

#include "utf8.h"

#include <math.h>
#include <string.h>

static int is_measured(const struct field *f)
{
    switch (f->type) {
    case FIELD_COUNT:
        return f->count != NOT_COUNTED;
    case FIELD_REAL:
        return isfinite(f->real);
    case FIELD_TEXT:
        return f->text != NULL;
    }
    return 0;
}

static void write_number(FILE *file, const struct field *f)
{
    if (f->type == FIELD_COUNT)
        fprintf(file, "%llu", (unsigned long long)f->count);
    else
        fprintf(file, "%.*f", f->decimals, f->real);
}

/* RFC 4180: quoted only if required. */
static void write_csv_text(FILE *file, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, file);
        return;
    }
    putc('"', file);
    for (; *text; text++) {
        if (*text == '"')
            putc('"', file);
        putc(*text, file);
    }
    putc('"', file);
}

/* RFC 8259, section 7. Names of processes are bytes and may be truncated within a character. */
void record_write_json_text(FILE *file, const char *text)
{
    putc('"', file);
    for (unsigned bytes; *text; text += bytes) {
        uint32_t c = utf8_decode((const unsigned char *)text, &bytes);
        if (c == '"' || c == '\\')
            fprintf(file, "\\%c", (char)c);
        else if (c == 0)
            fputs("\\ufffd", file);
        else if (c < 0x20 || c == 0x7f)
            fprintf(file, "\\u%04x", c);
        else
            fwrite(text, 1, bytes, file);
    }
    putc('"', file);
}

void record_write_csv_header(FILE *file, const struct field *fields, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        fprintf(file, "%s%s", i ? "," : "", fields[i].name);
    putc('\n', file);
}

void record_write_csv(FILE *file, const struct field *fields, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (i)
            putc(',', file);
        if (!is_measured(&fields[i]))
            continue;
        if (fields[i].type == FIELD_TEXT)
            write_csv_text(file, fields[i].text);
        else
            write_number(file, &fields[i]);
    }
    putc('\n', file);
}

void record_write_json_members(FILE *file, const struct field *fields, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        fprintf(file, "  \"%s\": ", fields[i].name);
        if (!is_measured(&fields[i]))
            fputs("null", file);
        else if (fields[i].type == FIELD_TEXT)
            record_write_json_text(file, fields[i].text);
        else
            write_number(file, &fields[i]);
        fputs(i + 1 < count ? ",\n" : "\n", file);
    }
}

void record_write_json(FILE *file, const struct field *fields, unsigned count)
{
    fputs("{\n", file);
    record_write_json_members(file, fields, count);
    fputs("}\n", file);
}
