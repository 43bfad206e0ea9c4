/* SPDX-License-Identifier: BSD-2-Clause */
/* runs bench|scale|peers|reproduce: commands that measure. runs plan|check-plan|trials|conclude: parts of them, for commands
 * that measure elsewhere. */

#include "check_plan.h"
#include "command.h"
#include "directory.h"
#include "engine.h"
#include "engine_options.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

int command_bench(int argc, char **argv)
{
    static const struct engine_defaults defaults = {NULL, 0, NULL};
    return run_engine(&defaults, argc, argv);
}

/* 2, 4, 8, ... and all CPUs */
static void list_sizes(struct text *to)
{
    unsigned long all = cpus_here();
    for (unsigned long cpus = 2; cpus < all; cpus *= 2)
        text_add(to, "%lu,", cpus);
    text_add(to, "%lu", all);
}

int command_scale(int argc, char **argv)
{
    struct text sizes = {NULL, 0, 0};
    list_sizes(&sizes);
    const struct setting_default settings[] = {
        {SETTING_CPUS, sizes.text},      {SETTING_SPLIT, "half"}, {SETTING_WORKERS, "2/cpu,8/cpu"},
        {SETTING_CONNECTIONS, "16/cpu"}, {SETTING_ROUNDS, "30"},
    };
    const struct engine_defaults defaults = {settings, COUNT(settings), NULL};
    int status = run_engine(&defaults, argc, argv);
    text_free(&sizes);
    return status;
}

int command_peers(int argc, char **argv)
{
    static const struct setting_default settings[] = {
        {SETTING_STRATEGIES, "racing,wakeone,mutex,reuseport"},
        {SETTING_PEERS, "all"},
        {SETTING_REFERENCE, "wakeone"},
        {SETTING_WORKERS, "8"},
        {SETTING_REQUESTS, "1,100"},
        {SETTING_ROUNDS, "20"},
        {SETTING_WINDOW, "200ms"},
        {SETTING_INSTRUMENT, "auto"},
    };
    static const struct engine_defaults defaults = {settings, COUNT(settings),
                                                    "harness/peers/measure_more.sh"};
    return run_engine(&defaults, argc, argv);
}

/* ---- reproduce ---- */

static const char *reproduce_out, *reproduce_max_time;
static bool no_compare, no_figures;

static int compare_with(const char *run, const char *out)
{
    static char name[] = "compare", option[] = "--out";
    char *first = copy_string(run), *second = copy_string(out),
         *directory = format_string("%s/compare", out);
    char *argv[] = {name, first, second, option, directory, NULL};
    message_name("compare");
    int status = command_compare(5, argv);
    message_name("reproduce");
    free(first);
    free(second);
    free(directory);
    return status;
}

static void check_is_run(const char *directory, const char *name)
{
    char *path = format_string("%s/%s", directory, name);
    if (access(path, F_OK) != 0)
        fail_usage("no run to repeat in %s: it has no %s", directory, name);
    free(path);
}

static const char *read_reproduce(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "measures the plan of a run again on this machine, and compares the two runs",
        .operands = "RUN",
        .example = "runs reproduce results/reference/main",
        .mixed = true,
    };
    static const struct option_spec options[] = {
        {OPTION_TEXT, "out", "DIR", "directory of the new run (results/<host>-<kernel>-<utc>)",
         &reproduce_out},
        {OPTION_TEXT, "max-time", "D", "no trial begins after this time (none)",
         &reproduce_max_time},
        {OPTION_FLAG, "no-compare", NULL, "do not compare the two runs", &no_compare},
        {OPTION_FLAG, "no-figures", NULL, "measure and print the table only", &no_figures},
        OPTIONS_END,
    };
    static const struct option_spec *const tables[] = {options, NULL};
    int first = options_parse(&program, tables, argc, argv);
    if (argc - first == 0)
        fail_usage("expected a run: see --help");
    if (argc - first > 1)
        fail_usage("expected one run, unexpected argument '%s'", argv[first + 1]);
    check_is_run(argv[first], "plan.tsv");
    check_is_run(argv[first], "settings.tsv");
    return argv[first];
}

int command_reproduce(int argc, char **argv)
{
    const char *run = read_reproduce(argc, argv);
    struct engine e;
    engine_begin(&e, NULL, 0);
    engine_reproduce(&e, run, reproduce_out, reproduce_max_time);
    engine_measure(&e);
    conclude(e.out, !no_figures, "");
    int status = no_compare ? EXIT_DONE : compare_with(run, e.out);
    if (status == EXIT_DONE)
        status = report_outcome(&e);
    engine_end(&e);
    return status;
}

/* ---- parts ---- */

static const char *program_name, *into;
static bool guest;

/* Writes servers and settings there, too, for a run that is measured elsewhere. */
static int put_plan_into(struct engine *e, const char *directory)
{
    struct text plan = {NULL, 0, 0};
    engine_plan(e, guest ? PLACED_IN_GUEST : PLACED_HERE);
    if (!guest) /* a guest has its own time limit */
        check_total(e);
    plan_write(&e->plan, &plan);
    engine_fill(e, directory);
    directory_put_plan(directory, &plan);
    text_free(&plan);
    return EXIT_DONE;
}

int command_plan(int argc, char **argv)
{
    static const struct option_spec more[] = {
        {OPTION_TEXT, "program", "NAME", "program name in messages (plan)", &program_name},
        {OPTION_FLAG, "guest", NULL, "plan for a guest with the CPUs of --cpus", &guest},
        {OPTION_TEXT, "into", "DIR",
         "directory for plan.tsv, settings.tsv and strategies.tsv; no output", &into},
        OPTIONS_END,
    };
    struct engine e;
    struct engine_options options;
    engine_begin(&e, NULL, 0);
    engine_options_read(&options, &e.settings, more, argc, argv);
    if (program_name)
        message_name(program_name);
    settings_check(&e.settings);
    servers_read(&e.servers, &e.settings, &e.catalogue);
    int status = into ? put_plan_into(&e, into)
                      : engine_dry_run(&e, guest ? PLACED_IN_GUEST : PLACED_HERE);
    engine_end(&e);
    return status;
}

int command_check_plan(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "checks the plan.tsv of a run; prints the first error with its line and column",
        .operands = "RUN",
        .example = "runs check-plan results/mine",
        .mixed = true,
    };
    static bool foreign;
    static const struct option_spec options[] = {
        {OPTION_FLAG, "foreign", NULL, "refuse options not allowed in a plan from elsewhere",
         &foreign},
        OPTIONS_END,
    };
    const char *run = only_run(&program, options, argc, argv); /* sets `foreign` */
    check_plan(run, foreign ? PLAN_FOREIGN : PLAN_OWN);
    return EXIT_DONE;
}

static void print_arguments(char *const *fields)
{
    char **arguments = trial_arguments(fields);
    for (unsigned i = 0; arguments[i]; i++)
        printf("%s%s", i ? " " : "", arguments[i]);
    putchar('\n');
    trial_arguments_free(arguments);
}

int command_trials(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "prints the arguments of the tool trial for each trial of a run's plan, one "
                    "trial per line",
        .operands = "RUN",
        .example = "runs trials results/mine --cpus 4",
        .mixed = true,
    };
    static unsigned long cpus;
    static const struct option_spec options[] = {
        {OPTION_NUMBER, "cpus", "N", "only trials with N CPUs (all)", &cpus, 1, 1000000},
        OPTIONS_END,
    };
    struct csv plan;
    const char *run = only_run(&program, options, argc, argv);
    check_plan(run, PLAN_OWN);
    plan_open(&plan, run);
    while (plan_next(&plan))
        if (cpus == 0 || strtoul(plan.fields[PLAN_CPUS], NULL, 10) == cpus)
            print_arguments(plan.fields);
    plan_close(&plan);
    return EXIT_DONE;
}

int command_conclude(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "tables, figures and the report of a measured run",
        .operands = "RUN",
        .example = "runs conclude results/mine",
        .mixed = true,
    };
    static const struct option_spec options[] = {
        {OPTION_FLAG, "no-figures", NULL, "tables only", &no_figures},
        OPTIONS_END,
    };
    const char *run = only_run(&program, options, argc, argv);
    conclude(run, !no_figures, "");
    return EXIT_DONE;
}
