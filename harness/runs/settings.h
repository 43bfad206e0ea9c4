#ifndef WAKEONE_SETTINGS_H
#define WAKEONE_SETTINGS_H

/*
 * What a run is made of: the options of bench, their defaults and checks, and settings.tsv, which keeps them for those who
 * resume the run or reproduce it.
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
    char *text
        [SETTING_COUNT]; /* as given; "" = none. settings_check() brings lists into the form "2,4,8" */

    /* Of these, after settings_check(): */
    struct number_list workers, cpus, connections, rates, requests; /* without any: count is 0 */
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

/* NULL where it has none. */
const char *settings_get(const struct settings *settings, enum setting_name name);

/* The name in settings.tsv. */
const char *setting_label(enum setting_name name);

/* Anything wrong is a usage error. Names of servers are not looked at (servers_under_test.h). */
void settings_check(struct settings *settings);

/* The first of space-separated options that says where files go or which descriptors are used, which only the harness itself may; NULL =
 * none. A run that comes from elsewhere is not to write outside of its directory when it is resumed. */
const char *reserved_option(const char *words);

/* --max-time, which may be given when a run is resumed, and has a default where there is --precision. */
void settings_read_max_time(struct settings *settings);

/* Takes over a settings.tsv, which may come from elsewhere; a name that is none, or a file that cannot be read, is a usage
 * error. settings_check() is due. */
void settings_load(struct settings *settings, const char *path);

/* settings.tsv */
void settings_write(const struct settings *settings, struct text *to);

#endif
