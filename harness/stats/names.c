/* SPDX-License-Identifier: BSD-2-Clause */
#include "names.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

void *names_find(const struct names *names, const char *name)
{
    struct named wanted = {(char *)name};
    struct named *const *found = tfind(&wanted, &names->tree, by_name);
    return found ? *found : NULL;
}

void *names_add(struct names *names, const char *name, size_t size)
{
    struct named *thing = names_find(names, name);
    if (thing)
        return thing;
    thing = calloc(1, size);
    if (!thing || !(thing->name = strdup(name)) || !tsearch(thing, &names->tree, by_name))
        fail("out of memory");
    names->all = array_grow(names->all, names->count, &names->room, sizeof(struct named *));
    names->all[names->count++] = thing;
    return thing;
}

static void leave(void *thing)
{
    (void)thing;
}

void names_free(struct names *names, void (*clean)(void *thing))
{
    tdestroy(names->tree, leave);
    for (unsigned i = 0; i < names->count; i++) {
        if (clean)
            clean(names->all[i]);
        free(names->all[i]->name);
        free(names->all[i]);
    }
    free(names->all);
    *names = (struct names){NULL};
}
