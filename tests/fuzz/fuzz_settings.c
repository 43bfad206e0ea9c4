/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader of settings.tsv (--resume, reproduce) with arbitrary input. Accepted settings are written, accepted again and
 * equal; the plan made from them is valid. The corpus is in tests/data/settings.
 */

#include "refuse.h"

#include "run_files.h"

#include "harness/runs/check_plan.h"
#include "harness/runs/plan.h"

#include "harness/lib/cpulist.h"

enum { TRIALS_MOST = 1000 }; /* a larger plan takes too long */

static struct catalogue catalogue;

static void load(struct settings *settings, struct servers_under_test *servers)
{
    char path[200];
    snprintf(path, sizeof path, "%s/settings.tsv", run_directory());
    settings_begin(settings, NULL, 0);
    settings_load(settings, path);
    settings_check(settings);
    servers_read(servers, settings, &catalogue);
}

/* The tool `placement` checks the CPUs of --split SERVER:CLIENT; this is only its parser. */
static void read_cpus(const struct settings *settings)
{
    struct cpulist cpus;
    char text[200];
    if (cpulist_parse(&cpus, settings->text[SETTING_SPLIT]))
        cpulist_format(&cpus, text, sizeof text);
}

static void plan_all(const struct settings *settings, const struct servers_under_test *servers)
{
    static char everywhere[] = "-", server[] = "0-3", client[] = "4-7";
    static struct placement all[] = {{4, everywhere, everywhere, 4, true},
                                     {8, server, client, 4, false}};
    static const struct placements placements = {all, 2};
    struct plan plan;
    struct text text = {NULL, 0, 0};
    plan_begin(&plan, settings, servers, &placements);
    if (plan_trials_a_round(&plan) * (settings->rounds + settings->wire_rounds) <= TRIALS_MOST) {
        plan_write(&plan, &text);
        write_part("plan.tsv", text.text, text.length);
    }
    text_free(&text);
    plan_free(&plan);
}

static void read_settings(const void *context)
{
    struct settings settings;
    struct servers_under_test servers;
    struct text text = {NULL, 0, 0};
    (void)context;
    load(&settings, &servers);
    read_cpus(&settings);
    plan_all(&settings, &servers);
    settings_write(&settings, &text);
    write_part("settings.tsv", text.text, text.length);
    text_free(&text);
    servers_free(&servers);
    settings_free(&settings);
}

static void read_again(const void *context)
{
    struct settings settings;
    struct servers_under_test servers;
    struct text text = {NULL, 0, 0};
    size_t size;
    char path[200];
    (void)context;
    snprintf(path, sizeof path, "%s/settings.tsv", run_directory());
    char *before = file_read(path, &size);
    load(&settings, &servers);
    settings_write(&settings, &text);
    if (!before || strcmp(before, text.text) != 0)
        abort();
    free(before);
    text_free(&text);
    servers_free(&servers);
    settings_free(&settings);
}

static void check_planned(const void *context)
{
    (void)context;
    check_plan(run_directory(), PLAN_OWN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char plan[200];
    snprintf(plan, sizeof plan, "%s/plan.tsv", run_directory());
    if (!catalogue.buffer)
        catalogue_open(&catalogue);
    write_part("settings.tsv", data, size);
    write_part("plan.tsv", NULL, 0);
    if (may_refuse(read_settings, NULL) &&
        (!may_refuse(read_again, NULL) ||
         (access(plan, F_OK) == 0 && !may_refuse(check_planned, NULL))))
        abort();
    return 0;
}
