/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_COMPARE_H
#define WAKEONE_COMPARE_H

/*
 * Comparison of runs: two kernels, two machines, two days. The others are compared with the first one (A), unpaired, since they
 * were not measured together. The ratios to the baseline within each run, which are comparable between machines, are listed
 * too.
 *
 * A run is read, the compared values are kept, and its rows are freed before the next one is read.
 */

#include "complaint.h"
#include "document.h"
#include "ratios.h"

#include "harness/stats/unpaired.h"

enum { METRICS_MAX = 16, RUNS_MAX = 200, SETTINGS = 7 };

/* A fact about a run, "section TAB name TAB value": from env.json, its rows or its plan */
struct fact {
    char *section, *name, *value;
};

struct facts {
    struct fact *all;
    unsigned count, room;
};

struct values {
    double *all;
    unsigned count;
};

/* A configuration of one run. cpus is NAN if the number of CPUs is the machine's. */
struct candidate {
    struct configuration key; /* server belongs to the candidate */
    bool measured;            /* has samples, valid or not */
    bool control;
    struct values values[METRICS_MAX]; /* of valid samples */
    char *settings[SETTINGS];          /* of the plan: "" = not in the plan */
};

/* A ratio to the baseline within a run */
struct own_ratio {
    struct configuration key; /* as in struct candidate */
    bool control;
    unsigned pairs;
    double ratio, low, high; /* as published */
    enum outcome outcome;
};

struct own_ratios {
    struct own_ratio *all;
    unsigned count;
    struct lookup by_key, control_of; /* indices; control_of: by block, without a server */
};

struct expected_row {
    char *line, *fields[8]; /* CPUs, strategy, workers, expected, counted, ..., order, verdict */
};

struct side {
    char letter[4], *path;
    char *baseline, *cpus; /* "2", or "2+4" */
    unsigned rows, valid;
    struct facts facts;
    bool has_environment;
    struct candidate *candidates;
    unsigned count, room;
    struct lookup by_key; /* indices into candidates */
    struct own_ratios ratios[METRICS_MAX];
    struct expected_row *expected;
    unsigned expected_count;
    const char **columns; /* of trials.csv, sorted */
    unsigned column_count;
    char *column_text;
    bool one_size; /* the run has one number of CPUs */
};

/* The comparison of one metric of one configuration */
struct metric_result {
    unsigned metric, side;    /* side: index of the run compared with A */
    struct configuration key; /* of A's candidate */
    struct unpaired result;   /* a: the run's, b: A's */
    double threshold;         /* noise threshold; NAN = unknown */
    enum outcome outcome;
    const char *judgement; /* better, worse, different, undecided */
    char sentence[SENTENCE_SIZE];
    bool tested; /* a significant difference was possible */
};

/* The ratios within the runs of one metric and configuration, one entry per run; NULL = none */
struct within {
    unsigned metric;
    struct configuration key;
    const struct own_ratio *ratios[RUNS_MAX];
    /* of the interval to A's: overlap, higher, lower, floor (within the noise threshold); "" = unknown */
    const char *relation[RUNS_MAX];
};

/* Numbers of configurations left out */
struct left_out {
    unsigned only_in_a, only_in_run, not_same;
};

struct difference {
    char *name;
    const char *reason; /* why the comparison is unfair; NULL = fair */
    char **values;      /* of each run */
};

struct missing_section {
    unsigned side;
    char *section;
};

struct comparison {
    unsigned metrics;
    enum column metric[METRICS_MAX];
    bool overlap;

    struct side *sides;
    unsigned count;
    bool cpus_are_machines, baselines_differ;

    struct left_out *left_out;     /* by side */
    struct metric_result *results; /* in the order of output */
    unsigned result_count, result_room;
    struct lookup loads; /* numbered in the order of output, by key_of_load() */
    struct within *within;
    unsigned within_count, within_room;
    struct lookup within_of[METRICS_MAX]; /* indices into within */
    struct difference *differences;
    unsigned difference_count;
    struct missing_section *missing_sections;
    unsigned missing_section_count;
    char *unfair_text, *directions_text; /* the tables of harness/compare */
};

/* Compares runs by columns of trials.csv. Returns EXIT_DONE, or the exit status of the program and the reason in `why`. Call
 * comparison_free() in any case. */
int compare_runs(struct comparison *comparison, const char *const *paths, unsigned count,
                 struct complaint *why);
void comparison_free(struct comparison *comparison);

/* The better direction of a metric: "more", "less", "neither", or "-" for a column that is not a metric. */
const char *metric_direction(struct comparison *comparison, const char *metric);

/* Parts of compare_runs(), one file each. */
int compare_read(struct comparison *c, struct side *side, const char *path, struct complaint *why);
int compare_match(struct comparison *c, struct complaint *why);
int compare_classify(struct comparison *c, struct complaint *why);
void compare_within(struct comparison *c);
void compare_environments(struct comparison *c);

/* A fact's value, "-" if unknown. */
const char *side_fact(const struct side *side, const char *name);

struct candidate *candidate_find(const struct side *side, const struct configuration *key);
struct candidate *candidate_add(struct side *side, const struct configuration *key, bool control);

/* Equal except for server and workers */
bool same_compared_load(const struct configuration *a, const struct configuration *b);

/* Whether the configuration, such as "racing|8|*|16|-|1", is in A too and is compared. */
bool is_compared(const struct comparison *c, unsigned side, const struct candidate *candidate);

/* ---- output ---- */

void comparison_document(struct comparison *comparison, struct document *document);
void comparison_csv(const struct comparison *comparison, struct text *csv);
char *comparison_json(const struct comparison *comparison);

/* Draws the figure of a metric (by index) into a file. */
bool comparison_draw(struct comparison *comparison, unsigned metric, const char *path,
                     struct complaint *why);

/* CPUs of a configuration as printed: "-" for none, "*" for the machine's. */
struct number compared_cpus(const struct comparison *comparison, double cpus);

#endif
