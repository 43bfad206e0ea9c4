/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_NAMES_H
#define WAKEONE_NAMES_H

/* Entries by name, found in logarithmic time and kept in the order in which the names were first added. An entry is a struct
 * of the caller whose first member is a struct named. */

#include <stddef.h>

struct named {
    char *name;
};

struct names {
    void *tree;
    struct named **all;
    unsigned count, room;
};

/* NULL if it does not exist. */
void *names_find(const struct names *names, const char *name);

/* The entry with the name: `size` bytes, all 0 except for the name if it is new. Ends the program when out of memory. */
void *names_add(struct names *names, const char *name, size_t size);

/* Calls `clean` (NULL = nothing to do) on each before it is freed. */
void names_free(struct names *names, void (*clean)(void *thing));

#endif
