#ifndef WAKEONE_SPREAD_H
#define WAKEONE_SPREAD_H

/* Where a name at the end of a line is to stand: heights from 0 to 1. */
struct placed_name {
    unsigned series;
    double wanted, at; /* `at` is set by spread_names() */
};

/* Moves names apart so that no two are nearer to each other than the gap, as little as may be, in their order, and keeps them
 * within 0 and 1. Where there is no room for all, they are evenly spread. */
void spread_names(struct placed_name *names, unsigned count, double gap);

#endif
