/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_REPORT_H
#define WAKEONE_REPORT_H

/* The contents of a report on a run, as data; and the parts of a report in any form of document.h. */

#include "document.h"
#include "files.h"
#include "summary.h"

struct report_fact {
    char *name, *value, *effect; /* effect: of warnings, on results */
};

struct report_facts {
    struct report_fact *all;
    unsigned count, room;
    unsigned first; /* how many of them a short list has */
};

struct verdict_count {
    const char *name;
    unsigned rows;
};

/* A line of figures/index.tsv */
struct report_figure {
    const char *name, *file, *title, *reason; /* reason: why it is not drawn, or "-" */
    unsigned place, line;                     /* positions in plots/figures.tsv and in index.tsv */
};

struct report {
    const struct run *run;
    const char *name; /* of its directory */
    struct summary summary;
    char *finding;
    struct report_facts facts, warnings;
    struct verdict_count *verdicts; /* by name */
    unsigned verdict_count, row_count;
    bool by_counter; /* at least one sample has wakeups counted by BPF */
    struct report_figure *figures;
    unsigned figure_count;
    char **skipped; /* "configuration: why it could not be measured" */
    unsigned skipped_count;
    char *index_text;
};

/* Reads the other files of a report: figures/index.tsv, skipped.tsv. */
void report_of(const struct run *run, struct report *report);
void report_free(struct report *report);

/* "racing, wakeone: 2, 8 workers, Linux 6.18, vm, 2026-11-25"; the caller frees it. */
char *report_title(const struct report *report, enum form form);

/* Parts, with their headings; `whose`: " of A", or "". */
void report_summary(const struct report *report, struct document *d, const char *whose);
void report_rest(const struct report *report, struct document *d, const char *whose);

/* report.json (results/README.md); the caller frees it. */
char *report_as_json(const struct report *report);

/* The pages of one run, or of two: HTML and Markdown. `files`: for a temporary figure of both. */
void page_of_one(const struct report *report, struct text *html, struct text *markdown);
void page_of_two(const struct report *a, const struct report *b, struct files *files,
                 struct text *html, struct text *markdown);

#endif
