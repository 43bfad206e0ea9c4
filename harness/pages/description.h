#ifndef WAKEONE_DESCRIPTION_H
#define WAKEONE_DESCRIPTION_H

/*
 * The description of a program or command, of which its manual page and its completion are made. As text it is a list, one
 * entry a line, fields separated by tabs:
 *
 *   name     NAME  SYNOPSIS      the first line
 *   usage    LINE
 *   text     LINE                of a paragraph; empty between two
 *   heading  LINE                of the options or items that follow
 *   option   --NAME  -L  ARGUMENT  CHOICES  HELP   ARGUMENT as it follows the name: " N", "[=FILE]", or nothing; CHOICES are
 *                                space-separated; -L and CHOICES may be empty
 *   item     TERM  HELP          of a list of other things than options
 *   also     COMMAND             whose options it takes, too
 *   example  LINE
 *
 * Commands are described by their opening comments (comment.h), programs by what they print for --options.
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

/* Adds a copy. Members that are NULL are "" in it. */
void description_add(struct description *d, struct entry entry);

/* Replaces a member of an entry by a copy of `string` (NULL = ""). */
void entry_set(const char **member, const char *string);

/* The first entry of that kind after `after`, which is one of `d` (NULL = the first of all). NULL if there is none. */
const struct entry *description_next(const struct description *d, enum entry_kind kind,
                                     const struct entry *after);

/* `name` with its dashes */
bool description_has_option(const struct description *d, const char *name);

/* Reads a list. A line that is not one of the above ends the program with EXIT_FAILED. `name` is the file's, for messages. */
void description_read(struct description *d, FILE *file, const char *name);

/* Adds the list to `to`. */
void description_write(const struct description *d, struct text *to);

void description_free(struct description *d);

#endif
