#ifndef WAKEONE_NAMES_H
#define WAKEONE_NAMES_H

/* Things by their names, found in logarithmic time and kept in the order in which the names first
 * came. What is kept is a struct of the caller's whose first member is a struct named. */

#include <stddef.h>

struct named {
    char *name;
};

struct names {
    void *tree;
    struct named **all;
    unsigned count, room;
};

/* NULL if there is none. */
void *names_find(const struct names *names, const char *name);

/* What has the name: `size` bytes, all 0 except for the name if there was none before. Ends the
 * program when memory is out. */
void *names_add(struct names *names, const char *name, size_t size);

/* Calls `clean` (NULL = nothing to do) on each before it is freed. */
void names_free(struct names *names, void (*clean)(void *thing));

#endif
