/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_LATENCIES_H
#define WAKEONE_LATENCIES_H

/*
 * The summed latencies of all valid trials of a configuration: from hist/TRIAL.hgrm of each trial, or from
 * latency/CONFIGURATION.hgrm, merged by `compact`; HdrHistogram's percentile format. Files may come from elsewhere: one that is
 * missing, damaged, or from a different number of trials is refused.
 */

#include "run.h"
#include "text.h"

struct bucket {
    double value;             /* upper edge, us */
    unsigned long long count; /* cumulative */
};

struct latencies {
    struct bucket *buckets; /* ascending */
    unsigned count;
    unsigned trials;
};

/* Whether the run has latencies in either form. */
bool has_latencies(const struct run *run);

bool latencies_read(const struct run *run, const struct configuration *c,
                    struct latencies *latencies, struct complaint *complaint);
void latencies_free(struct latencies *latencies);

/* The latencies as a file of latency/, and its name; the caller frees them. */
void latencies_write(const struct latencies *latencies, struct text *file);
char *latencies_name(const struct configuration *c);

#endif
