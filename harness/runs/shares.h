/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SHARES_H
#define WAKEONE_SHARES_H

/*
 * Shares of the connections by worker: for each configuration the share of each worker, in percent, the busiest first, means
 * over the trials; and the mean number of idle workers. Trials without connections are excluded from both. Acceptors, and
 * threads of third-party servers, are not workers. From workers.csv, or from shares.csv, merged by `compact`. Files may come
 * from elsewhere: lines that are damaged, missing, or from a different number of trials are refused, for their configuration,
 * or for all if that is unknown.
 */

#include "run.h"
#include "text.h"

struct share {
    unsigned trials; /* valid samples of the configuration */
    bool known;      /* a connection was accepted, or the file has the number of idle workers */
    double idle;     /* workers */
    double *percent; /* the busiest first */
    unsigned count;
    char *damage; /* why they are unknown: file, line, reason; NULL = none */
};

struct shares {
    struct share *all; /* by configuration in run->trials */
    unsigned count;
};

/* Whether the run has shares in either form. */
bool has_shares(const struct run *run);

/* False: no share is known; the reason is in `complaint`. */
bool shares_read(const struct run *run, struct shares *shares, struct complaint *complaint);
void shares_free(struct shares *shares);

/* shares.csv (results/README.md), configurations in the order of their first valid samples. */
void shares_write(const struct run *run, const struct shares *shares, struct text *file);

#endif
