/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SPREAD_H
#define WAKEONE_SPREAD_H

/* The position of a name at the end of a line: heights from 0 to 1. */
struct placed_name {
    unsigned series;
    double wanted, at; /* `at` is set by spread_names() */
};

/* Moves names apart by the minimum that keeps a gap between them, in their order, within 0 and 1. If there is no room for all,
 * they are evenly spaced. */
void spread_names(struct placed_name *names, unsigned count, double gap);

#endif
