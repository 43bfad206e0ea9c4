/* SPDX-License-Identifier: BSD-2-Clause */
#include "document.h"

#include "harness/lib/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct table {
    const char *alignment;
    unsigned columns, count; /* cells: the headings first */
    char **cells;
};

/* ---- escapes ---- */

static void add_html(struct text *to, char c)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (entities[i].c == c) {
            text_add_string(to, entities[i].entity);
            return;
        }
    text_add_bytes(to, &c, 1);
}

static void add_markdown(struct text *to, char c)
{
    if (strchr("][\\`*_|#~", c))
        text_add_bytes(to, "\\", 1);
    if (c == '&' || c == '<' || c == '>')
        add_html(to, c);
    else
        text_add_bytes(to, &c, 1);
}

/* Data: escaped in every form, and without control characters for a terminal. */
static void add_data(const struct document *d, struct text *to, const char *data)
{
    char *plain = plain_string(data, 0);
    for (const char *at = plain; *at; at++)
        if (d->form == FORM_HTML)
            add_html(to, *at);
        else if (d->form == FORM_MARKDOWN)
            add_markdown(to, *at);
        else
            text_add_bytes(to, at, 1);
    free(plain);
}

/* ---- marks in the program's own text ---- */

struct marks {
    bool code, strong; /* which marks are open */
};

/* Writes the mark at `at` in this form. Returns its length, 0 if there is none. */
static unsigned add_mark(const struct document *d, struct text *to, const char *at,
                         struct marks *open)
{
    bool is_code = *at == '`', is_strong = strncmp(at, "**", 2) == 0;
    if (!is_code && !is_strong)
        return 0;
    bool *is_open = is_code ? &open->code : &open->strong;
    *is_open = !*is_open;
    if (d->form == FORM_HTML)
        text_add(to, "<%s%s>", *is_open ? "" : "/", is_code ? "code" : "strong");
    else if (d->form == FORM_MARKDOWN)
        text_add_string(to, is_code ? "`" : "**");
    return is_code ? 1 : 2;
}

static void add_own_character(const struct document *d, struct text *to, char c)
{
    if (d->form == FORM_HTML)
        add_html(to, c);
    else
        text_add_bytes(to, &c, 1);
}

static void add_own(const struct document *d, struct text *to, const char *own, struct marks *open)
{
    while (*own) {
        unsigned length = add_mark(d, to, own, open);
        if (length == 0)
            add_own_character(d, to, *own);
        own += length ? length : 1;
    }
}

/* ---- formats ---- */

/* A number: "%5.2f" and "%g" as in printf, "%u", "%lu" and "%zu" without a width */
static void add_number(struct text *to, const char *format, char kind, va_list *arguments)
{
    char number[400];
    if (kind == 'u') {
        bool is_long = strpbrk(format, "lz") != NULL;
        text_add(to, "%lu",
                 is_long ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned));
        return;
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(number, sizeof number, format, va_arg(*arguments, double));
#pragma GCC diagnostic pop
    text_add_string(to, number);
}

/* Adds the argument of the conversion at `at`, "%5.2f" or "%zu". Returns the text after it. */
static const char *add_argument(const struct document *d, struct text *to, const char *at,
                                struct marks *open, va_list *arguments)
{
    char format[20];
    size_t length = 1 + strspn(at + 1, "0123456789.+-lz");
    char kind = at[length];
    if (length + 2 > sizeof format)
        fail("internal error: a format is too long: %s", at);
    snprintf(format, sizeof format, "%.*s", (int)length + 1, at);
    switch (kind) {
    case 's':
        add_data(d, to, va_arg(*arguments, const char *));
        break;
    case 'r':
        text_add_string(to, va_arg(*arguments, const char *));
        break;
    case 'v':
        add_own(d, to, va_arg(*arguments, const char *), open);
        break;
    case '%':
        text_add_string(to, "%");
        break;
    default:
        add_number(to, format, kind, arguments);
    }
    return at + length + 1;
}

static void add_text(const struct document *d, struct text *to, const char *format,
                     va_list *arguments)
{
    struct marks open = {false, false};
    while (*format) {
        unsigned length = add_mark(d, to, format, &open);
        if (length > 0)
            format += length;
        else if (*format == '%')
            format = add_argument(d, to, format, &open, arguments);
        else
            add_own_character(d, to, *format++);
    }
}

/* The formatted text; the caller frees it */
static char *formatted(const struct document *d, const char *format, va_list *arguments)
{
    struct text text = {NULL, 0, 0};
    text_add_string(&text, "");
    add_text(d, &text, format, arguments);
    return text.text;
}

char *document_inline(const struct document *d, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = formatted(d, format, &arguments);
    va_end(arguments);
    return text;
}

/* ---- parts ---- */

void document_begin(struct document *d, enum form form)
{
    *d = (struct document){.form = form};
}

void document_free(struct document *d)
{
    text_free(&d->out);
    *d = (struct document){.form = FORM_TEXT};
}

void document_raw(struct document *d, const char *text)
{
    text_add_string(&d->out, text);
}

/* Adds the formatted text between two texts. */
#define ADD_BETWEEN(d, before, after)               \
    do {                                            \
        va_list arguments;                          \
        va_start(arguments, format);                \
        text_add_string(&(d)->out, before);         \
        add_text(d, &(d)->out, format, &arguments); \
        text_add_string(&(d)->out, after);          \
        va_end(arguments);                          \
    } while (0)

void document_heading(struct document *d, unsigned level, const char *format, ...)
{
    char before[16], after[16] = "\n";
    if (d->form == FORM_HTML) {
        snprintf(before, sizeof before, "<h%u>", level);
        snprintf(after, sizeof after, "</h%u>\n", level);
    } else {
        snprintf(before, sizeof before, "%s%.*s%s", d->begun ? "\n" : "",
                 d->form == FORM_MARKDOWN ? (int)level : 0, "####",
                 d->form == FORM_MARKDOWN ? " " : "");
        if (d->form == FORM_TEXT && level != 3)
            strcpy(after, ":\n");
        d->begun = true;
    }
    ADD_BETWEEN(d, before, after);
}

void document_paragraph(struct document *d, const char *format, ...)
{
    bool html = d->form == FORM_HTML;
    ADD_BETWEEN(d, html ? "<p>" : "\n", html ? "</p>\n" : "\n");
}

/* Indents the lines after the first as well. */
static void add_indented(struct document *d, const char *before, const char *text)
{
    text_add(&d->out, "\n%s", before);
    for (; *text; text++) {
        text_add_bytes(&d->out, text, 1);
        if (*text == '\n')
            text_add_string(&d->out, before);
    }
    text_add_string(&d->out, "\n");
}

void document_note(struct document *d, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = formatted(d, format, &arguments);
    va_end(arguments);
    if (d->form == FORM_TEXT)
        add_indented(d, "  ", text);
    else
        text_add(&d->out, d->form == FORM_HTML ? "<p>%s</p>\n" : "\n%s\n", text);
    free(text);
}

void document_listing(struct document *d, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    /* Listings are not escaped for Markdown: an indented block is verbatim. */
    struct document as_is = {.form = d->form == FORM_HTML ? FORM_HTML : FORM_TEXT};
    char *text = formatted(&as_is, format, &arguments);
    va_end(arguments);
    if (d->form == FORM_HTML)
        text_add(&d->out, "<pre>%s</pre>\n", text);
    else
        add_indented(d, "    ", text);
    free(text);
}

void document_begin_list(struct document *d)
{
    text_add_string(&d->out, d->form == FORM_HTML ? "<ul>\n" : "\n");
}

void document_item(struct document *d, const char *format, ...)
{
    static const char *const before[] = {"  ", "- ", "<li>"};
    ADD_BETWEEN(d, before[d->form], d->form == FORM_HTML ? "</li>\n" : "\n");
}

void document_end_list(struct document *d)
{
    if (d->form == FORM_HTML)
        text_add_string(&d->out, "</ul>\n");
}

/* ---- tables ---- */

void document_begin_table(struct document *d, const char *alignment)
{
    d->table = calloc(1, sizeof *d->table);
    if (!d->table)
        fail("out of memory");
    d->table->alignment = alignment;
    d->table->columns = (unsigned)strlen(alignment);
}

void document_cell(struct document *d, const char *format, ...)
{
    struct table *t = d->table;
    va_list arguments;
    va_start(arguments, format);
    char *text = formatted(d, format, &arguments);
    va_end(arguments);
    if (t->count % t->columns == 0) {
        t->cells = realloc(t->cells, (t->count + t->columns) * sizeof *t->cells);
        if (!t->cells)
            fail("out of memory");
    }
    t->cells[t->count++] = text;
}

/* In UTF-8 characters */
static unsigned width_of(const char *text)
{
    unsigned width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void add_spaces(struct text *to, unsigned count)
{
    while (count-- > 0)
        text_add_bytes(to, " ", 1);
}

static void add_padded(struct text *to, const char *cell, bool right, unsigned width)
{
    unsigned padding = width - width_of(cell);
    add_spaces(to, right ? padding : 0);
    text_add_string(to, cell);
    add_spaces(to, right ? 0 : padding);
}

static void add_line(struct document *d, char *const *cells, const unsigned *widths)
{
    bool markdown = d->form == FORM_MARKDOWN;
    size_t begin = d->out.length;
    text_add_string(&d->out, markdown ? "|" : "");
    for (unsigned i = 0; i < d->table->columns; i++) {
        text_add_string(&d->out, markdown ? " " : "  ");
        add_padded(&d->out, cells[i], d->table->alignment[i] == 'r', widths[i]);
        text_add_string(&d->out, markdown ? " |" : "");
    }
    while (d->out.length > begin && d->out.text[d->out.length - 1] == ' ')
        d->out.length--;
    text_add_string(&d->out, "\n");
}

static void add_rule(struct document *d, const unsigned *widths)
{
    text_add_string(&d->out, "|");
    for (unsigned i = 0; i < d->table->columns; i++) {
        bool right = d->table->alignment[i] == 'r';
        for (unsigned k = 0; k < widths[i] + 2 - right; k++)
            text_add_string(&d->out, "-");
        text_add_string(&d->out, right ? ":|" : "|");
    }
    text_add_string(&d->out, "\n");
}

static void add_text_table(struct document *d, const struct table *t)
{
    unsigned *widths = calloc(t->columns, sizeof *widths);
    if (!widths)
        fail("out of memory");
    for (unsigned i = 0; i < t->count; i++) {
        unsigned width = width_of(t->cells[i]);
        if (width > widths[i % t->columns])
            widths[i % t->columns] = width;
    }
    text_add_string(&d->out, "\n");
    for (unsigned i = 0; i < t->count; i += t->columns) {
        add_line(d, t->cells + i, widths);
        if (d->form == FORM_MARKDOWN && i == 0)
            add_rule(d, widths);
    }
    free(widths);
}

static void add_html_row(struct document *d, const struct table *t, unsigned first, const char *tag,
                         const char *attribute)
{
    for (unsigned i = 0; i < t->columns; i++)
        text_add(&d->out, "<%s%s%s>%s</%s>%s", tag, attribute,
                 t->alignment[i] == 'r' ? " class=\"r\"" : "", t->cells[first + i], tag,
                 *attribute ? "\n" : "");
}

static void add_html_table(struct document *d, const struct table *t)
{
    text_add_string(&d->out,
                    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"table\">"
                    "<table>\n<thead><tr>\n");
    add_html_row(d, t, 0, "th", " scope=\"col\"");
    text_add_string(&d->out, "</tr></thead>\n<tbody>\n");
    for (unsigned i = t->columns; i < t->count; i += t->columns) {
        text_add_string(&d->out, "<tr>");
        add_html_row(d, t, i, "td", "");
        text_add_string(&d->out, "</tr>\n");
    }
    text_add_string(&d->out, "</tbody></table></div>\n");
}

void document_drop_table(struct document *d)
{
    struct table *t = d->table;
    for (unsigned i = 0; i < t->count; i++)
        free(t->cells[i]);
    free(t->cells);
    free(t);
    d->table = NULL;
}

void document_end_table(struct document *d)
{
    struct table *t = d->table;
    if (t->count % t->columns != 0)
        fail("internal error: a table's last row has %u of %u cells", t->count % t->columns,
             t->columns);
    (d->form == FORM_HTML ? add_html_table : add_text_table)(d, t);
    document_drop_table(d);
}
