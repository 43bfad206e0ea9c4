/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SETTINGS_H
#define WAKEONE_SETTINGS_H

/*
 * The settings of a run: the options of bench, their defaults and checks, and settings.tsv, which keeps them to resume or
 * reproduce the run.
 */

#include "text.h"

#include "harness/lib/number_list.h"

#include <stdint.h>

enum setting_name { /* in the order of settings.tsv */
                    SETTING_STRATEGIES,
                    SETTING_PEERS,
                    SETTING_ALSO,
                    SETTING_REFERENCE, /* the baseline */
                    SETTING_WORKERS,
                    SETTING_CPUS,
                    SETTING_SPLIT,
                    SETTING_CONNECTIONS,
                    SETTING_RATE,
                    SETTING_ARRIVALS,
                    SETTING_REQUESTS,
                    SETTING_THREADS,
                    SETTING_LOAD,
                    SETTING_ROUNDS,
                    SETTING_PRECISION,
                    SETTING_MAX_TIME,
                    SETTING_WINDOW,
                    SETTING_WARMUP,
                    SETTING_INSTRUMENT,
                    SETTING_WIRE_ROUNDS,
                    SETTING_SEED,
                    SETTING_CLIENTS,
                    SETTING_SERVER_ADDRESS,
                    SETTING_COUNT,
};

struct settings {
    char *
        text[SETTING_COUNT]; /* as given; "" = none. settings_check() normalizes lists to "2,4,8" */

    /* Parsed values, after settings_check(): */
    struct number_list workers, cpus, connections, rates, requests; /* none: count is 0 */
    unsigned long rounds, wire_rounds, seed;
    uint64_t window_ms, warmup_ms, max_time_ms; /* max_time_ms: 0 = none */
    double precision;                           /* a share; 0 = none */
};

#define NOT_IN_LOAD "\"'\\$`;&|<>" /* characters that neither --load nor a plan may have */

/* A default that differs from bench's. */
struct setting_default {
    enum setting_name name;
    const char *value;
};

void settings_begin(struct settings *settings, const struct setting_default *defaults,
                    unsigned count);
void settings_free(struct settings *settings);

void settings_set(struct settings *settings, enum setting_name name, const char *value);

/* NULL if it has none. */
const char *settings_get(const struct settings *settings, enum setting_name name);

/* The name in settings.tsv. */
const char *setting_label(enum setting_name name);

/* Errors are usage errors. Names of servers are not checked (servers_under_test.h). */
void settings_check(struct settings *settings);

/* The first of space-separated options that is reserved for the harness (output paths and descriptors); NULL = none. A run from
 * elsewhere must not write outside its directory when it is resumed. */
const char *reserved_option(const char *words);

/* Parses --max-time, which is allowed with --resume, and has a default with --precision. */
void settings_read_max_time(struct settings *settings);

/* Reads a settings.tsv, which may come from elsewhere; an unknown name and an unreadable file are usage errors. Call
 * settings_check() afterwards. */
void settings_load(struct settings *settings, const char *path);

/* settings.tsv */
void settings_write(const struct settings *settings, struct text *to);

#endif
