/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine_options.h"

#include "harness/lib/message.h"

static const char *given[SETTING_COUNT];
static struct text_list also;
static struct engine_options read_options;
static bool wire;
static unsigned long client_rounds = 10;

static const struct option_spec specs[] = {
    {OPTION_TEXT, "strategies", "LIST", "names, all, or none (racing,wakeone,fdpass,mutex)",
     &given[SETTING_STRATEGIES]},
    {OPTION_TEXT, "peers", "LIST", "third-party servers, or all", &given[SETTING_PEERS]},
    {OPTION_TEXTS, "also", "\"N=STRATEGY OPTIONS\"", "a further server, under its own name", &also},
    {OPTION_TEXT, "reference", "NAME", "the baseline of ratios (racing, or the first)",
     &given[SETTING_REFERENCE]},
    {OPTION_TEXT, "workers", "LIST", "numbers of worker processes, also per CPU (2,8,32,64)",
     &given[SETTING_WORKERS]},
    {OPTION_TEXT, "cpus", "LIST", "numbers of CPUs of server and client (all, without pinning)",
     &given[SETTING_CPUS]},
    {OPTION_TEXT, "split", "HOW", "CPUs of each: half, shared, or SERVER:CLIENT (shared)",
     &given[SETTING_SPLIT]},
    {OPTION_TEXT, "connections", "LIST", "open connections, also per CPU (16)",
     &given[SETTING_CONNECTIONS]},
    {OPTION_TEXT, "rate", "LIST", "open loop: requests per second", &given[SETTING_RATE]},
    {OPTION_TEXT, "arrivals", "KIND", "of --rate: constant or poisson (constant)",
     &given[SETTING_ARRIVALS]},
    {OPTION_TEXT, "requests-per-connection", "LIST", "0 = as many as the server allows (1)",
     &given[SETTING_REQUESTS]},
    {OPTION_TEXT, "threads", "N", "threads of the load (one per CPU of the client)",
     &given[SETTING_THREADS]},
    {OPTION_TEXT, "load", "\"OPTIONS\"", "further options of the load, for all",
     &given[SETTING_LOAD]},
    {OPTION_TEXT, "clients", "HOSTS",
     "generate the load instead of this host: a,b:2, @FILE, or job", &given[SETTING_CLIENTS]},
    {OPTION_TEXT, "server-address", "A", "address that servers listen on (127.0.0.1)",
     &given[SETTING_SERVER_ADDRESS]},
    {OPTION_TEXT, "rounds", "N", "how often each configuration is measured (100)",
     &given[SETTING_ROUNDS]},
    {OPTION_TEXT, "precision", "P", "more rounds until every interval is within P, e.g. 2%",
     &given[SETTING_PRECISION]},
    {OPTION_TEXT, "max-time", "D", "no trial begins after this time (none; with --precision 30m)",
     &given[SETTING_MAX_TIME]},
    {OPTION_TEXT, "window", "D", "measured time of each trial (50ms)", &given[SETTING_WINDOW]},
    {OPTION_TEXT, "warmup", "D", "load before each window (50ms)", &given[SETTING_WARMUP]},
    {OPTION_TEXT, "seed", "N", "seed of the random order (1)", &given[SETTING_SEED]},
    {OPTION_TEXT, "instrument", "NAME", "wakeup counter: auto or ctxsw (ctxsw)",
     &given[SETTING_INSTRUMENT]},
    {OPTION_FLAG, "wire", NULL, "additional rounds with packet capture", &wire},
    {OPTION_TEXT, "out", "DIR", "output directory (results/<host>-<kernel>-<utc>)",
     &read_options.out},
    {OPTION_TEXT, "resume", "DIR", "continue an interrupted run", &read_options.resume},
    {OPTION_FLAG, "no-figures", NULL, "measure and print the table only", &read_options.no_figures},
    {OPTION_FLAG, "dry-run", NULL, "print the plan and its estimated time only",
     &read_options.dry_run},
    OPTIONS_END,
};

const struct option_spec engine_client_options[] = {
    {OPTION_NUMBER, "client-rounds", "N",
     "rounds of ab and wrk with the same servers; 0 = none (10)", &client_rounds, 0, 1000},
    OPTIONS_END,
};

/* The first option that is not allowed with --resume. */
static const char *not_for_resume(void)
{
    for (const struct option_spec *spec = specs; spec->name; spec++)
        if (spec->type == OPTION_TEXT && spec->value != &given[SETTING_MAX_TIME] &&
            spec->value != &read_options.resume && *(const char **)spec->value)
            return spec->name;
    return wire ? "wire" : also.count ? "also" : NULL;
}

static void set_also(struct settings *settings)
{
    struct text list = {NULL, 0, 0};
    for (unsigned i = 0; i < also.count; i++)
        text_add(&list, "%s%s", i ? "," : "", also.texts[i]);
    if (also.count)
        settings_set(settings, SETTING_ALSO, text_of(&list));
    text_free(&list);
}

void engine_options_read(struct engine_options *options, struct settings *settings,
                         const struct option_spec *more, int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "compares servers: see ./run.sh COMMAND --help",
        .example = "runs bench --strategies racing,wakeone --workers 8 --precision 3%",
    };
    const struct option_spec *const tables[] = {specs, more, NULL};
    options_parse(&program, tables, argc, argv);
    for (unsigned i = 0; i < SETTING_COUNT; i++)
        if (given[i])
            settings_set(settings, i, given[i]);
    set_also(settings);
    if (wire)
        settings_set(settings, SETTING_WIRE_ROUNDS, settings->text[SETTING_ROUNDS]);
    *options = read_options;
    options->max_time = given[SETTING_MAX_TIME];
    options->client_rounds = client_rounds;
    if (!options->resume)
        return;
    if (options->dry_run)
        fail_usage("--dry-run and --resume are mutually exclusive");
    if (not_for_resume())
        fail_usage("--resume reads the settings from the run: remove --%s", not_for_resume());
}
