/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SUMMARY_H
#define WAKEONE_SUMMARY_H

/*
 * Summary of a run: for each configuration the medians of its valid samples (a median of percentiles is not a percentile of all
 * requests), the range of throughput and wakeups, and the ratio to the baseline.
 */

#include "ratios.h"

#include "text.h"

struct summary_line {
    const struct configuration *configuration;
    double expected_wakes; /* per idle connection; NAN = unknown */
    unsigned trials, ok;
    double throughput_rps, throughput_min, throughput_max; /* NAN = not measured, like all below */
    double wakeups_per_conn, wakeups_min, wakeups_max;
    double latency_p50_us, latency_p99_us;
    double server_cpu_us_per_req, client_cpu_us_per_req, jain;
    const struct ratio *ratio; /* NULL = none: the baseline, or no pair */
};

/* Lines in the order of summary.csv: by server, workers, CPUs, connections, rate, requests. */
struct summary {
    const struct run *run;
    struct summary_line *lines;
    unsigned count;
    struct ratios ratios;
};

/* The minimum of wakeups per idle connection, from the description of the server under test; NAN = unknown. */
double expected_wakes(const struct run *run, const struct configuration *c);

struct summary summary_of(const struct run *run);
void summary_free(struct summary *summary);

/* summary.csv (results/README.md). */
void summary_csv(const struct summary *summary, struct text *csv);

/* The same as a table; `room`: columns of the terminal, 0 = any number. */
void summary_table(const struct summary *summary, unsigned room, struct text *table);

/* "1.30 [1.20, 1.41]", "1 (baseline)" for the baseline itself, "-" without a ratio. The caller frees it. */
char *summary_ratio_text(const struct run *run, const struct summary_line *line);

/* Remarks that limit the trust in the line: "within noise, 2 of 20 samples invalid", "" for none. The caller frees it. */
char *summary_remarks(const struct run *run, const struct summary_line *line);

/* "one request each"; the caller frees it. `requests` per connection: 0 = kept alive, NAN = a mix. */
char *requests_words(double requests);

/* "16 connections, one request each"; the caller frees it. */
char *load_words(const struct configuration *c);

#endif
