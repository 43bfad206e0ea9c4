#ifndef WAKEONE_RUN_H
#define WAKEONE_RUN_H

/*
 * A run's directory in memory, read once. Everything in it may come from elsewhere; results/README.md describes the files.
 *
 *     settings.tsv, strategies.tsv -> settings, servers
 *     trials.csv, wire.csv         -> rows and their configurations
 *     env.json                     -> environment
 *
 * What only some figures need (workers.csv, hist/, where.csv, ...) they read themselves.
 */

#include "complaint.h"
#include "rows.h"
#include "text.h"

#include <jansson.h>

/* Ratios are to the baseline's; the A/A control is the baseline once more, under another name. */
enum server_role { ROLE_TESTED, ROLE_BASELINE, ROLE_CONTROL };

struct server_under_test {
    const char *name, *wakes, *summary,
        *command; /* wakes: wakeups per idle connection, an expression in n */
    enum server_role role;
};

struct setting {
    const char *name, *value;
};

struct run {
    const char *path;    /* as the caller wrote it */
    char *directory;     /* absolute */
    bool trials_missing; /* it is no run: there is no trials.csv */
    struct rows trials;  /* trials.csv */
    struct rows wire;    /* wire.csv; nothing where the run has none */
    bool has_wire;

    struct server_under_test *servers; /* of strategies.tsv, in its order; older runs have none */
    unsigned server_count;
    char *baseline; /* where strategies.tsv has none: X if X-again is measured too, else "racing" */
    char *control;  /* the A/A control; "" if it is another server than the baseline */

    struct setting *settings;
    unsigned setting_count;
    bool has_settings;

    json_t *environment;  /* env.json; NULL where there is none, or it cannot be read */
    bool has_environment; /* the file is there */

    char *tables[2]; /* what servers and settings point into */
};

/* Reads a run. False: `complaint` says why, and run_free() is due all the same. */
bool run_open(struct run *run, const char *path, struct complaint *complaint);

/* Only what a directory says of its servers, settings and machine, without samples; what is not there is as in a run that does not
 * say. run_free() is due. */
void run_open_tables(struct run *run, const char *path);

/* The same for commands: a directory without trials.csv is a usage error, what cannot be read ends the program with one
 * line. */
void run_read(struct run *run, const char *path);
void run_free(struct run *run);

/* A path in the run's directory, to be freed. */
char *run_file(const struct run *run, const char *name);

/* The value of a setting; NULL where it is not there, or "-". */
const char *run_setting(const struct run *run, const char *name);

enum server_role role_of(const struct run *run, const char *server);

/* The name of a server's A/A control, to be freed: by the roles that the run has, or, where it has none, by the mark that names
 * of controls end with. NULL: the run had another baseline. */
char *control_name(const struct run *run, const char *baseline);

/* A string of the environment by its path, such as "lab.virtual.model"; NULL where it is not there. */
const char *environment_string(const struct run *run, const char *path);

/* A value of any type as text, to be freed: a string as it is, others as JSON has them; NULL where it is not there. */
char *environment_text(const struct run *run, const char *path);
void json_add_text(struct text *text, const json_t *value);

/* Any value of the environment; NULL where it is not there. */
json_t *environment_value(const struct run *run, const char *path);

#endif
