/* SPDX-License-Identifier: BSD-2-Clause */
/* One document in three forms. Data is data in each of them. */

#include "harness/runs/document.h"

#include "support.h"

#include <stdlib.h>
#include <string.h>

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

/* Every character of ASCII as data, in a text, a heading, an item, a note and a cell */
static char *with_data(enum form form, const char *data)
{
    struct document d;
    document_begin(&d, form);
    document_heading(&d, 1, "%s", data);
    document_paragraph(&d, "%s", data);
    document_begin_list(&d);
    document_item(&d, "%s", data);
    document_end_list(&d);
    document_begin_table(&d, "l");
    document_cell(&d, "%s", data);
    document_cell(&d, "%s", data);
    document_end_table(&d);
    document_note(&d, "%s", data);
    char *text = copy_string(text_of(&d.out));
    document_free(&d);
    return text;
}

static unsigned occurrences(const char *text, const char *part)
{
    unsigned count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

static const struct escape {
    const char *name, *data, *in[3]; /* text, Markdown, HTML */
} escapes[] = {
    {"plain", "plain", {"plain", "plain", "plain"}},
    {"tags",
     "<script>alert(1)</script>",
     {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
      "&lt;script&gt;alert(1)&lt;/script&gt;"}},
    {"entities", "a&amp;b", {"a&amp;b", "a&amp;amp;b", "a&amp;amp;b"}},
    {"quotes", "\" onload=\"x", {"\" onload=\"x", "\" onload=\"x", "&quot; onload=&quot;x"}},
    {"pipes", "x|y", {"x|y", "x\\|y", "x|y"}},
    {"links", "![x](http:y)", {"![x](http:y)", "!\\[x\\](http:y)", "![x](http:y)"}},
    {"marks of Markdown", "*_~`#\\", {"*_~`#\\", "\\*\\_\\~\\`\\#\\\\", "*_~`#\\"}},
    {"marks of own text",
     "**no** `mark`",
     {"**no** `mark`", "\\*\\*no\\*\\* \\`mark\\`", "**no** `mark`"}},
    {"formats", "%s %n %v", {"%s %n %v", "%s %n %v", "%s %n %v"}},
    {"control characters", "a\nb\x1b[2J", {"a?b?[2J", "a?b?\\[2J", "a?b?[2J"}},
    {"directions and broken UTF-8",
     "\xe2\x80\xae\xd8\x9cx\xff",
     {"??x\xef\xbf\xbd", "??x\xef\xbf\xbd", "??x\xef\xbf\xbd"}},
    {"UTF-8", "caf\xc3\xa9", {"caf\xc3\xa9", "caf\xc3\xa9", "caf\xc3\xa9"}},
};

TEST(data_is_escaped_in_each_part)
{
    const struct escape *row = *state;
    for (int form = FORM_TEXT; form <= FORM_HTML; form++) {
        char *text = with_data((enum form)form, row->data);
        assert_int_equal(occurrences(text, row->in[form]), 6);
        free(text);
    }
}

/* Own text may be marked up, and what is in the document's form already stays as it is. */
TEST(own_text_and_what_is_in_form_already)
{
    static const char *const expected[] = {"a b c|d <x> \\*", "**a** `b` c|d <x> \\*",
                                           "<strong>a</strong> <code>b</code> c|d &lt;x&gt; \\*"};
    for (int form = FORM_TEXT; form <= FORM_HTML; form++) {
        struct document d;
        document_begin(&d, (enum form)form);
        char *own = document_inline(&d, "%v", "**a** `b` c|d <x>"),
             *whole = document_inline(&d, "%r %s", own, form == FORM_MARKDOWN ? "*" : "\\*");
        assert_string_equal(whole, expected[form]);
        free(own);
        free(whole);
        document_free(&d);
    }
}

TEST(numbers_in_formats)
{
    struct document d;
    document_begin(&d, FORM_MARKDOWN);
    char *text = document_inline(&d, "%u %lu %zu %.2f %6.1f %g 100 %%", 7U, 1UL << 40, (size_t)9,
                                 1.005, 2.25, 0.5);
    assert_string_equal(text, "7 1099511627776 9 1.00    2.2 0.5 100 %");
    free(text);
    text = document_inline(&d, "%.0f", 1e300);
    assert_int_equal(strlen(text), 301);
    free(text);
    document_free(&d);
}

/* What is copied is as it is: no escape of Markdown within an indented block. */
TEST(listings_and_notes_of_several_lines)
{
    static const char *const expected[] = {
        "\n    ./run.sh a_b '<x>'\n    second\n\n  one\n  two\n",
        "\n    ./run.sh a_b '<x>'\n    second\n\none\ntwo\n",
        "<pre>./run.sh a_b '&lt;x&gt;'\nsecond</pre>\n<p>one\ntwo</p>\n",
    };
    for (int form = FORM_TEXT; form <= FORM_HTML; form++) {
        struct document d;
        document_begin(&d, (enum form)form);
        document_listing(&d, "./run.sh %s '%s'\nsecond", "a_b", "<x>");
        document_note(&d, "one\ntwo");
        assert_string_equal(text_of(&d.out), expected[form]);
        document_free(&d);
    }
}

TEST(tables_are_as_wide_as_their_characters)
{
    struct document d;
    document_begin(&d, FORM_MARKDOWN);
    document_begin_table(&d, "lr");
    document_cell(&d, "n");
    document_cell(&d, "value");
    document_cell(&d, "%s", "caf\xc3\xa9s");
    document_cell(&d, "1");
    document_end_table(&d);
    assert_string_equal(text_of(&d.out),
                        "\n| n     | value |\n|-------|------:|\n| caf\xc3\xa9s |     1 |\n");
    document_begin_table(&d, "lr");
    document_cell(&d, "dropped");
    document_drop_table(&d);
    document_free(&d);
}

int main(void)
{
    ADD(documents_escape_data_in_each_form);
    ADD_ROWS(data_is_escaped_in_each_part, escapes);
    ADD(own_text_and_what_is_in_form_already);
    ADD(numbers_in_formats);
    ADD(listings_and_notes_of_several_lines);
    ADD(tables_are_as_wide_as_their_characters);
    return run_added(NULL, NULL);
}
