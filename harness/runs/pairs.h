#ifndef WAKEONE_PAIRS_H
#define WAKEONE_PAIRS_H

/* Two servers side by side: what both measured in the same round of the same block (workers, CPUs, load). */

#include "run.h"

#include "harness/stats/paired.h"

struct pair {
    struct configuration block; /* its server is "" */
    double round, a, b;
};

struct pairs {
    struct pair *all; /* in the order in which the first server's rows stand in the file */
    unsigned count;
};

/* Of valid rows whose values are above 0. Of two rows of one round the later one counts. */
struct pairs pairs_of(const struct run *run, const char *a, const char *b, enum column column);
void pairs_free(struct pairs *pairs);

/* The ratio of the pairs [from, to), with a 95 % interval. */
struct paired pairs_ratio(const struct pairs *pairs, unsigned from, unsigned to);

#endif
