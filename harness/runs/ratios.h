#ifndef WAKEONE_RATIOS_H
#define WAKEONE_RATIOS_H

/*
 * Of each configuration, the ratio of a column to the baseline's in the same round, and what it is worth. The noise
 * threshold of a configuration is what the A/A control differs from the baseline by in the same block (workers, CPUs,
 * load): its ratio's distance from 1 or, where its interval leaves 1 out, that of the interval's far end.
 *
 * All numbers are as published: ratios with 4 decimals.
 */

#include "run.h"

#include "harness/stats/paired.h"

struct ratio {
    unsigned configuration; /* index into run->trials.configurations */
    unsigned first;         /* row of the first pair: index into run->trials.all */
    struct paired paired;   /* of all values, not rounded */
    double ratio, low, high, smallest, drift; /* with 4 decimals; NAN = there is none */
    double threshold; /* as a share; NAN = there is no control in this block */
    enum outcome outcome;
    char *outliers; /* numbers of the pairs that are outliers, from 1: "2+5"; "" for none */
    char sentence[SENTENCE_SIZE];
};

struct ratios {
    struct ratio *all; /* in the order in which their first pairs stand in the file */
    unsigned count, room;
};

struct ratios ratios_of(const struct run *run, enum column column);
void ratios_free(struct ratios *ratios);

/* NULL if that configuration has no ratio. */
const struct ratio *ratio_of(const struct ratios *ratios, unsigned configuration);

/* A noise threshold, from a ratio of the control to the baseline as it is published. */
double noise_threshold(double ratio, double low, double high);

#endif
