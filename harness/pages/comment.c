/* SPDX-License-Identifier: BSD-2-Clause */
#include "comment.h"

#include "replace.h"

#include "harness/lib/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyz"

struct comment {
    struct description *description;
    unsigned open;    /* the first entry whose help may continue; the number of entries = none */
    bool shared;      /* the open entries share the help of the next term */
    struct text help; /* shared by all open entries */
    bool in_usage;
    char *also; /* command whose options are accepted, too; NULL = none */
};

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static size_t indent_of(const char *line)
{
    return strspn(line, " ");
}

static void add(struct comment *c, enum entry_kind kind, const char *text)
{
    description_add(c->description, (struct entry){.kind = kind, .text = text});
}

/* Ends the help of the open entries. */
static void close_terms(struct comment *c)
{
    for (; c->open < c->description->count; c->open++)
        entry_set(&c->description->entries[c->open].help, text_of(&c->help));
    c->shared = false;
}

static void add_closed(struct comment *c, enum entry_kind kind, const char *text)
{
    close_terms(c);
    add(c, kind, text);
    c->open = c->description->count;
}

/* ---- terms ---- */

/* The fixed values in " half|shared|S:C": "half shared"; "" for none. */
static void add_choices(struct text *to, const char *argument)
{
    if (!strchr(argument, '|'))
        return;
    for (const char *part = argument + indent_of(argument); part; part = strchr(part, '|')) {
        part += *part == '|';
        size_t length = strspn(part, LETTERS "-");
        if (length == 0 || (part[length] != '|' && part[length] != '\0'))
            continue;
        text_add_string(to, to->length > 0 ? " " : "");
        text_add_bytes(to, part, length);
    }
}

/* "--cpus LIST": quotes around an argument are for the shell. */
static void add_option(struct comment *c, const char *term)
{
    static const struct replacement unquoted[] = {{"\"", ""}, {NULL, NULL}};
    struct text argument = {NULL, 0, 0}, choices = {NULL, 0, 0};
    size_t length = strcspn(term, " [");
    char *name = copy_bytes(term, length);
    add_replaced(&argument, term + length, unquoted);
    add_choices(&choices, text_of(&argument));
    description_add(c->description, (struct entry){.kind = ENTRY_OPTION,
                                                   .text = name,
                                                   .argument = text_of(&argument),
                                                   .choices = text_of(&choices)});
    free(name);
    text_free(&argument);
    text_free(&choices);
}

/* "--rate N, --rounds N" */
static void add_options(struct comment *c, char *term)
{
    size_t length = strlen(term);
    c->shared = term[length - 1] == ',';
    if (c->shared)
        term[length - 1] = '\0';
    for (char *next; term; term = next) {
        next = strstr(term, ", ");
        if (next) {
            *next = '\0';
            next += 2;
        }
        add_option(c, term);
    }
}

/* If the line before a term is its heading, there is no other entry between the two. */
static void make_heading(struct description *d)
{
    struct entry *last = d->count > 0 ? &d->entries[d->count - 1] : NULL;
    size_t length = last ? strlen(last->text) : 0;
    if (!last || last->kind != ENTRY_TEXT || length == 0 || last->text[length - 1] != ':')
        return;
    char *heading = copy_bytes(last->text, length - 1);
    entry_set(&last->text, heading);
    free(heading);
    last->kind = ENTRY_HEADING;
}

static bool is_term(const struct comment *c, const char *line)
{
    size_t indent = indent_of(line);
    (void)c;
    return indent >= 1 && indent <= 3 && line[indent] != '\0';
}

/* A term and its help, which may begin on the next line. */
static void take_term(struct comment *c, char *line)
{
    char *term = line + indent_of(line), *gap = strstr(term, "  ");
    bool is_option = starts_with(term, "--");
    if (!c->shared || !is_option)
        close_terms(c);
    make_heading(c->description);
    text_free(&c->help);
    if (gap) {
        text_add_string(&c->help, gap + indent_of(gap));
        *gap = '\0';
    }
    if (is_option)
        add_options(c, term);
    else
        add(c, ENTRY_ITEM, term);
}

static bool is_more_help(const struct comment *c, const char *line)
{
    return indent_of(line) >= 4 && c->open < c->description->count;
}

static void take_more_help(struct comment *c, char *line)
{
    text_add(&c->help, "%s%s", c->help.length > 0 ? " " : "", line + indent_of(line));
}

/* ---- other lines ---- */

static bool is_name(const struct comment *c, const char *line)
{
    (void)line;
    return c->description->count == 0;
}

/* comment_read() has checked that there is a synopsis. */
static void take_name(struct comment *c, char *line)
{
    char *colon = strstr(line, ": ");
    *colon = '\0';
    description_add(c->description,
                    (struct entry){.kind = ENTRY_NAME, .text = line, .help = colon + 2});
    c->open = c->description->count;
}

static bool is_usage(const struct comment *c, const char *line)
{
    size_t indent = indent_of(line);
    return starts_with(line, "usage: ") ||
           (c->in_usage && indent >= 2 && starts_with(line + indent, "wakeone"));
}

static void take_usage(struct comment *c, char *line)
{
    static const char others[] = "OPTIONS OF ";
    const char *other = strstr(line, others);
    if (other && strspn(other + strlen(others), LETTERS) > 0) {
        other += strlen(others);
        free(c->also);
        c->also = copy_bytes(other, strspn(other, LETTERS));
    }
    line += starts_with(line, "usage:") ? strlen("usage:") : 0;
    add_closed(c, ENTRY_USAGE, line + indent_of(line));
}

static bool is_example(const struct comment *c, const char *line)
{
    (void)c;
    return starts_with(line, "example: ");
}

static void take_example(struct comment *c, char *line)
{
    add_closed(c, ENTRY_EXAMPLE, line + strlen("example: "));
}

static bool is_any(const struct comment *c, const char *line)
{
    (void)c, (void)line;
    return true;
}

static void take_text(struct comment *c, char *line)
{
    add_closed(c, ENTRY_TEXT, line);
}

/* The first function that accepts a line handles it. */
static const struct {
    bool (*is)(const struct comment *c, const char *line);
    void (*take)(struct comment *c, char *line);
} takers[] = {
    {is_name, take_name}, {is_usage, take_usage},         {is_example, take_example},
    {is_term, take_term}, {is_more_help, take_more_help}, {is_any, take_text},
};

static void take_line(struct comment *c, char *line)
{
    unsigned i = 0;
    while (!takers[i].is(c, line))
        i++;
    takers[i].take(c, line);
    c->in_usage = takers[i].take == take_usage;
}

/* ---- the comment ---- */

/* The line without "# ", with the names of an installed copy. NULL at the end of the comment. */
static char *read_line(FILE *file, const char *name, struct text *line)
{
    static const struct replacement installed[] = {
        {"./run.sh", "wakeone"}, {"build/bin/", ""}, {NULL, NULL}};
    char *text = NULL;
    size_t size = 0;
    ssize_t length = getline(&text, &size, file);
    if (length < 0 && ferror(file))
        fail("cannot read %s: %s", name, strerror(errno));
    bool is_comment = length > 0 && text[0] == '#';
    text_free(line);
    text_add_string(line, "");
    if (is_comment) {
        text[strcspn(text, "\n")] = '\0';
        add_replaced(line, text + (text[1] == ' ' ? 2 : 1), installed);
    }
    free(text);
    return is_comment ? line->text : NULL;
}

static void add_common(struct description *d, const char *name, const char *help)
{
    if (!description_has_option(d, name))
        description_add(d, (struct entry){.kind = ENTRY_OPTION, .text = name, .help = help});
}

void comment_read(struct description *d, FILE *file, const char *name)
{
    struct comment c = {.description = d};
    struct text text = {NULL, 0, 0};
    char *line = read_line(file, name, &text); /* #! */
    line = line ? read_line(file, name, &text) : NULL;
    if (!line || !strstr(line, ": "))
        fail("%s, line 2: expected '# NAME: what it does'", name);
    for (; line; line = read_line(file, name, &text))
        take_line(&c, line);
    close_terms(&c);
    add_common(d, "--help", "print this text");
    add_common(d, "--version", "print the version");
    if (c.also)
        add(&c, ENTRY_ALSO, c.also);
    free(c.also);
    text_free(&c.help);
    text_free(&text);
}
