#ifndef WAKEONE_SUMMARY_H
#define WAKEONE_SUMMARY_H

/*
 * A run in a few lines: of each configuration medians over its valid samples (a median of percentiles is not a percentile
 * of all requests, and is not called one), the range of throughput and wakeups, and its ratio to the baseline.
 */

#include "ratios.h"

#include "text.h"

struct summary_line {
    const struct configuration *configuration;
    double expected_wakes; /* per idle connection; NAN = not known */
    unsigned trials, ok;
    double throughput_rps, throughput_min, throughput_max; /* NAN = not measured, as all below */
    double wakeups_per_conn, wakeups_min, wakeups_max;
    double latency_p50_us, latency_p99_us;
    double server_cpu_us_per_req, client_cpu_us_per_req, jain;
    const struct ratio *ratio; /* NULL = none: it is the baseline, or there is no pair */
};

/* Lines in the order of summary.csv: by server, workers, CPUs, connections, rate, requests. */
struct summary {
    const struct run *run;
    struct summary_line *lines;
    unsigned count;
    struct ratios ratios;
};

/* Wakeups that an idle connection costs at the least, by what the server under test says; NAN = not known. */
double expected_wakes(const struct run *run, const struct configuration *c);

struct summary summary_of(const struct run *run);
void summary_free(struct summary *summary);

/* summary.csv (results/README.md). */
void summary_csv(const struct summary *summary, struct text *csv);

/* The same as a table for people; `room`: columns of the terminal, 0 = any number. */
void summary_table(const struct summary *summary, unsigned room, struct text *table);

/* "1.30 [1.20, 1.41]", "1 (reference)" of the baseline itself, "-" without a ratio; to be freed. */
char *summary_ratio_text(const struct run *run, const struct summary_line *line);

/* What keeps a reader from believing the line as it stands: "below the noise, 2 of 20 rows not ok", "" if nothing; to be
 * freed. */
char *summary_remarks(const struct run *run, const struct summary_line *line);

/* "16 connections, one request each"; to be freed. */
char *load_words(const struct configuration *c);

#endif
