/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_DESCRIPTION_H
#define WAKEONE_DESCRIPTION_H

/*
 * The description of a program or command, the source of its manual page and completion. As text it is a list, one entry per
 * line, fields separated by tabs:
 *
 *   name     NAME  SYNOPSIS      the first line
 *   usage    LINE
 *   text     LINE                of a paragraph; empty between paragraphs
 *   heading  LINE                of the options or items that follow
 *   option   --NAME  -L  ARGUMENT  CHOICES  HELP   ARGUMENT with its separator: " N", "[=FILE]", or empty; CHOICES are
 *                                space-separated; -L and CHOICES may be empty
 *   item     TERM  HELP          of a list, not an option
 *   also     COMMAND             whose options are accepted, too
 *   example  LINE
 *
 * Commands are described by their opening comments (comment.h), programs by their output for --options.
 */

#include "harness/runs/text.h"

#include <stdio.h>

enum entry_kind {
    ENTRY_NAME,
    ENTRY_USAGE,
    ENTRY_TEXT,
    ENTRY_HEADING,
    ENTRY_OPTION,
    ENTRY_ITEM,
    ENTRY_ALSO,
    ENTRY_EXAMPLE,
    ENTRY_KINDS
};

struct entry {
    enum entry_kind kind;
    const char *text;                        /* NAME, LINE, --NAME, TERM or COMMAND */
    const char *letter, *argument, *choices; /* of an option */
    const char *help;                        /* SYNOPSIS or HELP */
};

/* Begins as {NULL}. */
struct description {
    struct entry *entries;
    unsigned count, room;
};

/* Adds a copy. NULL members become "". */
void description_add(struct description *d, struct entry entry);

/* Replaces a member of an entry by a copy of `string` (NULL = ""). */
void entry_set(const char **member, const char *string);

/* The first entry of that kind after the entry `after` of `d` (NULL = from the start). NULL if there is none. */
const struct entry *description_next(const struct description *d, enum entry_kind kind,
                                     const struct entry *after);

/* `name` includes the dashes */
bool description_has_option(const struct description *d, const char *name);

/* Reads a list. An invalid line ends the program with EXIT_FAILED. `name`: of the file, for messages. */
void description_read(struct description *d, FILE *file, const char *name);

/* Adds the list to `to`. */
void description_write(const struct description *d, struct text *to);

void description_free(struct description *d);

#endif
