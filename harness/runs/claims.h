#ifndef WAKEONE_CLAIMS_H
#define WAKEONE_CLAIMS_H

/*
 * Published results and what became of them: the table harness/claims/claims.txt (which describes its keys), what was
 * measured of each claim (DIRECTORY/ID/), and the verdicts.
 */

#include "complaint.h"
#include "text.h"

/* ---- the table ---- */

enum comparison_kind { COMPARE_RATIO, COMPARE_LEVEL, COMPARE_EXTREMES };

/* What is compared: rows of a file by their names in the column strategy, or by number of workers and name, "8:racing". */
struct claim_comparison {
    enum comparison_kind kind;
    const char *file;   /* in the claim's directory */
    const char *figure; /* a column, or derived from some (claims_samples.c) */
    const char *a, *b;  /* b: NULL unless it is a ratio */
    unsigned rows;      /* extremes: how many a round has */
};

enum direction { DIRECTION_NONE, DIRECTION_MORE, DIRECTION_LESS, DIRECTION_EQUAL };

/* A number and how the table has it: "-" and NAN for none */
struct bound {
    const char *text;
    double value;
};

struct part {
    const char *key, *what;
    struct claim_comparison comparison;
    const char *control;      /* the server whose A/A control is the noise threshold; NULL = none */
    enum direction direction; /* of the claim; DIRECTION_NONE: the part is not judged */
    struct bound nothing;     /* what the figure is where there is no effect */
    struct bound published;   /* the figure */
    struct bound least, most; /* what counts as the same size */
};

struct claim_field {
    const char *key, *value;
};

struct claim {
    const char *id;
    struct claim_field *fields; /* all but the parts', in the order of the file */
    unsigned field_count;
    struct part *parts;
    unsigned part_count;
};

struct claims {
    struct claim *all;
    unsigned count;
    char *buffer; /* what texts point into */
};

/* Reads the table. False: `why` names file and line. claims_free() is due in either case. */
bool claims_read(struct claims *claims, const char *path, struct complaint *why);
void claims_free(struct claims *claims);

/* NULL if there is none. */
const struct claim *claim_find(const struct claims *claims, const char *id);

/* The value of a key that a claim has once; "" where it is not there. */
const char *claim_field(const struct claim *claim, const char *key);

/* ---- what was measured ---- */

/* One side of a comparison */
struct side {
    char *name; /* NULL: there is none */
    unsigned rows,
        invalid; /* rows: all that could have counted; invalid: those whose verdict may depend on the server */
};

struct samples {
    struct side sides[2];
    struct text verdicts; /* of the invalid rows, each once: "client-bound, errors" */
    double *a,
        *b; /* of each round that has both; b is 1 where the figure itself counts. All above 0 */
    unsigned count;
};

/*
 * Reads the rows of a comparison. Rows count whose verdict is ok (where the file has verdicts), of whose requests none failed
 * (where it counts them), and that were timed by this clock: virtual time or that of CPUs. Noisy rows and warm-up trials
 * are not counted as invalid: they do not depend on the server. Of two rows of one side and round the later one counts.
 * A file that is not there has no rows.
 * samples_free() is due in either case.
 */
bool samples_read(struct samples *samples, const char *directory, const struct claim_comparison *c,
                  bool is_virtual, struct complaint *why);
void samples_free(struct samples *samples);

/* The comparison of an A/A control with its baseline, of the same file and figure; its `a` is to be freed. False where the
 * run says that the server was not the baseline. */
bool control_comparison(struct claim_comparison *control, const char *directory,
                        const struct part *part);

/* ---- what became of it ---- */

enum verdict {
    VERDICT_NONE, /* of a part that is not judged */
    VERDICT_REPRODUCED,
    VERDICT_DIRECTION_ONLY,
    VERDICT_NOT_REPRODUCED,
    VERDICT_NOT_TRUSTED,
    VERDICT_CANNOT_RUN,
    VERDICT_NOT_MEASURED,
    VERDICTS,
};

extern const char *const verdict_words[VERDICTS];

/* Ratios with 4 decimals, as published; NAN for what there is not. */
struct part_result {
    const struct part *part;
    unsigned pairs;
    double figure, low, high, smallest;
    double threshold; /* the noise threshold, as a share */
    enum verdict verdict;
    struct text notes; /* why, and what else has to be known: separated by "; " */
};

struct claim_result {
    const struct claim *claim;
    enum verdict verdict;
    char *why; /* "-" where there is nothing to say */
    char *
        clock; /* what timed it if virtual time did, "" = the CPUs' clock; NULL = nothing was measured */
    struct part_result *parts;
    unsigned part_count; /* 0 if it was not measured */
};

/* Judges what is in DIRECTORY/ID. `needs`: what the claim takes that this machine has not, "" for nothing; counts if it was not
 * measured. */
struct claim_result claim_classify(const struct claim *claim, const char *directory,
                                   const char *needs);
void claim_result_free(struct claim_result *result);

bool is_in_virtual_time(const struct claim_result *result);

/* The same with the verdicts of the parts as lines of parts.tsv, and as a line of verdicts.tsv (results/README.md). */
void write_parts(const struct claim_result *result, struct text *to);
void write_verdict(const struct claim_result *result, struct text *to);

struct document;

/* All of them as a document. `directory` has env.json, which says where they were measured. */
bool write_claims(struct document *d, const struct claim_result *results, unsigned count,
                  const char *directory, struct complaint *why);

#endif
