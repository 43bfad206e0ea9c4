#ifndef WAKEONE_REPLACE_H
#define WAKEONE_REPLACE_H

/* Words and escapes: parts of a text that are replaced by others. */

#include "harness/runs/text.h"

/* A table ends with {NULL}. `from` is not empty. */
struct replacement {
    const char *from, *to;
};

/* Adds `text`, in which each `from` is replaced. What was put in its place is not looked at again. */
void add_replaced(struct text *to, const char *text, const struct replacement *table);

#endif
