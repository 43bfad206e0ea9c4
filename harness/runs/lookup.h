/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_LOOKUP_H
#define WAKEONE_LOOKUP_H

struct configuration;

/* Maps configurations to numbers, by their values, in constant time. Begins as {NULL}; counts of rows and samples are not part
 * of a key. Keys are copied, but not their `server`, which must outlive the lookup. Ends the program when out of memory. */
struct lookup {
    struct lookup_entry *all;
    unsigned count, room, size, *table;
};

/* Adds a key if it is new. Returns its number: the first one it was added with. */
unsigned lookup_add(struct lookup *lookup, const struct configuration *key, unsigned number);

/* The number of a key, -1 if not found. */
int lookup_find(const struct lookup *lookup, const struct configuration *key);
void lookup_free(struct lookup *lookup);

#endif
