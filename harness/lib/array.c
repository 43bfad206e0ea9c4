/* SPDX-License-Identifier: BSD-2-Clause */
#include "array.h"

#include "message.h"

#include <stdlib.h>

void *array_grow(void *all, unsigned count, unsigned *room, size_t size)
{
    if (count < *room)
        return all;
    *room = *room ? 2 * *room : 16;
    all = realloc(all, *room * size);
    if (!all)
        fail("out of memory");
    return all;
}
