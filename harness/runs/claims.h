/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CLAIMS_H
#define WAKEONE_CLAIMS_H

/*
 * Published results, measured again: the table harness/claims/claims.txt (which describes its keys), the samples of each claim
 * (DIRECTORY/ID/), and the verdicts.
 */

#include "complaint.h"
#include "text.h"

/* ---- the table ---- */

enum comparison_kind { COMPARE_RATIO, COMPARE_LEVEL, COMPARE_EXTREMES };

/* The two sides of a comparison: rows of a file by their names in the column strategy, or by number of workers and name,
 * "8:racing". */
struct claim_comparison {
    enum comparison_kind kind;
    const char *file;   /* in the claim's directory */
    const char *figure; /* a column, or derived from several (claims_samples.c) */
    const char *a, *b;  /* b: NULL unless it is a ratio */
    unsigned rows;      /* extremes: rows in a round */
};

enum direction { DIRECTION_NONE, DIRECTION_MORE, DIRECTION_LESS, DIRECTION_EQUAL };

/* A number and its text in the table: "-" and NAN for none */
struct bound {
    const char *text;
    double value;
};

struct part {
    const char *key, *what;
    struct claim_comparison comparison;
    const char *control;      /* the server whose A/A control is the noise threshold; NULL = none */
    enum direction direction; /* of the claim; DIRECTION_NONE: the part is not tested */
    struct bound nothing;     /* the value without an effect */
    struct bound published;   /* the published figure */
    struct bound least, most; /* the range that counts as reproduced */
};

struct claim_field {
    const char *key, *value;
};

struct claim {
    const char *id;
    struct claim_field *fields; /* of the claim, not of its parts; in the order of the file */
    unsigned field_count;
    struct part *parts;
    unsigned part_count;
};

struct claims {
    struct claim *all;
    unsigned count;
    char *buffer; /* the storage of all texts */
};

/* Reads the table. False: `why` names file and line. Call claims_free() in either case. */
bool claims_read(struct claims *claims, const char *path, struct complaint *why);
void claims_free(struct claims *claims);

/* NULL if it does not exist. */
const struct claim *claim_find(const struct claims *claims, const char *id);

/* The value of a key that a claim has at most once; "" without it. */
const char *claim_field(const struct claim *claim, const char *key);

/* ---- samples ---- */

/* One side of a comparison */
struct side {
    char *name; /* NULL: no such side */
    unsigned rows,
        invalid; /* rows: all candidates; invalid: those whose verdict may depend on the server */
};

struct samples {
    struct side sides[2];
    struct text verdicts; /* of the invalid rows, each once: "client-bound, errors" */
    double *a,
        *b; /* of each round that has both; b is 1 if the figure itself is used. All above 0 */
    unsigned count;
};

/*
 * Reads the rows of a comparison. A row is valid if its verdict is ok (if the file has verdicts), none of its requests failed
 * (if it counts them), and its clock is the requested one: virtual time or real. Noisy rows and warm-up trials are not counted
 * as invalid: they do not depend on the server. Of two rows of one side and round the later one is used.
 * A missing file has no rows. Call samples_free() in either case.
 */
bool samples_read(struct samples *samples, const char *directory, const struct claim_comparison *c,
                  bool is_virtual, struct complaint *why);
void samples_free(struct samples *samples);

/* The comparison of an A/A control with its baseline, of the same file and figure; the caller frees `a`. False if the server
 * was not the baseline of the run. */
bool control_comparison(struct claim_comparison *control, const char *directory,
                        const struct part *part);

/* ---- verdicts ---- */

enum verdict {
    VERDICT_NONE, /* of a part that is not tested */
    VERDICT_REPRODUCED,
    VERDICT_DIRECTION_ONLY,
    VERDICT_NOT_REPRODUCED,
    VERDICT_NOT_TRUSTED,
    VERDICT_CANNOT_RUN,
    VERDICT_NOT_MEASURED,
    VERDICTS,
};

extern const char *const verdict_words[VERDICTS];

/* Ratios with 4 decimals, as published; NAN for undefined. */
struct part_result {
    const struct part *part;
    unsigned pairs;
    double figure, low, high, smallest;
    double threshold; /* the noise threshold, as a share */
    enum verdict verdict;
    struct text notes; /* reason and remarks, separated by "; " */
};

struct claim_result {
    const struct claim *claim;
    enum verdict verdict;
    char *why;   /* "-" for none */
    char *clock; /* the model of virtual time; "" = real time; NULL = not measured */
    struct part_result *parts;
    unsigned part_count; /* 0 if not measured */
};

/* The verdict of the samples in DIRECTORY/ID. `needs`: requirements of the claim that this machine does not meet, "" for none;
 * used only if the claim was not measured. */
struct claim_result claim_classify(const struct claim *claim, const char *directory,
                                   const char *needs);
void claim_result_free(struct claim_result *result);

bool is_in_virtual_time(const struct claim_result *result);

/* The parts as lines of parts.tsv, and the claim as a line of verdicts.tsv (results/README.md). */
void write_parts(const struct claim_result *result, struct text *to);
void write_verdict(const struct claim_result *result, struct text *to);

struct document;

/* All of them as a document. `directory` has env.json, which describes the machine. */
bool write_claims(struct document *d, const struct claim_result *results, unsigned count,
                  const char *directory, struct complaint *why);

#endif
