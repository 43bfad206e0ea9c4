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
    {OPTION_TEXT, "peers", "LIST", "third-party servers beside them, or all",
     &given[SETTING_PEERS]},
    {OPTION_TEXTS, "also", "\"N=STRATEGY OPTIONS\"", "one more, under a name of its own", &also},
    {OPTION_TEXT, "reference", "NAME", "the baseline of ratios (racing, or the first)",
     &given[SETTING_REFERENCE]},
    {OPTION_TEXT, "workers", "LIST", "worker processes, also per CPU (2,8,32,64)",
     &given[SETTING_WORKERS]},
    {OPTION_TEXT, "cpus", "LIST", "CPUs of server and client (all, and nothing on any one)",
     &given[SETTING_CPUS]},
    {OPTION_TEXT, "split", "HOW", "how they share these: half, shared, or SERVER:CLIENT (shared)",
     &given[SETTING_SPLIT]},
    {OPTION_TEXT, "connections", "LIST", "open at a time, also per CPU (16)",
     &given[SETTING_CONNECTIONS]},
    {OPTION_TEXT, "rate", "LIST", "an open loop instead: requests per second",
     &given[SETTING_RATE]},
    {OPTION_TEXT, "arrivals", "KIND", "of --rate: constant or poisson (constant)",
     &given[SETTING_ARRIVALS]},
    {OPTION_TEXT, "requests-per-connection", "LIST", "0 = as many as the server allows (1)",
     &given[SETTING_REQUESTS]},
    {OPTION_TEXT, "threads", "N", "of the load (one per CPU of the client)",
     &given[SETTING_THREADS]},
    {OPTION_TEXT, "load", "\"OPTIONS\"", "more for the load, for all", &given[SETTING_LOAD]},
    {OPTION_TEXT, "clients", "HOSTS",
     "that make the load instead of this one: a,b:2, @FILE, or job", &given[SETTING_CLIENTS]},
    {OPTION_TEXT, "server-address", "A", "where servers listen (127.0.0.1)",
     &given[SETTING_SERVER_ADDRESS]},
    {OPTION_TEXT, "rounds", "N", "how often each configuration is measured (100)",
     &given[SETTING_ROUNDS]},
    {OPTION_TEXT, "precision", "P", "more rounds until no interval is wider than, say, 2%",
     &given[SETTING_PRECISION]},
    {OPTION_TEXT, "max-time", "D", "no trial begins after that (none; with --precision 30m)",
     &given[SETTING_MAX_TIME]},
    {OPTION_TEXT, "window", "D", "what is measured of each (50ms)", &given[SETTING_WINDOW]},
    {OPTION_TEXT, "warmup", "D", "load before each window (50ms)", &given[SETTING_WARMUP]},
    {OPTION_TEXT, "seed", "N", "of the random order (1)", &given[SETTING_SEED]},
    {OPTION_TEXT, "instrument", "NAME", "what counts wakeups: auto or ctxsw (ctxsw)",
     &given[SETTING_INSTRUMENT]},
    {OPTION_FLAG, "wire", NULL, "as many rounds more, in which packets are captured", &wire},
    {OPTION_TEXT, "out", "DIR", "where the results go (results/<host>-<kernel>-<utc>)",
     &read_options.out},
    {OPTION_TEXT, "resume", "DIR", "go on with a run that was interrupted", &read_options.resume},
    {OPTION_FLAG, "no-figures", NULL, "only measure, and the table", &read_options.no_figures},
    {OPTION_FLAG, "dry-run", NULL, "print the plan and how long it will take, and do nothing",
     &read_options.dry_run},
    OPTIONS_END,
};

const struct option_spec engine_client_options[] = {
    {OPTION_NUMBER, "client-rounds", "N", "of ab and wrk at the same servers; 0 = none (10)",
     &client_rounds, 0, 1000},
    OPTIONS_END,
};

/* The first option that a resumed run does not take. */
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
        .synopsis = "measures servers against each other: see ./run.sh COMMAND --help",
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
        fail_usage("--dry-run and --resume do not go together");
    if (not_for_resume())
        fail_usage("--resume takes its settings from the run: leave out --%s", not_for_resume());
}
