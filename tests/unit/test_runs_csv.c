/* SPDX-License-Identifier: BSD-2-Clause */
/* CSV and tab-separated tables, from text and from files that may hold anything. */

#include "harness/runs/csv.h"

#include "run_directory.h"

#include <errno.h>

static const struct {
    const char *name, *text;
    const char *fields; /* of all lines, joined by '|', lines by '/' */
    const char *complaint;
} tables[] = {
    {"plain", "a,b\n1,2\n3,4\n", "1|2/3|4", NULL},
    {"empty fields", "a,b\n,\n", "|", NULL},
    {"quoted, with commas and quotes", "a,b\n\"1,2\",\"x\"\"y\"\n", "1,2|x\"y", NULL},
    {"a quote within a field is a character", "a,b\nx\"y,\"z\n", "x\"y|z", NULL},
    {"what follows a closing quote belongs to the field", "a,b\n\"x\"y,1\n", "xy|1", NULL},
    {"empty and quoted", "a,b\n\"\",\"\"\n", "|", NULL},
    {"the last line has no end", "a,b\n1,2", "1|2", NULL},
    {"only a header", "a,b\n", "", NULL},
    {"nothing", "", "", NULL},
    {"too few", "a,b\n1,2\n3\n", "1|2", "x: line 3: 1 fields, the header has 2"},
    {"too many", "a,b\n1,2,3\n", "", "x: line 2: 3 fields, the header has 2"},
    {"a line of a carriage return is one field", "a,b\r\n1,2\r\n", "1|2\r", NULL},
    {"a blank line", "a,b\n1,2\n\n", "1|2", "x: line 3: 1 fields, the header has 2"},
    {"a blank line of one column is an empty field", "a\n1\n\n", "1/", NULL},
    {"a quote that is not closed", "a,b\n\"1,2\n", "", "x: line 2: 1 fields, the header has 2"},
    {"half a line", "a,b,c\n1,2,3\n4,", "1|2|3", "x: line 3: 2 fields, the header has 3"},
};

TEST(csv)
{
    const __typeof__(*tables) *row = *state;
    struct csv csv;
    struct complaint complaint = {""};
    struct text fields = {NULL, 0, 0};
    enum csv_line line;
    csv_open_text(&csv, "x", copy_string(row->text), ',');
    while ((line = csv_next(&csv, &complaint)) == CSV_LINE) {
        text_add_string(&fields, fields.length ? "/" : "");
        for (unsigned i = 0; i < csv.columns; i++)
            text_add(&fields, "%s%s", i ? "|" : "", csv.fields[i]);
    }
    assert_int_equal(line, row->complaint ? CSV_BROKEN : CSV_END);
    assert_string_equal(complaint.text, row->complaint ? row->complaint : "");
    assert_string_equal(text_of(&fields), row->fields);
    text_free(&fields);
    csv_close(&csv);
}
TEST(tabs_separate_and_quotes_are_characters)
{
    struct csv csv;
    struct complaint complaint;
    csv_open_text(&csv, "x", copy_string("a\tb\n\"1\t2\"\n"), '\t');
    assert_int_equal(csv_next(&csv, &complaint), CSV_LINE);
    assert_string_equal(csv.fields[0], "\"1");
    assert_string_equal(csv.fields[1], "2\"");
    csv_close(&csv);
}

TEST(columns_are_found_by_name)
{
    struct csv csv;
    csv_open_text(&csv, "x", copy_string("a,\"b,c\",d\n"), ',');
    assert_int_equal(csv.columns, 3);
    assert_int_equal(csv_column(&csv, "a"), 0);
    assert_int_equal(csv_column(&csv, "b,c"), 1);
    assert_int_equal(csv_column(&csv, "d"), 2);
    assert_int_equal(csv_column(&csv, "b"), -1);
    csv_close(&csv);
}

TEST(a_file_without_a_line_has_no_columns)
{
    struct csv csv;
    struct complaint complaint;
    csv_open_text(&csv, "x", copy_string(""), ',');
    assert_int_equal(csv.columns, 0);
    assert_int_equal(csv_next(&csv, &complaint), CSV_END);
    assert_int_equal(csv_column(&csv, ""), -1);
    csv_close(&csv);
}

/* What is read from a file is one text, whatever bytes it has. */
TEST(nul_bytes_of_a_file_are_question_marks)
{
    struct csv csv;
    struct complaint complaint;
    char *path = path_in_run("x.csv");
    write_bytes_in_run("x.csv", BYTES("a,b\n1\0,2\n\0,\0\0"));
    assert_true(csv_open(&csv, path, "x.csv", ',', &complaint));
    assert_int_equal(csv_next(&csv, &complaint), CSV_LINE);
    assert_string_equal(csv.fields[0], "1?");
    assert_int_equal(csv_next(&csv, &complaint), CSV_LINE);
    assert_string_equal(csv.fields[0], "?");
    assert_string_equal(csv.fields[1], "??");
    assert_int_equal(csv_next(&csv, &complaint), CSV_END);
    csv_close(&csv);
    free(path);
}

TEST(a_file_larger_than_what_is_read_at_once)
{
    enum { LINES = 20000 };
    struct csv csv;
    struct complaint complaint;
    struct text text = {NULL, 0, 0};
    unsigned long lines = 0;
    text_add_string(&text, "a,b\n");
    for (unsigned i = 0; i < LINES; i++)
        text_add(&text, "%u,%u\n", i, LINES - i);
    write_in_run("x.csv", text_of(&text));
    char *path = path_in_run("x.csv");
    assert_true(csv_open(&csv, path, "x.csv", ',', &complaint));
    for (; csv_next(&csv, &complaint) == CSV_LINE; lines++)
        assert_int_equal(atol(csv.fields[0]) + atol(csv.fields[1]), LINES);
    assert_int_equal(lines, LINES);
    assert_int_equal(csv.line, LINES + 1);
    csv_close(&csv);
    text_free(&text);
    free(path);
}

TEST(what_cannot_be_read)
{
    struct csv csv;
    struct complaint complaint;
    size_t size;
    char *path = path_in_run("missing.csv");
    assert_false(csv_open(&csv, path, "missing.csv", ',', &complaint));
    char *expected = format_string("cannot read %s: %s", path, strerror(ENOENT));
    assert_string_equal(complaint.text, expected);
    errno = 0;
    assert_null(file_read(run_directory, &size));
    assert_int_equal(errno, EISDIR);
    free(expected);
    free(path);
}

/* What was written with quotes is read as it was. */
TEST(fields_are_quoted_where_they_have_to_be)
{
    static const char *const fields[] = {"plain", "", "a,b", "say \"x\"", "\"", ",", "x\ry"};
    struct csv csv;
    struct complaint complaint;
    struct text text = {NULL, 0, 0};
    for (int line = 0; line < 2; line++)
        for (unsigned i = 0; i < COUNT(fields); i++) {
            text_add_string(&text, i ? "," : line ? "\n" : "");
            csv_add_field(&text, fields[i]);
        }
    csv_open_text(&csv, "x", copy_string(text_of(&text)), ',');
    assert_int_equal(csv_next(&csv, &complaint), CSV_LINE);
    assert_int_equal(csv.columns, COUNT(fields));
    for (unsigned i = 0; i < COUNT(fields); i++)
        assert_string_equal(csv.fields[i], fields[i]);
    csv_close(&csv);
    text_free(&text);
}

int main(void)
{
    ADD_ROWS(csv, tables);
    ADD(tabs_separate_and_quotes_are_characters);
    ADD(columns_are_found_by_name);
    ADD(a_file_without_a_line_has_no_columns);
    ADD(nul_bytes_of_a_file_are_question_marks);
    ADD(a_file_larger_than_what_is_read_at_once);
    ADD(what_cannot_be_read);
    ADD(fields_are_quoted_where_they_have_to_be);
    return run_added(make_run_directory, remove_run_directory);
}
