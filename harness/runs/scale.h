#ifndef WAKEONE_SCALE_H
#define WAKEONE_SCALE_H

/*
 * Throughput by number of CPUs. Workers and load go with the CPUs as they were asked for (settings.tsv): "8", "4/cpu",
 * "1/2cpu"; what was asked for alike is a group, and in a group each server is a line. The speed-up is to the fewest CPUs of the
 * same line, paired: from the same rounds. Ideal is in proportion to the CPUs; efficiency is speed-up / ideal.
 */

#include "run.h"
#include "text.h"

struct scale_line {
    const struct configuration *configuration;
    const char *workers, *load;                            /* as asked for */
    double throughput_rps, throughput_min, throughput_max; /* NAN = only counts were taken */
    size_t pairs;              /* 0 = no speed-up, and all below is NAN */
    double speedup, low, high; /* as published */
    double ideal, efficiency;
};

struct scale {
    struct scale_line
        *lines; /* in the order of scale.csv: by server, workers, load, requests, CPUs */
    unsigned count, room;
    char *workers, *loads; /* the settings, in parts */
};

/* Of a run with settings. */
struct scale scale_of(const struct run *run);
void scale_free(struct scale *scale);

/* scale.csv (results/README.md), and the same as a table for people. */
void scale_csv(const struct scale *scale, struct text *csv);
void scale_table(const struct scale *scale, struct text *table);

/* "4/cpu,1/2cpu,1": workers, load and requests of a line, as scale.csv has them; to be freed. */
char *scale_group(const struct scale_line *line);

/* How many "4/cpu", "1/2cpu" (one for each two CPUs, and at least one) or "4" are with so many CPUs. */
double per_cpu(const char *asked, double cpus);

#endif
