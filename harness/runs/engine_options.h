/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_ENGINE_OPTIONS_H
#define WAKEONE_ENGINE_OPTIONS_H

/* Options of the commands that measure, and functions shared with the commands that make plans. */

#include "engine.h"

#include "harness/lib/options.h"

struct engine_options {
    const char *out, *resume, *max_time; /* NULL = not given */
    bool dry_run, no_figures;
    unsigned long client_rounds; /* of peers */
};

/* For commands that also measure with third-party clients. */
extern const struct option_spec engine_client_options[];

/* Parses options; `more`: options of the command, NULL = none. Errors are usage errors. */
void engine_options_read(struct engine_options *options, struct settings *settings,
                         const struct option_spec *more, int argc, char **argv);

/* ---- in engine.c, for the commands ---- */

void engine_begin(struct engine *engine, const struct setting_default *defaults, unsigned count);
void engine_end(struct engine *engine);

/* Prints the plan and its estimated time. */
int engine_dry_run(struct engine *engine, enum placed where);

/* settings.tsv and strategies.tsv */
void engine_fill(struct engine *engine, const char *directory);

/* Makes a directory with the plan of another run; max_time: NULL = none. */
void engine_reproduce(struct engine *engine, const char *from, const char *out,
                      const char *max_time);
void engine_measure(struct engine *engine);

#endif
