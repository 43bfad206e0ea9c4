#ifndef WAKEONE_ARRAY_H
#define WAKEONE_ARRAY_H

#include <stddef.h>

/* Makes sure that there is room for one element more than the `count` there are: `all` as it is, or
 * moved, with *room raised. Begins with NULL and 0. Ends the program when memory is out. */
void *array_grow(void *all, unsigned count, unsigned *room, size_t size);

#endif
