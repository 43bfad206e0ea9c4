/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers and durations of rounds: estimates, the time limit, and more rounds until the intervals are narrow enough. */

#include "check_plan.h"
#include "directory.h"
#include "engine.h"
#include "ratios.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS             86400000ULL
#define PRECISION_MAX_TIME "30m" /* without --max-time */

enum { OVERHEAD_MS = 20 }; /* of a trial: start, drain, stop; for the first estimate only */

/* ---- the plan ---- */

void engine_plan(struct engine *e, enum placed where)
{
    placements_read(&e->placements, &e->settings, where);
    plan_begin(&e->plan, &e->settings, &e->servers, &e->placements);
    e->trials_a_round = plan_trials_a_round(&e->plan);
    e->trial_ms = e->settings.window_ms + e->settings.warmup_ms + OVERHEAD_MS;
}

static unsigned long total_trials(const struct engine *e)
{
    return e->trials_a_round * (e->settings.rounds + e->settings.wire_rounds);
}

/* Plans that take longer than a day need --max-time. */
void check_total(struct engine *e)
{
    struct settings *s = &e->settings;
    uint64_t total_ms = total_trials(e) * e->trial_ms, round_ms = e->trials_a_round * e->trial_ms;
    if (total_trials(e) > PLAN_TRIALS_MAX)
        fail_usage("%lu trials per round and %lu rounds are more than %d trials: reduce the "
                   "configurations or --rounds",
                   e->trials_a_round, s->rounds, PLAN_TRIALS_MAX);
    if (!settings_get(s, SETTING_MAX_TIME)) {
        if (s->precision > 0)
            settings_set(s, SETTING_MAX_TIME, PRECISION_MAX_TIME);
        if (total_ms > DAY_MS)
            fail_usage("%lu trials take %llu days: reduce the configurations or --rounds, or set "
                       "--max-time",
                       total_trials(e), (unsigned long long)(total_ms / DAY_MS + 1));
    }
    settings_read_max_time(s);
    if (s->max_time_ms && round_ms > s->max_time_ms)
        fail_usage("one round takes about %s minutes, more than --max-time %s",
                   minutes_of(round_ms).text, s->text[SETTING_MAX_TIME]);
}

void report_total(const struct engine *e)
{
    const char *max_time = settings_get(&e->settings, SETTING_MAX_TIME);
    fprintf(stderr, "%lu trials: %lu per round, about %s minutes%s%s%s\n", total_trials(e),
            e->trials_a_round, minutes_of(total_trials(e) * e->trial_ms).text, max_time ? ", " : "",
            max_time ? max_time : "", max_time ? " at most" : "");
    placements_report(&e->placements, &e->settings);
}

/* ---- until precise ---- */

/* A configuration whose interval is wider than requested. */
struct imprecise {
    char *key;    /* of the configuration */
    size_t pairs; /* so far */
    double width; /* half of the interval, as a share; NAN = none yet */
};

struct imprecise_list {
    struct imprecise *all;
    unsigned count, room;
};

static void imprecise_free(struct imprecise_list *list)
{
    for (unsigned i = 0; i < list->count; i++)
        free(list->all[i].key);
    free(list->all);
    *list = (struct imprecise_list){NULL, 0, 0};
}

static void find_imprecise(const struct engine *e, struct imprecise_list *list)
{
    struct run run;
    imprecise_free(list);
    run_read(&run, e->out);
    struct ratios ratios = ratios_of(&run, column_find("throughput_rps"));
    for (unsigned i = 0; i < ratios.count; i++) {
        const struct ratio *r = &ratios.all[i];
        if (r->smallest <= e->settings.precision) /* not of NAN */
            continue;
        list->all = array_grow(list->all, list->count, &list->room, sizeof *list->all);
        list->all[list->count++] = (struct imprecise){
            copy_string(configuration_key(&run.trials.configurations[r->configuration]).text),
            r->paired.n, r->smallest};
    }
    ratios_free(&ratios);
    run_free(&run);
}

/* The estimated number of pairs needed: the width is inversely proportional to its square root. */
static double pairs_needed(const struct imprecise *l, double wanted)
{
    double factor = l->width / wanted;
    return (double)l->pairs * factor * factor;
}

/* The smallest estimated number of additional rounds of all configurations; at most doubles the rounds. */
static unsigned long rounds_wanted(const struct imprecise_list *list, double wanted)
{
    double least = INFINITY, most = 0;
    for (unsigned i = 0; i < list->count; i++) {
        const struct imprecise *l = &list->all[i];
        double need = isnan(l->width) ? 2 : floor(pairs_needed(l, wanted)) + 1 - (double)l->pairs;
        least = fmin(least, need);
        most = fmax(most, (double)l->pairs);
    }
    least = fmin(least, most);
    return least < 2 ? 2 : (unsigned long)least;
}

/* The blocks with an imprecise configuration; complete, since a pair needs both servers. The caller frees it. */
static bool *choose_blocks(const struct engine *e, const struct imprecise_list *list)
{
    bool *chosen = calloc(e->plan.block_count, sizeof *chosen);
    if (!chosen)
        fail("out of memory");
    for (unsigned b = 0; b < e->plan.block_count; b++) {
        char *key = block_key(&e->plan.blocks[b]);
        for (unsigned i = 0; i < list->count && !chosen[b]; i++)
            chosen[b] = strcmp(strchr(list->all[i].key, '|') + 1, key) == 0;
        free(key);
    }
    return chosen;
}

static unsigned count_chosen(const struct engine *e, const bool *chosen)
{
    unsigned count = 0;
    for (unsigned b = 0; b < e->plan.block_count; b++)
        count += chosen[b];
    return count;
}

/* The last round of the plan, and the highest number of a trial: a plan may have no warm-up. */
static unsigned long last_round(const char *directory, unsigned long *last_trial)
{
    struct csv plan;
    unsigned long last = 0;
    *last_trial = 0;
    plan_open(&plan, directory);
    while (plan_next(&plan)) {
        unsigned long round = strtoul(plan.fields[PLAN_ROUND], NULL, 10),
                      trial = strtoul(plan.fields[PLAN_TRIAL], NULL, 10);
        last = round > last ? round : last;
        *last_trial = trial > *last_trial ? trial : *last_trial;
    }
    plan_close(&plan);
    return last;
}

/* False: the plan would be too long. */
static bool append_rounds(const struct engine *e, unsigned long rounds, const bool *chosen)
{
    unsigned long last_trial, last = last_round(e->out, &last_trial);
    uint64_t most = last_trial + (uint64_t)rounds * count_chosen(e, chosen) * e->servers.count;
    if (most > PLAN_LINES_MAX)
        return false;
    size_t size;
    char *path = format_string("%s/plan.tsv", e->out), *before = file_read(path, &size);
    struct text plan = {NULL, 0, 0};
    if (!before)
        fail("cannot read %s: %s", path, strerror(errno));
    text_add_bytes(&plan, before, size);
    if (size > 0 && before[size - 1] != '\n') /* edited */
        text_add_string(&plan, "\n");
    plan_write_rounds(&e->plan, KIND_MEASURED, last + 1, last + rounds, last_trial + 1, chosen,
                      &plan);
    directory_put_plan(e->out, &plan);
    text_free(&plan);
    free(before);
    free(path);
    return true;
}

/* round_ms: of a block's round */
static void report_imprecise(const struct engine *e, const struct imprecise_list *list,
                             uint64_t round_ms)
{
    const struct settings *s = &e->settings;
    if (list->count == 0)
        return;
    message("after %s these intervals are wider than %s:", s->text[SETTING_MAX_TIME],
            s->text[SETTING_PRECISION]);
    for (unsigned i = 0; i < list->count; i++) {
        const struct imprecise *l = &list->all[i];
        double more = pairs_needed(l, s->precision) - (double)l->pairs;
        if (isnan(l->width))
            fprintf(stderr, "  %s: no interval\n", l->key);
        else
            fprintf(stderr, "  %s: %.1f %% after %zu rounds; about %.0f minutes more needed\n",
                    l->key, 100 * l->width, l->pairs, more * (double)round_ms / 60000 + 0.5);
    }
}

/* False without enough time or room in the plan, or if the plan was not run to its end. */
static bool run_more(struct engine *e, const struct imprecise_list *list)
{
    unsigned long rounds = rounds_wanted(list, e->settings.precision);
    bool *chosen = choose_blocks(e, list);
    unsigned blocks = count_chosen(e, chosen);
    if (blocks == 0)
        fail("the rows of %s do not match its plan: measured on another machine?", e->out);
    bool more = is_time_for(&e->execution,
                            (uint64_t)blocks * e->servers.count * e->execution.trial_ms) &&
                append_rounds(e, rounds, chosen);
    if (more) {
        message("%u intervals are wider than %s: %lu more rounds of these configurations",
                list->count, e->settings.text[SETTING_PRECISION], rounds);
        execute_plan(&e->execution);
    }
    free(chosen);
    return more && !e->execution.capped;
}

void run_until_precise(struct engine *e)
{
    struct imprecise_list list = {NULL, 0, 0};
    if (e->settings.precision == 0)
        return;
    find_imprecise(e, &list);
    while (list.count > 0 && run_more(e, &list))
        find_imprecise(e, &list);
    find_imprecise(e, &list);
    report_imprecise(e, &list, e->servers.count * e->execution.trial_ms);
    e->imprecise = list.count > 0;
    imprecise_free(&list);
}
