#ifndef WAKEONE_LATENCIES_H
#define WAKEONE_LATENCIES_H

/*
 * The latencies of all valid trials of a configuration, added up: from hist/TRIAL.hgrm of each trial, or from
 * latency/CONFIGURATION.hgrm, as `compact` has merged them; HdrHistogram's percentile format. Files come from elsewhere: one that
 * is missing, damaged, or not of so many trials is refused.
 */

#include "run.h"
#include "text.h"

struct bucket {
    double value;             /* us: the upper edge */
    unsigned long long count; /* up to here */
};

struct latencies {
    struct bucket *buckets; /* upwards */
    unsigned count;
    unsigned trials;
};

/* Whether the run has either. */
bool has_latencies(const struct run *run);

bool latencies_read(const struct run *run, const struct configuration *c,
                    struct latencies *latencies, struct complaint *complaint);
void latencies_free(struct latencies *latencies);

/* The same as a file of latency/, and its name, to be freed. */
void latencies_write(const struct latencies *latencies, struct text *file);
char *latencies_name(const struct configuration *c);

#endif
