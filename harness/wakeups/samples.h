/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SAMPLES_H
#define WAKEONE_SAMPLES_H

/* Counting for a part of the time: confidence intervals of ratios estimated from samples. */

#include "harness/stats/sampled.h"

#include <stdint.h>

/* For `on_ns` of every `every_ns`; 0 = all the time. */
struct sampling {
    uint64_t on_ns, every_ns;
};

/* Parses "1s/10s". Ends the program with a usage error if invalid. */
struct sampling sampling_parse(const char *text);

/* Totals since counting began. */
struct totals {
    uint64_t wakeups, for_connection;
    uint64_t accepted, seen; /* connections; accepted: NOT_COUNTED = unknown */
};

struct samples {
    unsigned count;
    uint64_t ns; /* total length */
    struct totals last;
    struct sampled_sums wakeups, for_accepted, for_seen;
};

/* Adds a sample of `ns`, at whose end the totals are these. */
void samples_add(struct samples *samples, struct totals totals, uint64_t ns);

/* Per connection, with 95 % interval: wakeups, and those caused by new connections, as in a report. */
struct sampled_ratio samples_wakeups(const struct samples *samples);
struct sampled_ratio samples_woken(const struct samples *samples);

#endif
