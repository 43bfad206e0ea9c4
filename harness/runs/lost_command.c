/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runs lost RUN: the comparisons of a run that are not to be trusted, one per line: those that lost more than a fifth of their
 * rounds because one of the two samples is invalid or has no throughput.
 * A comparison is a configuration and its baseline, including the A/A control; without a measured baseline (too many workers
 * for it) there is none. For rounds with --wire, which are not compared, the samples of a configuration.
 */

#include "command.h"
#include "summary.h"
#include "tables.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "wakeone, 8 workers, 2 CPUs, 16 connections, one request each". The caller frees it. */
static char *label_of(const struct configuration *c)
{
    char *words = load_words(c);
    char *cpus = isnan(c->cpus) ? copy_string("")
                                : format_string(", %s CPUs", number_short(c->cpus).text);
    char *label = format_string("%s, %s workers%s, %s", c->server, key_value(c->workers).text, cpus,
                                words);
    free(words);
    free(cpus);
    return label;
}

/* A fifth, in integers */
static bool too_many(size_t lost, size_t rounds)
{
    return 5 * lost > rounds;
}

static bool has_baseline(const struct run *run, const struct configuration *c)
{
    struct configuration wanted = *c;
    wanted.server = run->baseline;
    return rows_find(&run->trials, &wanted) >= 0;
}

static void add_comparison(const struct run *run, const struct summary_line *line,
                           struct text *lines)
{
    const struct configuration *c = line->configuration;
    size_t pairs = line->ratio ? line->ratio->paired.n : 0;
    if (role_of(run, c->server) == ROLE_BASELINE || !has_baseline(run, c))
        return;
    char *label = label_of(c);
    if (too_many(line->trials - pairs, line->trials))
        text_add(lines, "%s: %zu of %u rounds lost\n", label, line->trials - pairs, line->trials);
    free(label);
}

void lost_comparisons(const struct run *run, struct text *lines)
{
    struct summary summary = summary_of(run);
    for (unsigned i = 0; i < summary.count; i++)
        add_comparison(run, &summary.lines[i], lines);
    for (unsigned i = 0; i < run->wire.configuration_count; i++) {
        const struct configuration *c = &run->wire.configurations[i];
        char *label = label_of(c);
        if (too_many(c->rows - c->valid, c->rows))
            text_add(lines, "%s: %u of %u captured rounds lost\n", label, c->rows - c->valid,
                     c->rows);
        free(label);
    }
    summary_free(&summary);
}

int command_lost(int argc, char **argv)
{
    static const struct program program = {
        .synopsis = "comparisons that lost more than a fifth of their rounds, one per line",
        .operands = "RUN",
        .example = "runs lost results/mine",
        .mixed = true,
    };
    static const struct option_spec options[] = {OPTIONS_END};
    struct text lines = {NULL, 0, 0};
    struct run run;
    run_read(&run, only_run(&program, options, argc, argv));
    lost_comparisons(&run, &lines);
    fputs(text_of(&lines), stdout);
    text_free(&lines);
    run_free(&run);
    return EXIT_DONE;
}
