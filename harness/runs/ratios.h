/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_RATIOS_H
#define WAKEONE_RATIOS_H

/*
 * The ratio of a column to the baseline's in the same round, for each configuration, and its outcome. The noise threshold of a
 * configuration is the difference between A/A control and baseline in the same block (workers, CPUs, load): the distance of
 * their ratio from 1 or, if its interval excludes 1, that of the interval's far end.
 *
 * All numbers are as published: ratios with 4 decimals.
 */

#include "run.h"

#include "harness/stats/paired.h"

struct ratio {
    unsigned configuration; /* index into run->trials.configurations */
    unsigned first;         /* row of the first pair: index into run->trials.all */
    struct paired paired;   /* from all values, not rounded */
    double ratio, low, high, smallest, drift; /* with 4 decimals; NAN = none */
    double threshold;                         /* as a share; NAN = no control in this block */
    enum outcome outcome;
    char *outliers; /* numbers of the pairs that are outliers, from 1: "2+5"; "" for none */
    char sentence[SENTENCE_SIZE];
};

struct ratios {
    struct ratio *all; /* in the order of their first pairs in the file */
    unsigned count, room;
};

struct ratios ratios_of(const struct run *run, enum column column);
void ratios_free(struct ratios *ratios);

/* NULL if the configuration has no ratio. */
const struct ratio *ratio_of(const struct ratios *ratios, unsigned configuration);

/* The noise threshold from a published ratio of the control to the baseline. */
double noise_threshold(double ratio, double low, double high);

#endif
