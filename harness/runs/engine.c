/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine.h"

#include "check_plan.h"
#include "command.h"
#include "directory.h"
#include "engine_options.h"
#include "files.h"

#include "harness/lib/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* ---- start and end ---- */

/* Child processes get the same environment as from a shell. */
static void set_environment(void)
{
    const char *path = getenv("PATH");
    char *more = format_string("%s:/usr/sbin", path ? path : ""); /* Debian's servers are there */
    signal(SIGCHLD, SIG_DFL);                                     /* children must be waited for */
    if (setenv("PATH", more, 1) != 0 || setenv("LC_ALL", "C", 1) != 0 ||
        setenv("top", top_directory(), 1) != 0 || setenv("WAKEONE_TOP", top_directory(), 1) != 0)
        fail("out of memory");
    free(more);
}

void engine_begin(struct engine *e, const struct setting_default *defaults, unsigned count)
{
    *e = (struct engine){.out = NULL};
    set_environment();
    settings_begin(&e->settings, defaults, count);
    catalogue_open(&e->catalogue);
}

void engine_end(struct engine *e)
{
    plan_free(&e->plan);
    placements_free(&e->placements);
    servers_free(&e->servers);
    settings_free(&e->settings);
    catalogue_free(&e->catalogue);
    free(e->out);
}

/* ---- the run's directory ---- */

static char *standard_out(void)
{
    char stamp[32];
    struct utsname machine;
    time_t now = time(NULL);
    struct tm utc;
    uname(&machine);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    char *name = format_string("%s-%s-%s", machine.nodename, machine.release, stamp),
         *path = results_file(name);
    free(name);
    return path;
}

static void make_out(struct engine *e, const char *given)
{
    char *path = given ? copy_string(given) : standard_out();
    e->out = directory_make(path);
    directory_lock(e->out, LOCK_WAIT_MS);
    free(path);
}

static void describe_machine(struct text *to)
{
    const char *given = getenv("WAKEONE_ENVIRONMENT");
    char *script = given && *given ? copy_string(given) : top_file("harness/lib/environment.sh");
    const char *const argv[] = {"sh", script, NULL};
    int status = program_run(argv, to, ERRORS_PASS);
    if (status != 0)
        fail("cannot describe the machine: %s exited with status %d", script, status);
    if (!to->text)
        fail("cannot describe the machine: %s printed nothing", script);
    free(script);
}

static char *commit(void)
{
    struct text output = {NULL, 0, 0};
    const char *const argv[] = {"git", "-C", top_directory(), "rev-parse", "HEAD", NULL};
    int status = program_run(argv, &output, ERRORS_DROP);
    size_t length = strcspn(text_of(&output), "\n");
    char *name = status == 0 && length ? copy_bytes(text_of(&output), length)
                                       : copy_string("unknown");
    text_free(&output);
    return name;
}

static void write_reproduce(struct text *to)
{
    char *made_with = commit();
    text_add(to,
             "#!/bin/sh\n"
             "# Measures this run's plan again, the same configurations in the same order, and "
             "compares the "
             "two.\n"
             "# usage: reproduce.sh [CHECKOUT [OPTIONS OF reproduce]]\n"
             "# It was made with commit %s\n",
             made_with);
    text_add_string(to, "checkout=${1:-.}\n"
                        "[ -x \"$checkout/run.sh\" ] || { echo \"reproduce.sh: no checkout in "
                        "$checkout: name its directory\" >&2; exit 2; }\n"
                        "[ $# -eq 0 ] || shift\n"
                        "exec \"$checkout/run.sh\" reproduce \"$(dirname \"$0\")\" \"$@\"\n");
    free(made_with);
}

static void add_file(struct files *files, const char *name, struct text *text)
{
    files_add(files, name, text_of(text), text->length);
    text_free(text);
}

void engine_fill(struct engine *e, const char *directory)
{
    struct files files = {.directory = directory};
    struct text text = {NULL, 0, 0};
    servers_write(&e->servers, &e->catalogue, &text);
    add_file(&files, "strategies.tsv", &text);
    settings_write(&e->settings, &text);
    add_file(&files, "settings.tsv", &text);
    files_put(&files);
}

static void fill_out(struct engine *e, struct text *skipped)
{
    struct files files = {.directory = e->out};
    struct text text = {NULL, 0, 0};
    char *script = format_string("%s/reproduce.sh", e->out);
    engine_fill(e, e->out);
    describe_machine(&text);
    add_file(&files, "env.json", &text);
    write_reproduce(&text);
    add_file(&files, "reproduce.sh", &text);
    if (skipped->text)
        add_file(&files, "skipped.tsv", skipped);
    files_put(&files);
    if (chmod(script, 0755) != 0)
        fail("cannot write to %s: %s", e->out, strerror(errno));
    free(script);
}

/* Configurations, replies and versions of third-party servers are kept with the run. */
static void prepare_peers(const struct engine *e)
{
    struct text versions = {NULL, 0, 0};
    for (unsigned i = 0; i < e->servers.count; i++) {
        const struct planned_server *server = &e->servers.all[i];
        const struct peer *peer = peer_find(&e->catalogue, server->command);
        if (!peer || server->role == ROLE_CONTROL)
            continue;
        char *version = peer_version(peer);
        text_add(&versions, "%s\t%s\n", server->name, *version ? version : "unknown");
        free(version);
    }
    if (!versions.text)
        return;
    char *directory = format_string("%s/peers", e->out);
    struct files files = {.directory = directory};
    make_directory(directory);
    setenv("WAKEONE_PEERS", directory, 1);
    add_file(&files, "versions.tsv", &versions);
    files_put(&files);
    free(directory);
}

/* ---- a new, a resumed, a reproduced run ---- */

/* Checks the permission to capture now, not after the rounds without capture. */
static void check_capture(const struct engine *e)
{
    char *trial = build_file("bin/trial");
    const char *const argv[] = {trial, "--strategy", "wakeone", "--window", "10ms", "--wire", NULL};
    struct text row = {NULL, 0, 0};
    if (e->settings.wire_rounds > 0 && program_run(argv, &row, ERRORS_PASS) == EXIT_FAILED)
        fail("cannot capture packets: see above, or leave out --wire");
    text_free(&row);
    free(trial);
}

static void report_reach(const struct engine *e)
{
    const char *address = settings_get(&e->settings, SETTING_SERVER_ADDRESS);
    if (address && strncmp(address, "127.", 4) != 0 && strcmp(address, "::1") != 0)
        message("servers listen on %s, which other hosts may reach", address);
}

/* From checked options to a directory without a plan */
static void prepare(struct engine *e, const char *out)
{
    struct text skipped = {NULL, 0, 0};
    check_capture(e);
    servers_leave_out(&e->servers, &e->settings, &e->catalogue, &skipped);
    engine_plan(e, PLACED_HERE);
    check_total(e);
    report_reach(e);
    make_out(e, out);
    fill_out(e, &skipped);
    prepare_peers(e);
    text_free(&skipped);
}

static void begin(struct engine *e, const char *out)
{
    struct text plan = {NULL, 0, 0};
    prepare(e, out);
    plan_write(&e->plan, &plan);
    directory_put_plan(e->out, &plan);
    text_free(&plan);
    report_total(e);
}

static void resume(struct engine *e, const char *directory, const char *max_time)
{
    e->out = directory_open(directory);
    directory_lock(e->out, LOCK_WAIT_MS);
    char *path = format_string("%s/settings.tsv", e->out);
    settings_load(&e->settings, path);
    free(path);
    if (max_time)
        settings_set(&e->settings, SETTING_MAX_TIME, max_time);
    check_plan(e->out, PLAN_OWN);
    settings_check(&e->settings);
    servers_read(&e->servers, &e->settings, &e->catalogue);
    prepare_peers(e);
    engine_plan(e, PLACED_HERE);
    check_total(e);
    directory_drop_half_rows(e->out); /* not in a run that is refused */
}

static bool is_server(const struct engine *e, const char *name)
{
    for (unsigned i = 0; i < e->servers.count; i++)
        if (strcmp(e->servers.all[i].name, name) == 0)
            return true;
    return false;
}

static void add_line(struct text *plan, char *const *fields)
{
    for (unsigned i = 0; i < PLAN_COLUMN_COUNT; i++)
        text_add(plan, "%s%c", fields[i], i + 1 < PLAN_COLUMN_COUNT ? '\t' : '\n');
}

/* The plan of another run, without servers that are unavailable on this machine. */
static void copy_plan(const struct engine *e, const char *from)
{
    struct text plan = {NULL, 0, 0};
    struct csv csv;
    plan_open(&csv, from);
    add_line(&plan, csv.header);
    while (plan_next(&csv))
        if (is_server(e, csv.fields[PLAN_STRATEGY]))
            add_line(&plan, csv.fields);
    plan_close(&csv);
    directory_put_plan(e->out, &plan);
    text_free(&plan);
}

void engine_reproduce(struct engine *e, const char *from, const char *out, const char *max_time)
{
    char *path = format_string("%s/settings.tsv", from);
    settings_load(&e->settings, path);
    free(path);
    check_plan(from, PLAN_FOREIGN);
    settings_set(&e->settings, SETTING_MAX_TIME, max_time ? max_time : "");
    settings_set(&e->settings, SETTING_PRECISION, "");
    settings_check(&e->settings);
    servers_read(&e->servers, &e->settings, &e->catalogue);
    prepare(e, out);
    copy_plan(e, from);
}

/* ---- measuring ---- */

void engine_measure(struct engine *e)
{
    execution_begin(&e->execution, e->out, e->trial_ms, e->settings.max_time_ms);
    execute_plan(&e->execution);
    run_until_precise(e);
    execution_end(&e->execution);
}

/* Measurements of a command besides the plan (external programs), in a script that ends with this program. */
static void measure_more(struct engine *e, const char *script, unsigned long rounds,
                         struct text *output)
{
    char *path = top_file(script), *count = format_string("%lu", rounds);
    const char *const argv[] = {"setpriv", "--pdeathsig", "TERM", "sh", path, e->out, count, NULL};
    struct execution execution;
    execution_begin(&execution, e->out, 0, 0);
    int status = execute_program(&execution, argv, output);
    execution_end(&execution);
    if (status < 0)
        fail("cannot start %s: %s", argv[0], strerror(errno));
    if (status != 0)
        exit(status < EXIT_NOT_OK ? status : EXIT_FAILED);
    free(path);
    free(count);
}

/* ---- the engine ---- */

int engine_dry_run(struct engine *e, enum placed where)
{
    struct text plan = {NULL, 0, 0};
    engine_plan(e, where);
    check_total(e);
    plan_write(&e->plan, &plan);
    int error = print_text(text_of(&plan));
    text_free(&plan);
    if (error)
        cannot_print(error);
    report_total(e);
    return EXIT_DONE;
}

static int measure_and_conclude(struct engine *e, const struct engine_defaults *defaults,
                                const struct engine_options *options)
{
    struct text before = {NULL, 0, 0};
    engine_measure(e);
    if (defaults->more)
        measure_more(e, defaults->more, options->client_rounds, &before);
    conclude(e->out, !options->no_figures, text_of(&before));
    text_free(&before);
    return report_outcome(e);
}

int run_engine(const struct engine_defaults *defaults, int argc, char **argv)
{
    struct engine e;
    struct engine_options options;
    int status;
    engine_begin(&e, defaults->settings, defaults->count);
    engine_options_read(&options, &e.settings, defaults->more ? engine_client_options : NULL, argc,
                        argv);
    if (options.resume) {
        resume(&e, options.resume, options.max_time);
        status = measure_and_conclude(&e, defaults, &options);
    } else {
        settings_check(&e.settings);
        servers_read(&e.servers, &e.settings, &e.catalogue);
        if (options.dry_run) {
            status = engine_dry_run(&e, PLACED_HERE);
        } else {
            begin(&e, options.out);
            status = measure_and_conclude(&e, defaults, &options);
        }
    }
    engine_end(&e);
    return status;
}
