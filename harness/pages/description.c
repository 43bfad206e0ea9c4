/* SPDX-License-Identifier: BSD-2-Clause */
#include "description.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/stats/lines.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bool option, help; /* fields besides the text */
} kinds[ENTRY_KINDS] = {
    [ENTRY_NAME] = {"name", false, true},    [ENTRY_USAGE] = {"usage", false, false},
    [ENTRY_TEXT] = {"text", false, false},   [ENTRY_HEADING] = {"heading", false, false},
    [ENTRY_OPTION] = {"option", true, true}, [ENTRY_ITEM] = {"item", false, true},
    [ENTRY_ALSO] = {"also", false, false},   [ENTRY_EXAMPLE] = {"example", false, false},
};

static const char *copy_of(const char *string)
{
    return copy_string(string ? string : "");
}

void description_add(struct description *d, struct entry entry)
{
    d->entries = array_grow(d->entries, d->count, &d->room, sizeof *d->entries);
    d->entries[d->count++] = (struct entry){
        .kind = entry.kind,
        .text = copy_of(entry.text),
        .letter = copy_of(entry.letter),
        .argument = copy_of(entry.argument),
        .choices = copy_of(entry.choices),
        .help = copy_of(entry.help),
    };
}

void entry_set(const char **member, const char *string)
{
    free((char *)*member);
    *member = copy_of(string);
}

const struct entry *description_next(const struct description *d, enum entry_kind kind,
                                     const struct entry *after)
{
    for (unsigned i = after ? (unsigned)(after - d->entries) + 1 : 0; i < d->count; i++)
        if (d->entries[i].kind == kind)
            return &d->entries[i];
    return NULL;
}

bool description_has_option(const struct description *d, const char *name)
{
    const struct entry *option = NULL;
    while ((option = description_next(d, ENTRY_OPTION, option)))
        if (strcmp(option->text, name) == 0)
            return true;
    return false;
}

/* ---- lists ---- */

/* ENTRY_KINDS for an unknown kind. */
static enum entry_kind kind_of(const char *name)
{
    enum entry_kind kind = 0;
    while (kind < ENTRY_KINDS && strcmp(kinds[kind].name, name) != 0)
        kind++;
    return kind;
}

static void read_entry(struct description *d, const struct lines *lines)
{
    char *const *fields = lines->fields;
    enum entry_kind kind = kind_of(fields[0]);
    if (kind == ENTRY_KINDS)
        lines_refuse(lines, 1, "a kind of entry");
    if ((kind == ENTRY_NAME) != (d->count == 0))
        lines_refuse(lines, 1, "'name' in the first line, and only there,");
    if (lines->columns != 2u + (kinds[kind].option ? 3 : 0) + kinds[kind].help)
        lines_refuse(lines, 1, "an entry with all of its fields");
    struct entry entry = {.kind = kind, .text = fields[1]};
    if (kinds[kind].option) {
        entry.letter = fields[2];
        entry.argument = fields[3];
        entry.choices = fields[4];
    }
    if (kinds[kind].help)
        entry.help = fields[lines->columns - 1];
    description_add(d, entry);
}

void description_read(struct description *d, FILE *file, const char *name)
{
    struct lines lines = {.file = file, .name = name, .least = 2, .most = 6};
    while (lines_next(&lines)) {
        read_entry(d, &lines);
        lines.columns = 0; /* the next line may have a different number of fields */
    }
    if (d->count == 0)
        fail("%s: empty: expected a description", name);
}

void description_write(const struct description *d, struct text *to)
{
    for (const struct entry *entry = d->entries; entry < d->entries + d->count; entry++) {
        text_add(to, "%s\t%s", kinds[entry->kind].name, entry->text);
        if (kinds[entry->kind].option)
            text_add(to, "\t%s\t%s\t%s", entry->letter, entry->argument, entry->choices);
        if (kinds[entry->kind].help)
            text_add(to, "\t%s", entry->help);
        text_add_string(to, "\n");
    }
}

void description_free(struct description *d)
{
    for (struct entry *entry = d->entries; entry < d->entries + d->count; entry++) {
        const char *const fields[] = {entry->text, entry->letter, entry->argument, entry->choices,
                                      entry->help};
        for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++)
            free((char *)fields[i]);
    }
    free(d->entries);
    *d = (struct description){NULL, 0, 0};
}
