/* SPDX-License-Identifier: BSD-2-Clause */
#include "pairs.h"

#include "harness/lib/message.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A row of one of the two servers; the other's value is NAN. Joined: a pair. */
struct side {
    struct pair pair;
    unsigned order; /* of the first server's row; UINT32_MAX = none */
};

static int by_block(const void *a, const void *b)
{
    const struct pair *p = &((const struct side *)a)->pair, *q = &((const struct side *)b)->pair;
    const struct configuration *x = &p->block, *y = &q->block;
    int order = configuration_order(&x, &y);
    return order ? order : (p->round > q->round) - (p->round < q->round);
}

/* Rows of one block and round, in the order of the file */
static int by_block_and_order(const void *a, const void *b)
{
    int order = by_block(a, b);
    const struct side *x = a, *y = b;
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static int by_order(const void *a, const void *b)
{
    const struct side *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static unsigned sides_of(const struct run *run, const char *a, const char *b, enum column column,
                         struct side *sides)
{
    const struct rows *rows = &run->trials;
    unsigned count = 0;
    for (unsigned i = 0; i < rows->count; i++) {
        const struct row *row = &rows->all[i];
        bool is_a = strcmp(row->strategy, a) == 0, is_b = strcmp(row->strategy, b) == 0;
        double value = row_number(row, column);
        if (!row_is_valid(row) || !(is_a || is_b) || !(value > 0))
            continue;
        struct configuration block = rows->configurations[rows->configuration_of[i]];
        block.server = "";
        sides[count++] = (struct side){{block, row->round, is_a ? value : NAN, is_b ? value : NAN},
                                       i};
    }
    return count;
}

/* Joins rows of one block and round, in place. */
static unsigned join(struct side *sides, unsigned count)
{
    unsigned joined = 0;
    for (unsigned i = 0, next; i < count; i = next) {
        struct side pair = {sides[i].pair, UINT32_MAX};
        for (next = i; next < count && by_block(&sides[i], &sides[next]) == 0; next++) {
            const struct side *side = &sides[next];
            if (!isnan(side->pair.a)) {
                pair.pair.a = side->pair.a;
                pair.order = side->order < pair.order ? side->order : pair.order;
            }
            if (!isnan(side->pair.b))
                pair.pair.b = side->pair.b;
        }
        if (!isnan(pair.pair.a) && !isnan(pair.pair.b))
            sides[joined++] = pair;
    }
    return joined;
}

struct pairs pairs_of(const struct run *run, const char *a, const char *b, enum column column)
{
    struct side *sides = calloc(run->trials.count + 1, sizeof *sides);
    if (!sides)
        fail("out of memory");
    unsigned count = sides_of(run, a, b, column, sides);
    qsort(sides, count, sizeof *sides, by_block_and_order);
    struct pairs pairs = {NULL, join(sides, count)};
    qsort(sides, pairs.count, sizeof *sides, by_order);
    pairs.all = calloc(pairs.count + 1, sizeof *pairs.all);
    if (!pairs.all)
        fail("out of memory");
    for (unsigned i = 0; i < pairs.count; i++)
        pairs.all[i] = sides[i].pair;
    free(sides);
    return pairs;
}

void pairs_free(struct pairs *pairs)
{
    free(pairs->all);
    *pairs = (struct pairs){NULL, 0};
}

struct paired pairs_ratio(const struct pairs *pairs, unsigned from, unsigned to)
{
    double *a = calloc(to - from + 1, sizeof *a), *b = calloc(to - from + 1, sizeof *b);
    if (!a || !b)
        fail("out of memory");
    for (unsigned i = from; i < to; i++) {
        a[i - from] = pairs->all[i].a;
        b[i - from] = pairs->all[i].b;
    }
    struct paired p = paired_ratio(a, b, to - from, 95);
    free(a);
    free(b);
    return p;
}
