#ifndef WAKEONE_LOOKUP_H
#define WAKEONE_LOOKUP_H

struct configuration;

/* Configurations, each with a number, found by their values in constant time. Begins as {NULL}; counts of rows and samples are
 * no part of a key. Keys are copied, their `server` is not: it must outlive the lookup. Ends the program when memory is out. */
struct lookup {
    struct lookup_entry *all;
    unsigned count, room, size, *table;
};

/* Adds a key that is not there yet. Returns its number: the one it was added with first. */
unsigned lookup_add(struct lookup *lookup, const struct configuration *key, unsigned number);

/* The number of a key, -1 if it is not there. */
int lookup_find(const struct lookup *lookup, const struct configuration *key);
void lookup_free(struct lookup *lookup);

#endif
