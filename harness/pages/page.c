/* SPDX-License-Identifier: BSD-2-Clause */
#include "page.h"

#include "replace.h"

#include "harness/lib/version.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_LENGTH = 76 };

/* Sections are collected, since options may precede the rest of the description. */
enum section { USAGE, DESCRIPTION, OPTIONS, EXAMPLES, SECTIONS };

struct page {
    struct text sections[SECTIONS];
    const char *heading; /* of the following terms; "" = none or already written */
    bool new_paragraph;  /* before the next text */
};

static const struct replacement escapes[] = {{"\\", "\\e"}, {"-", "\\-"}, {NULL, NULL}};

/* ---- text ---- */

/* A dot or quote at the beginning of a line is a request. */
static void add_guard(struct text *to, const char *line)
{
    if (*line == '.' || *line == '\'')
        text_add_string(to, "\\&");
}

/* Adds filled lines, without a newline at the end. */
static void add_filled(struct text *to, const char *text)
{
    struct text escaped = {NULL, 0, 0};
    size_t length = 0; /* of the line */
    add_replaced(&escaped, text, escapes);
    const char *const all = text_of(&escaped);
    for (const char *word = all, *end; word; word = *end ? end + 1 : NULL) {
        end = word + strcspn(word, " ");
        size_t bytes = (size_t)(end - word);
        bool is_full = length > 0 && length + bytes > LINE_LENGTH;
        if (word > all)
            text_add_string(to, is_full ? "\n" : " ");
        length = is_full ? 0 : length + (word > all);
        if (length == 0)
            add_guard(to, word);
        text_add_bytes(to, word, bytes);
        length += bytes;
    }
    text_free(&escaped);
}

static void add_marked(struct text *to, const char *before, const char *text, const char *after)
{
    text_add_string(to, before);
    add_filled(to, text);
    text_add_string(to, after);
}

static void add_bold(struct text *to, const char *text)
{
    add_marked(to, "\\fB", text, "\\fR");
}

/* ---- entries ---- */

/* The command up to its arguments: the first word that begins with a bracket, a dash or a capital. */
static size_t command_length(const char *usage)
{
    const char *space = usage;
    while ((space = strchr(space, ' ')) && !strchr("[-", space[1]) &&
           !isupper((unsigned char)space[1]))
        space++;
    return space ? (size_t)(space - usage) : strlen(usage);
}

static void add_usage(struct page *page, const struct entry *entry)
{
    struct text *to = &page->sections[USAGE];
    size_t length = command_length(entry->text);
    char *command = copy_bytes(entry->text, length);
    text_add_string(to, to->length > 0 ? ".br\n" : "");
    add_bold(to, command);
    add_marked(to, "", entry->text + length, "\n");
    free(command);
}

static void add_text(struct page *page, const struct entry *entry)
{
    struct text *to = &page->sections[DESCRIPTION];
    bool is_end = entry->text[0] == '\0';
    if (!is_end)
        add_marked(to, page->new_paragraph ? ".PP\n" : "", entry->text, "\n");
    page->new_paragraph = is_end && to->length > 0;
}

static void keep_heading(struct page *page, const struct entry *entry)
{
    page->heading = entry->text;
}

/* Begins a term, after the pending heading. */
static void begin_term(struct page *page, enum section section)
{
    struct text *to = &page->sections[section];
    if (page->heading[0])
        add_marked(to, ".SS ", page->heading, "\n");
    page->heading = "";
    text_add_string(to, ".TP\n");
}

static void add_option(struct page *page, const struct entry *entry)
{
    struct text *to = &page->sections[OPTIONS];
    bool is_word = entry->argument[0] == ' '; /* of its own */
    begin_term(page, OPTIONS);
    if (entry->letter[0]) {
        add_bold(to, entry->letter);
        text_add_string(to, ", ");
    }
    add_bold(to, entry->text);
    add_marked(to, is_word ? " \\fI" : "", entry->argument + is_word, is_word ? "\\fR" : "");
    add_marked(to, "\n", entry->help, "\n");
}

static void add_item(struct page *page, const struct entry *entry)
{
    struct text *to = &page->sections[DESCRIPTION];
    begin_term(page, DESCRIPTION);
    add_bold(to, entry->text);
    add_marked(to, "\n", entry->help, "\n");
    page->new_paragraph = true;
}

static void add_also(struct page *page, const struct entry *entry)
{
    text_add(&page->sections[OPTIONS],
             ".PP\nAll options of\n.BR wakeone\\-%s (1)\nare accepted, too.\n", entry->text);
}

static void add_example(struct page *page, const struct entry *entry)
{
    struct text *to = &page->sections[EXAMPLES];
    text_add_string(to, to->length > 0 ? "\n" : "");
    add_guard(to, entry->text);
    add_replaced(to, entry->text, escapes);
    text_add_string(to, "\n");
}

static void (*const add_entry[ENTRY_KINDS])(struct page *page, const struct entry *entry) = {
    [ENTRY_USAGE] = add_usage,     [ENTRY_TEXT] = add_text, [ENTRY_HEADING] = keep_heading,
    [ENTRY_OPTION] = add_option,   [ENTRY_ITEM] = add_item, [ENTRY_ALSO] = add_also,
    [ENTRY_EXAMPLE] = add_example,
};

/* ---- the page ---- */

static void add_head(struct text *to, const char *title, const struct entry *name)
{
    char *line;
    text_add_string(to, ".TH ");
    for (const char *at = title; *at; at++)
        text_add(to, "%c", toupper((unsigned char)*at));
    text_add(to, " 1 %s \"wakeone %s\" \"wakeone manual\"\n.SH NAME\n", WAKEONE_DATE,
             WAKEONE_VERSION);
    line = format_string("%s - %.*s", title, (int)strcspn(name->help, ";"), name->help);
    add_marked(to, "", line, "\n");
    free(line);
}

/* The synopsis as a sentence. */
static void add_synopsis(struct text *to, const char *synopsis)
{
    char *sentence = format_string("%c%s.", toupper((unsigned char)synopsis[0]), synopsis + 1);
    add_marked(to, "", sentence, "\n");
    free(sentence);
}

static void add_see_also(struct text *to, const char *title)
{
    static const char *const pages[] = {"load", "wakeone", "wakeups", "wire"};
    text_add_string(to, ".SH SEE ALSO\n");
    for (unsigned i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strcmp(pages[i], title) != 0)
            text_add(to, ".BR %s (1),\n", pages[i]);
    text_add_string(to, ".BR wakeone (7)\n");
}

static const char exit_status[] =
    ".SH EXIT STATUS\n"
    ".TP\n.B 0\nDone.\n"
    ".TP\n.B 1\nFailed; the reason is one line on standard error.\n"
    ".TP\n.B 2\nUsage error.\n"
    ".TP\n.B 3\nDone, but some samples are invalid, or the machine is not fit to measure on.\n";

void page_write(const struct description *d, const char *title, struct text *to)
{
    struct page page = {.heading = ""};
    const struct entry *name = description_next(d, ENTRY_NAME, NULL);
    for (unsigned i = 0; i < d->count; i++)
        if (add_entry[d->entries[i].kind])
            add_entry[d->entries[i].kind](&page, &d->entries[i]);
    if (page.sections[DESCRIPTION].length == 0)
        add_synopsis(&page.sections[DESCRIPTION], name->help);
    add_head(to, title, name);
    text_add(to, ".SH SYNOPSIS\n%s", text_of(&page.sections[USAGE]));
    text_add(to, ".SH DESCRIPTION\n%s", text_of(&page.sections[DESCRIPTION]));
    text_add(to, ".SH OPTIONS\n%s", text_of(&page.sections[OPTIONS]));
    text_add_string(to, exit_status);
    text_add(to, ".SH EXAMPLES\n.nf\n%s.fi\n", text_of(&page.sections[EXAMPLES]));
    add_see_also(to, title);
    for (unsigned i = 0; i < SECTIONS; i++)
        text_free(&page.sections[i]);
}
