/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_ARRAY_H
#define WAKEONE_ARRAY_H

#include <stddef.h>

/* Ensures room for one element in addition to the existing `count`: returns `all`, reallocated with
 * *room increased if necessary. Start with NULL and 0. Ends the program if out of memory. */
void *array_grow(void *all, unsigned count, unsigned *room, size_t size);

#endif
