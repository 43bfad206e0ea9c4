/* What runs are read by, and documents are written by. */

#include "harness/runs/csv.h"
#include "harness/runs/document.h"
#include "harness/runs/expression.h"
#include "harness/runs/number.h"
#include "harness/runs/spread.h"
#include "harness/runs/text.h"

#include "harness/lib/row.h"

#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- CSV ---- */

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
    {"too few", "a,b\n1,2\n3\n", "1|2", "x: line 3: 1 fields where the header has 2"},
    {"too many", "a,b\n1,2,3\n", "", "x: line 2: 3 fields where the header has 2"},
    {"half a line", "a,b,c\n1,2,3\n4,", "1|2|3", "x: line 3: 2 fields where the header has 3"},
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

/* ---- numbers ---- */

static const struct {
    const char *text;
    double value; /* NAN = it is no number */
} numbers[] = {
    {"0", 0},
    {"-1", -1},
    {"17.25", 17.25},
    {"1e3", 1000},
    {"2.5e-7", 2.5e-7},
    {"1.", 1},
    {"0.1", 0.1},
    {"123456789012345678", 123456789012345678.0},
    {"9007199254740993", 9007199254740993.0},
    {"", NAN},
    {".5", NAN},
    {"+1", NAN},
    {" 1", NAN},
    {"1 ", NAN},
    {"0x10", NAN},
    {"inf", NAN},
    {"nan", NAN},
    {"1e", NAN},
    {"1e+", NAN},
    {"1,5", NAN},
    {"--1", NAN},
    {"1.2.3", NAN},
    {"-", NAN},
};

TEST(numbers_are_read_as_strtod_does_and_nothing_else_is_one)
{
    for (size_t i = 0; i < COUNT(numbers); i++) {
        double value = NAN;
        assert_int_equal(number_read(numbers[i].text, &value), !isnan(numbers[i].value));
        if (!isnan(numbers[i].value))
            assert_true(value == numbers[i].value);
    }
    /* any decimal of up to 15 digits is the double that strtod() gives */
    for (unsigned i = 1; i < 20000; i++) {
        char text[40];
        double value;
        snprintf(text, sizeof text, "%u.%03u", i * 7919, i % 1000);
        assert_true(number_read(text, &value));
        assert_true(value == strtod(text, NULL));
    }
}

TEST(numbers_are_written_in_each_of_their_forms)
{
    assert_string_equal(number_short(16).text, "16");
    assert_string_equal(number_short(0.1 + 0.2).text, "0.3");
    assert_string_equal(number_short(1e15).text, "1000000000000000");
    assert_string_equal(number_long(1.0 / 3).text, "0.33333333333333");
    assert_string_equal(number_long(NAN).text, "");
    assert_string_equal(number_fixed(2.0, 4).text, "2.0000");
    assert_string_equal(number_value(1234.5).text, "1234.500");
    assert_string_equal(number_value(0.00012345678).text, "0.0001234568");
    assert_string_equal(number_shortest(0.44).text, "0.44");
    assert_string_equal(number_shortest(3040).text, "3040");
    assert_true(rounded(1.23456, 4) == 1.2346);
    assert_true(rounded_to_digits(123456789, 6) == 123457000);
    assert_true(isnan(rounded(NAN, 4)));
}

/* ---- expressions ---- */

static const struct {
    const char *text;
    long n, r, value;
    bool is;
} expressions[] = {
    {"n", 8, 0, 8, true},
    {"2*n+1", 8, 0, 17, true},
    {"n > 1 ? 2 : 1", 8, 0, 2, true},
    {"n > 1 ? 2 : 1", 1, 0, 1, true},
    {"1+r", 8, 1, 2, true},
    {"(n+1)*(n-1)", 3, 0, 8, true},
    {"-n", 3, 0, -3, true},
    {"n==3 ? 1 : n>=2 ? 2 : 3", 2, 0, 2, true},
    {"1 < 2 == 1", 0, 0, 1, true},
    {"", 1, 0, 0, false},
    {"n n", 1, 0, 0, false},
    {"n ? 1", 1, 0, 0, false},
    {"(n", 1, 0, 0, false},
    {"n/2", 1, 0, 0, false},
    {"$(reboot)", 1, 0, 0, false},
    {"x", 1, 0, 0, false},
};

TEST(expressions_of_wakeups)
{
    for (size_t i = 0; i < COUNT(expressions); i++) {
        long value = 0;
        assert_int_equal(
            expression_value(expressions[i].text, expressions[i].n, expressions[i].r, &value),
            expressions[i].is);
        if (expressions[i].is)
            assert_int_equal(value, expressions[i].value);
    }
    char deep[160];
    memset(deep, '(', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    long value;
    assert_false(expression_value(deep, 1, 0, &value));
}

/* ---- text ---- */

TEST(text_from_elsewhere_is_plain)
{
    static const struct {
        const char *text, *plain;
        size_t most;
    } texts[] = {
        {"plain", "plain", 0},
        {"a\tb\nc\x1b[2J\x7f", "a?b?c?[2J?", 0},
        {"\xe2\x80\xae"
         "abc",
         "?abc", 0}, /* right-to-left override */
        {"\xc3\xa9\xe6\x9d\xb1", "\xc3\xa9\xe6\x9d\xb1", 0},
        {"\xff\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0}, /* no UTF-8, and overlong */
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0}, /* a surrogate */
        {"12345678", "12345678", 8},
        {"123456789", "12345...", 8},
        {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", "\xc3\xa9...", 4},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        char *plain = plain_string(texts[i].text, texts[i].most);
        assert_string_equal(plain, texts[i].plain);
        free(plain);
    }
}

/* ---- documents ---- */

static char *written(enum form form)
{
    struct document d;
    document_begin(&d, form);
    document_heading(&d, 2, "A %s", "<b>*x*");
    document_paragraph(&d, "**Two** of `%s`, %v, %.1f %%, %u.", "a|b", "1.0 [0.9, 1.1]", 2.55, 3U);
    document_begin_table(&d, "lr");
    document_cell(&d, "name");
    document_cell(&d, "n");
    document_cell(&d, "%s", "x|y");
    document_cell(&d, "%v", "10");
    document_end_table(&d);
    char *text = copy_string(text_of(&d.out));
    document_free(&d);
    return text;
}

TEST(documents_escape_data_in_each_form)
{
    static const char *const expected[] = {
        [FORM_TEXT] =
            "A <b>*x*:\n\nTwo of a|b, 1.0 [0.9, 1.1], 2.5 %, 3.\n\n  name   n\n  x|y   10\n",
        [FORM_MARKDOWN] =
            "## A &lt;b&gt;\\*x\\*\n\n**Two** of `a\\|b`, 1.0 [0.9, 1.1], 2.5 %, 3.\n\n"
            "| name |  n |\n|------|---:|\n| x\\|y | 10 |\n",
        [FORM_HTML] = "<h2>A &lt;b&gt;*x*</h2>\n<p><strong>Two</strong> of <code>a|b</code>, 1.0 "
                      "[0.9, 1.1], 2.5 %, 3.</p>\n"
                      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                      "aria-label=\"table\"><table>\n<thead><tr>\n"
                      "<th scope=\"col\">name</th>\n<th scope=\"col\" "
                      "class=\"r\">n</th>\n</tr></thead>\n<tbody>\n"
                      "<tr><td>x|y</td><td class=\"r\">10</td></tr>\n</tbody></table></div>\n",
    };
    for (int form = FORM_TEXT; form <= FORM_HTML; form++) {
        char *text = written((enum form)form);
        assert_string_equal(text, expected[form]);
        free(text);
    }
}

/* ---- names at the ends of lines ---- */

TEST(names_keep_their_order_and_distance_within_the_axis)
{
    static const double cases[][9] = {
        {0.5, -1},
        {0.5, 0.5, 0.5, -1},
        {0.98, 0.99, 1, 0.2, -1},
        {0, 0, 0.01, 0.99, 1, -1},
        {0.1, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.9, -1},
    };
    const double gap = 0.06;
    for (size_t c = 0; c < COUNT(cases); c++) {
        struct placed_name names[9];
        unsigned count = 0;
        for (; cases[c][count] >= 0; count++)
            names[count] = (struct placed_name){count, cases[c][count], 0};
        spread_names(names, count, gap);
        for (unsigned i = 0; i < count; i++) {
            assert_true(names[i].at > -1e-9 && names[i].at < 1 + 1e-9);
            for (unsigned k = 0; k < i; k++) {
                assert_false(names[k].wanted < names[i].wanted && names[k].at > names[i].at);
                assert_true(fabs(names[i].at - names[k].at) > gap - 1e-9);
            }
        }
        assert_true(count > 1 || names[0].at == names[0].wanted);
    }
}

/* ---- the one definition of a row's columns ---- */

TEST(a_column_is_found_by_its_name_read_and_written)
{
    struct row row;
    struct field fields[ROW_COLUMN_COUNT];
    row_clear(&row);
    for (unsigned i = 0; i < ROW_COLUMN_COUNT; i++) {
        assert_int_equal(column_find(column_name(i)), i);
        if (column_is_text(i))
            row_set_text(&row, i, column_name(i));
        else
            row_set_number(&row, i, i);
    }
    row_fields(&row, 0, ROW_COLUMN_COUNT, fields);
    for (unsigned i = 0; i < ROW_COLUMN_COUNT; i++) {
        assert_string_equal(fields[i].name, column_name(i));
        if (fields[i].type == FIELD_TEXT)
            assert_string_equal(fields[i].text, column_name(i));
        else
            assert_true(fields[i].real == i);
    }
    assert_int_equal(column_find("nonsense"), ROW_COLUMN_COUNT);
    assert_true(row.throughput_rps == COLUMN_throughput_rps);
}

TEST(each_column_is_in_the_data_dictionary)
{
    size_t size;
    char *text = file_read("results/README.md", &size);
    assert_non_null(text);
    for (unsigned i = 0; i < ROW_COLUMN_COUNT; i++)
        if (!strstr(text, column_name(i)))
            fail_msg("results/README.md says nothing of %s", column_name(i));
    free(text);
}

int main(void)
{
    ADD_ROWS(csv, tables);
    ADD(numbers_are_read_as_strtod_does_and_nothing_else_is_one);
    ADD(numbers_are_written_in_each_of_their_forms);
    ADD(expressions_of_wakeups);
    ADD(text_from_elsewhere_is_plain);
    ADD(documents_escape_data_in_each_form);
    ADD(names_keep_their_order_and_distance_within_the_axis);
    ADD(a_column_is_found_by_its_name_read_and_written);
    ADD(each_column_is_in_the_data_dictionary);
    return run_added(NULL, NULL);
}
