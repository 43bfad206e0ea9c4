/* SPDX-License-Identifier: BSD-2-Clause */
#include "spread.h"

#include "harness/lib/message.h"

#include <stdlib.h>

/* Adjacent names without a gap, centred on the mean of their wanted heights. */
struct group {
    unsigned first, size;
    double sum, middle;
};

static int by_height(const void *a, const void *b)
{
    const struct placed_name *x = *(struct placed_name *const *)a,
                             *y = *(struct placed_name *const *)b;
    return x->wanted != y->wanted ? (x->wanted > y->wanted) - (x->wanted < y->wanted)
                                  : (x > y) - (x < y);
}

/* The centre of a group, moved so that the whole group is inside */
static double within(double middle, unsigned size, double gap)
{
    double half = gap * (size - 1) / 2;
    if (middle - half < 0)
        middle = half;
    return middle + half > 1 ? 1 - half : middle;
}

static unsigned join_groups(struct group *groups, unsigned count, double gap)
{
    while (count > 1 && groups[count - 1].middle - groups[count - 2].middle <
                            gap * (groups[count - 1].size + groups[count - 2].size) / 2 - 1e-12) {
        struct group *to = &groups[count - 2];
        to->size += groups[count - 1].size;
        to->sum += groups[count - 1].sum;
        to->middle = within(to->sum / to->size, to->size, gap);
        count--;
    }
    return count;
}

void spread_names(struct placed_name *names, unsigned count, double gap)
{
    struct placed_name **order = calloc(count + 1, sizeof(struct placed_name *));
    struct group *groups = calloc(count + 1, sizeof *groups);
    unsigned group_count = 0;
    if (!order || !groups)
        fail("out of memory");
    if (count > 1 && gap * (count - 1) > 1)
        gap = 1.0 / (count - 1);
    for (unsigned i = 0; i < count; i++)
        order[i] = &names[i];
    qsort(order, count, sizeof(struct placed_name *), by_height);
    for (unsigned i = 0; i < count; i++) {
        groups[group_count++] = (struct group){i, 1, order[i]->wanted,
                                               within(order[i]->wanted, 1, gap)};
        group_count = join_groups(groups, group_count, gap);
    }
    for (unsigned g = 0; g < group_count; g++)
        for (unsigned i = 0; i < groups[g].size; i++)
            order[groups[g].first + i]->at = groups[g].middle +
                                             gap * (i - (groups[g].size - 1) / 2.0);
    free(order);
    free(groups);
}
