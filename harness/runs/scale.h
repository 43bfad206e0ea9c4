/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SCALE_H
#define WAKEONE_SCALE_H

/*
 * Throughput by number of CPUs. Workers and load are fixed or proportional to the CPUs (settings.tsv): "8", "4/cpu", "1/2cpu";
 * configurations of the same setting are a group, with one line per server. The speed-up is relative to the fewest CPUs of the
 * same line, paired by round. The ideal is proportional to the CPUs; efficiency is speed-up / ideal.
 */

#include "run.h"
#include "text.h"

struct scale_line {
    const struct configuration *configuration;
    const char *workers, *load;                            /* as in the settings */
    double throughput_rps, throughput_min, throughput_max; /* NAN = counts only */
    size_t pairs;              /* 0 = no speed-up, and all below is NAN */
    double speedup, low, high; /* as published */
    double ideal, efficiency;
};

struct scale {
    struct scale_line
        *lines; /* in the order of scale.csv: by server, workers, load, requests, CPUs */
    unsigned count, room;
    char *workers, *loads; /* the settings, split */
};

/* For a run with settings. */
struct scale scale_of(const struct run *run);
void scale_free(struct scale *scale);

/* scale.csv (results/README.md), and the same as a table. */
void scale_csv(const struct scale *scale, struct text *csv);
void scale_table(const struct scale *scale, struct text *table);

/* "4/cpu,1/2cpu,1": workers, load and requests of a line, as in scale.csv. The caller frees it. */
char *scale_group(const struct scale_line *line);

/* The value of "4/cpu", "1/2cpu" (one per two CPUs, at least one) or "4" for a number of CPUs. */
double per_cpu(const char *asked, double cpus);

/* The same in words, "2 workers per CPU", "1 connection per 2 CPUs", "8 workers"; the caller frees them. */
char *per_cpu_words(const char *asked, const char *singular, const char *plural);

#endif
