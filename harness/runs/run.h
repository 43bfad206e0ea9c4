/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_RUN_H
#define WAKEONE_RUN_H

/*
 * A run's directory in memory. All of it may come from elsewhere; results/README.md describes the files.
 *
 *     settings.tsv, strategies.tsv -> settings, servers
 *     trials.csv, wire.csv         -> rows and their configurations
 *     env.json                     -> environment
 *
 * Figures read further files themselves (workers.csv, hist/, where.csv, ...).
 */

#include "complaint.h"
#include "rows.h"
#include "text.h"

#include <jansson.h>

/* Ratios are to the baseline; the A/A control is the same server as the baseline, under another name. */
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
    const char *path;    /* as given by the caller */
    char *directory;     /* absolute */
    bool trials_missing; /* no trials.csv: not a run */
    struct rows trials;  /* trials.csv */
    struct rows wire;    /* wire.csv; empty without the file */
    bool has_wire;

    struct server_under_test *servers; /* from strategies.tsv, in its order; older runs have none */
    unsigned server_count;
    char *baseline; /* if strategies.tsv has none: X if X-again is measured too, else "racing" */
    char *control;  /* the A/A control; "" if it is not the same server as the baseline */

    struct setting *settings;
    unsigned setting_count;
    bool has_settings;

    json_t *environment;  /* env.json; NULL if missing or unreadable */
    bool has_environment; /* the file exists */

    char *tables[2]; /* the storage of servers and settings */
};

/* Reads a run. False: the reason is in `complaint`; call run_free() in either case. */
bool run_open(struct run *run, const char *path, struct complaint *complaint);

/* Reads only the servers, settings and machine of a directory, without samples; missing files are as in older runs. Call
 * run_free(). */
void run_open_tables(struct run *run, const char *path);

/* run_open() for commands: a directory without trials.csv is a usage error, other errors end the program. */
void run_read(struct run *run, const char *path);
void run_free(struct run *run);

/* A path in the run's directory; the caller frees it. */
char *run_file(const struct run *run, const char *name);

/* The value of a setting; NULL if missing or "-". */
const char *run_setting(const struct run *run, const char *name);

enum server_role role_of(const struct run *run, const char *server);

/* The name of a server's A/A control: by the roles in the run or, without roles, by the suffix of controls' names. NULL: the
 * run had another baseline. The caller frees it. */
char *control_name(const struct run *run, const char *baseline);

/* A string of the environment by its path, such as "lab.virtual.model"; NULL if missing. */
const char *environment_string(const struct run *run, const char *path);

/* A value of any type as text: strings verbatim, others as JSON; NULL if missing. The caller frees it. */
char *environment_text(const struct run *run, const char *path);
void json_add_text(struct text *text, const json_t *value);

/* Any value of the environment; NULL if missing. */
json_t *environment_value(const struct run *run, const char *path);

#endif
