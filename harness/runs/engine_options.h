#ifndef WAKEONE_ENGINE_OPTIONS_H
#define WAKEONE_ENGINE_OPTIONS_H

/* The options of the commands that measure, and what the commands that make plans share with them. */

#include "engine.h"

#include "harness/lib/options.h"

struct engine_options {
    const char *out, *resume, *max_time; /* NULL = not given */
    bool dry_run, no_figures;
    unsigned long client_rounds; /* of peers */
};

/* Of commands that measure with the clients of others, too. */
extern const struct option_spec engine_client_options[];

/* Takes over what is given; `more`: a command's own options, NULL = none. Anything wrong is a usage error. */
void engine_options_read(struct engine_options *options, struct settings *settings,
                         const struct option_spec *more, int argc, char **argv);

/* ---- of engine.c, for the commands ---- */

void engine_begin(struct engine *engine, const struct setting_default *defaults, unsigned count);
void engine_end(struct engine *engine);

/* Prints the plan, and how long it will take. */
int engine_dry_run(struct engine *engine, enum placed where);

/* settings.tsv and strategies.tsv */
void engine_fill(struct engine *engine, const char *directory);

/* Makes a directory for the plan of another run, and the plan in it; max_time: NULL = any. */
void engine_reproduce(struct engine *engine, const char *from, const char *out,
                      const char *max_time);
void engine_measure(struct engine *engine);

#endif
