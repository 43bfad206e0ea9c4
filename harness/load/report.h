/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_LOAD_REPORT_H
#define WAKEONE_LOAD_REPORT_H

/* Output of a load's result: tables for people, JSON for programs. */

#include "result.h"

enum { REPORT_PERCENTILES = 16, REPORT_STATUSES = 160 };

struct load_report {
    const struct load_options *options;
    const struct load_result *result;
    unsigned room; /* width of the terminal in columns; 0 = unlimited */
    unsigned percentile_count;
    double percentiles[REPORT_PERCENTILES]; /* rising, 0 < p < 100 */
};

/* Parses "50,99,99.9". NULL, or an error message. */
const char *load_report_percentiles(struct load_report *report, const char *text);

/* Tables: percentiles of each phase, errors, and threads and classes if there are several. Columns that do not fit the
 * terminal are left out. */
void load_report_table(const struct load_report *report, FILE *file);

/* See results/README.md. */
void load_report_json(const struct load_report *report, FILE *file);

/* "2xx 400, 4xx 3", or "none" */
void load_report_statuses(const struct load_result *result, char *text, size_t size);

/* The phases that have a histogram file (.hgrm); `h` is NULL after the last one. */
struct load_phase {
    const char *name;
    const struct histogram *h;
};

enum { LOAD_PHASES = 6 };
void load_report_phases(const struct load_result *result, struct load_phase phases[LOAD_PHASES]);

#endif
