/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/lib/record.h"

#include "support.h"

#include <math.h>
#include <stdlib.h>

typedef void writer(FILE *, const struct field *, unsigned);

static void assert_written(writer *write, const struct field *fields, unsigned count,
                           const char *expected)
{
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    write(file, fields, count);
    fclose(file);
    assert_string_equal(text, expected);
    free(text);
}

struct row {
    const char *name;
    struct field field;
    const char *csv, *json;
};

#define TEXT(value)                                      \
    {                                                    \
        .name = "f", .type = FIELD_TEXT, .text = (value) \
    }
#define REAL(value, decimal)                                                    \
    {                                                                           \
        .name = "f", .type = FIELD_REAL, .real = (value), .decimals = (decimal) \
    }
#define NUMBER(value)                                      \
    {                                                      \
        .name = "f", .type = FIELD_COUNT, .count = (value) \
    }

static const struct row rows[] = {
    {"a word", TEXT("ok"), "ok", "\"ok\""},
    {"blanks", TEXT(" a b "), " a b ", "\" a b \""},
    {"a comma", TEXT("0,2"), "\"0,2\"", "\"0,2\""},
    {"a quote", TEXT("a\"b"), "\"a\"\"b\"", "\"a\\\"b\""},
    {"only quotes", TEXT("\"\""), "\"\"\"\"\"\"", "\"\\\"\\\"\""},
    {"LF", TEXT("a\nb"), "\"a\nb\"", "\"a\\u000ab\""},
    {"CR", TEXT("a\rb"), "\"a\rb\"", "\"a\\u000db\""},
    {"a backslash", TEXT("a\\b"), "a\\b", "\"a\\\\b\""},
    {"control characters", TEXT("\x01\t\x1f"), "\x01\t\x1f", "\"\\u0001\\u0009\\u001f\""},
    {"DEL", TEXT("\x7f"), "\x7f", "\"\\u007f\""},
    {"UTF-8", TEXT("\xc3\xa4\xe2\x82\xac"), "\xc3\xa4\xe2\x82\xac", "\"\xc3\xa4\xe2\x82\xac\""},
    {"a slash", TEXT("a/b"), "a/b", "\"a/b\""},
    {"empty text", TEXT(""), "", "\"\""},
    {"no text", TEXT(NULL), "", "null"},
    {"0", NUMBER(0), "0", "0"},
    {"the largest count", NUMBER(UINT64_MAX - 1), "18446744073709551614", "18446744073709551614"},
    {"not counted", NUMBER(NOT_COUNTED), "", "null"},
    {"no decimals", REAL(2.5000001, 0), "3", "3"},
    {"three decimals", REAL(1234.56789, 3), "1234.568", "1234.568"},
    {"a measured 0", REAL(0, 2), "0.00", "0.00"},
    {"negative", REAL(-0.5, 1), "-0.5", "-0.5"},
    {"NAN", REAL(NAN, 3), "", "null"},
    {"infinity", REAL(INFINITY, 3), "", "null"},
    {"minus infinity", REAL(-INFINITY, 3), "", "null"},
};

TEST(field_is_written)
{
    const struct row *row = *state;
    char csv[128], json[128];
    snprintf(csv, sizeof csv, "%s\n", row->csv);
    snprintf(json, sizeof json, "{\n  \"f\": %s\n}\n", row->json);
    assert_written(record_write_csv, &row->field, 1, csv);
    assert_written(record_write_json, &row->field, 1, json);
}

TEST(record_of_all_kinds)
{
    const struct field fields[] = {
        field_count("count", 7),       field_count("uncounted", NOT_COUNTED),
        field_real("real", 0.25, 2),   field_real("unreal", NAN, 2),
        field_text("text", "a,\"b\""), field_text("silent", NULL),
    };
    assert_written(record_write_csv_header, fields, COUNT(fields),
                   "count,uncounted,real,unreal,text,silent\n");
    assert_written(record_write_csv, fields, COUNT(fields), "7,,0.25,,\"a,\"\"b\"\"\",\n");
    assert_written(record_write_json, fields, COUNT(fields),
                   "{\n  \"count\": 7,\n  \"uncounted\": null,\n  \"real\": 0.25,\n"
                   "  \"unreal\": null,\n  \"text\": \"a,\\\"b\\\"\",\n  \"silent\": null\n}\n");
}

int main(void)
{
    ADD_ROWS(field_is_written, rows);
    ADD(record_of_all_kinds);
    return run_added(NULL, NULL);
}
