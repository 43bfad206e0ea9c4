/* SPDX-License-Identifier: BSD-2-Clause */
#include "lookup.h"

#include "rows.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct lookup_entry {
    struct configuration key;
    unsigned number;
};

/* FNV-1a */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    for (const unsigned char *at = bytes, *end = at + size; at < end; at++)
        hash = (hash ^ *at) * UINT64_C(1099511628211);
    return hash;
}

/* Several NANs and two zeros compare equal. */
static double one_of_its_kind(double value)
{
    return isnan(value) ? -1 : value == 0 ? 0 : value;
}

static uint64_t hash_of(const struct configuration *c)
{
    const double values[] = {c->workers, c->cpus, c->connections, c->rate, c->requests};
    uint64_t hash = hash_bytes(UINT64_C(14695981039346656037), c->server, strlen(c->server));
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double value = one_of_its_kind(values[i]);
        hash = hash_bytes(hash, &value, sizeof value);
    }
    return hash;
}

/* The slot of a key (the entry's index + 1), or the empty slot for it */
static unsigned *place_of(const struct lookup *lookup, const struct configuration *key)
{
    for (uint64_t i = hash_of(key);; i++) {
        unsigned *place = &lookup->table[i % lookup->size];
        if (!*place || same_configuration(&lookup->all[*place - 1].key, key))
            return place;
    }
}

static void grow_table(struct lookup *lookup)
{
    free(lookup->table);
    lookup->size = lookup->size ? 2 * lookup->size : 64;
    lookup->table = calloc(lookup->size, sizeof *lookup->table);
    if (!lookup->table)
        fail("out of memory");
    for (unsigned i = 0; i < lookup->count; i++)
        *place_of(lookup, &lookup->all[i].key) = i + 1;
}

unsigned lookup_add(struct lookup *lookup, const struct configuration *key, unsigned number)
{
    if (2 * (lookup->count + 1) > lookup->size)
        grow_table(lookup);
    unsigned *place = place_of(lookup, key);
    if (*place)
        return lookup->all[*place - 1].number;
    lookup->all = array_grow(lookup->all, lookup->count, &lookup->room, sizeof *lookup->all);
    lookup->all[lookup->count++] = (struct lookup_entry){*key, number};
    *place = lookup->count;
    return number;
}

int lookup_find(const struct lookup *lookup, const struct configuration *key)
{
    unsigned place = lookup->size ? *place_of(lookup, key) : 0;
    return place ? (int)lookup->all[place - 1].number : -1;
}

void lookup_free(struct lookup *lookup)
{
    free(lookup->all);
    free(lookup->table);
    *lookup = (struct lookup){.all = NULL};
}
