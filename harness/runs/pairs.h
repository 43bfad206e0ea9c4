/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PAIRS_H
#define WAKEONE_PAIRS_H

/* Pairs of two servers: samples of both in the same round of the same block (workers, CPUs, load). */

#include "run.h"

#include "harness/stats/paired.h"

struct pair {
    struct configuration block; /* its server is "" */
    double round, a, b;
};

struct pairs {
    struct pair *all; /* in the order of the first server's rows in the file */
    unsigned count;
};

/* Uses valid samples with values above 0, and the later one of two rows of a round. */
struct pairs pairs_of(const struct run *run, const char *a, const char *b, enum column column);
void pairs_free(struct pairs *pairs);

/* The ratio of the pairs [from, to), with a 95 % interval. */
struct paired pairs_ratio(const struct pairs *pairs, unsigned from, unsigned to);

#endif
