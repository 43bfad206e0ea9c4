/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_REPLACE_H
#define WAKEONE_REPLACE_H

/* Replaces parts of a text from a table: special characters by their escapes, names by others. */

#include "harness/runs/text.h"

/* A table ends with {NULL}. `from` is not empty. */
struct replacement {
    const char *from, *to;
};

/* Adds `text` with each `from` replaced by its `to`. Replacements are not searched again. */
void add_replaced(struct text *to, const char *text, const struct replacement *table);

#endif
