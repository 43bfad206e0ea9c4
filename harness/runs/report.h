#ifndef WAKEONE_REPORT_H
#define WAKEONE_REPORT_H

/* What a report says of a run, as data; and the parts of a report in any form of document.h. */

#include "document.h"
#include "files.h"
#include "summary.h"

struct report_fact {
    char *name, *value, *effect; /* effect: of warnings, what it does to results */
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
    unsigned place, line;                     /* in the order of plots/figures.tsv, of index.tsv */
};

struct report {
    const struct run *run;
    const char *name; /* of its directory */
    struct summary summary;
    char *finding;
    struct report_facts facts, warnings;
    struct verdict_count *verdicts; /* by name */
    unsigned verdict_count, row_count;
    bool by_counter; /* some row's wakeups were counted in the kernel */
    struct report_figure *figures;
    unsigned figure_count;
    char **skipped; /* "configuration: why it could not be measured" */
    unsigned skipped_count;
    char *index_text;
};

/* Reads what it takes beside the run: figures/index.tsv, skipped.tsv. */
void report_of(const struct run *run, struct report *report);
void report_free(struct report *report);

/* "main: vm, Linux 6.18, 2026-11-25"; to be freed. */
char *report_title(const struct report *report, enum form form);

/* Parts, with their headings; `whose`: " of A", or "". */
void report_summary(const struct report *report, struct document *d, const char *whose);
void report_rest(const struct report *report, struct document *d, const char *whose);

/* report.json (results/README.md), to be freed. */
char *report_as_json(const struct report *report);

/* The pages of one run, or of two: HTML and Markdown. `files`: among which a figure of both is drawn, for a while. */
void page_of_one(const struct report *report, struct text *html, struct text *markdown);
void page_of_two(const struct report *a, const struct report *b, struct files *files,
                 struct text *html, struct text *markdown);

#endif
