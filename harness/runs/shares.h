#ifndef WAKEONE_SHARES_H
#define WAKEONE_SHARES_H

/*
 * How the workers share the connections: of each configuration the share that each worker took, in percent, the busiest
 * first, means over the trials; and the mean number of workers that took none. Trials in which no connection was taken count
 * for neither. Acceptors, and threads of third-party servers, are no workers. From workers.csv, or from shares.csv, as
 * `compact` has merged them. Files come from elsewhere: what is damaged, missing, or not of so many trials is refused, for the
 * configuration that it belongs to, or for all where that cannot be known.
 */

#include "run.h"
#include "text.h"

struct share {
    unsigned trials; /* valid samples of the configuration */
    bool known;      /* a connection was taken, or the file says how many workers were idle */
    double idle;     /* workers */
    double *percent; /* the busiest first */
    unsigned count;
    char *damage; /* why they are not known: file, line, reason; NULL = none */
};

struct shares {
    struct share *all; /* by configuration of run->trials */
    unsigned count;
};

/* Whether the run has either. */
bool has_shares(const struct run *run);

/* False: none of them is known; `complaint` says why. */
bool shares_read(const struct run *run, struct shares *shares, struct complaint *complaint);
void shares_free(struct shares *shares);

/* shares.csv (results/README.md), configurations in the order of their first valid samples. */
void shares_write(const struct run *run, const struct shares *shares, struct text *file);

#endif
