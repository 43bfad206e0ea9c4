/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_REPORT_H
#define WAKEONE_REPORT_H

/* Report of the counts: tables for people; CSV and JSON for programs. */

#include "samples.h"
#include "sharing.h"
#include "workers.h"

#include <stdio.h>

struct report {
    const struct workers *workers; /* processes */
    const struct workers *apart;   /* their threads, if listed instead; NULL = list processes */
    bool by_counter;               /* false: context switches, most counts are unknown */
    double seconds;                /* since counting began; with samples, their total */
    double since_before;           /* since the previous reading */
    uint64_t connections;          /* accepted; NOT_COUNTED = unknown */
    uint64_t connections_seen;     /* established on tracked listeners */
    const char *connections_of;    /* their origin, if not accepted by the targets; else NULL */
    unsigned sharing;              /* enum sharing, or-ed */
    const struct samples *samples; /* NULL = counted all the time */
    struct losses losses;
};

/* The live table for a terminal with this number of lines: rates of the last interval. */
void report_live(const struct report *report, FILE *file, unsigned lines);

/* The final report: a table and CSV (a row per process, the last one is the total), JSON (the totals are in the
 * summary). */
void report_table(const struct report *report, FILE *file);
void report_csv(const struct report *report, FILE *file);
void report_json(const struct report *report, FILE *file);

/* Interpretation and advice, in one or two sentences. */
void report_sentence(const struct report *report, char *text, size_t size);

#endif
