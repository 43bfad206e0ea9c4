#ifndef WAKEONE_SAMPLES_H
#define WAKEONE_SAMPLES_H

/* Counting for a part of the time: how sure the ratios of the samples are of all the time. */

#include "harness/stats/sampled.h"

#include <stdint.h>

/* For `on_ns` of every `every_ns`; 0 = all the time. */
struct sampling {
    uint64_t on_ns, every_ns;
};

/* "1s/10s". Ends the program with a usage error if it is none. */
struct sampling sampling_parse(const char *text);

/* Since counting began. */
struct totals {
    uint64_t wakeups, for_connection;
    uint64_t accepted, seen; /* connections; accepted: NOT_COUNTED = not known */
};

struct samples {
    unsigned count;
    uint64_t ns; /* all of them together */
    struct totals last;
    struct sampled_sums wakeups, for_accepted, for_seen;
};

/* A sample of `ns` has ended, with these totals. */
void samples_add(struct samples *samples, struct totals totals, uint64_t ns);

/* Per connection, with its 95 % interval: wakeups, and those that new connections caused, as in a report. */
struct sampled_ratio samples_wakeups(const struct samples *samples);
struct sampled_ratio samples_woken(const struct samples *samples);

#endif
