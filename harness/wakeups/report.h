#ifndef WAKEONE_REPORT_H
#define WAKEONE_REPORT_H

/* What was counted, as people and programs want to read it. */

#include "samples.h"
#include "sharing.h"
#include "workers.h"

#include <stdio.h>

struct report {
    const struct workers *workers; /* processes */
    const struct workers *apart; /* their threads, to be listed instead; NULL = the processes are */
    bool by_counter;             /* else by context switches: most is not known */
    double seconds;              /* since counting began; of samples, all together */
    double since_before;         /* since the last but one reading */
    uint64_t connections;        /* accepted; NOT_COUNTED = not known */
    uint64_t connections_seen;   /* established on the listeners that the counter watches */
    const char *connections_of;  /* whose they are, where not those accepted; else NULL */
    unsigned sharing;            /* enum sharing, or-ed */
    const struct samples *samples; /* that were counted; NULL = all the time */
    struct losses losses;
};

/* The table that is drawn again and again on a terminal of so many lines: rates of the last
 * interval. */
void report_live(const struct report *report, FILE *file, unsigned lines);

/* All that was counted: a table and CSV (a row per process, the last is all of them), JSON (the sums are in the
 * summary). */
void report_table(const struct report *report, FILE *file);
void report_csv(const struct report *report, FILE *file);
void report_json(const struct report *report, FILE *file);

/* What it means and what to do about it, in a sentence or two. */
void report_sentence(const struct report *report, char *text, size_t size);

#endif
