/* SPDX-License-Identifier: BSD-2-Clause */
/* The output of a measured run: tables, figures, the report, and warnings about invalid samples. */

#include "check_plan.h"
#include "command.h"
#include "directory.h"
#include "engine.h"
#include "tables.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"
#include "harness/lib/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- tables, figures, report ---- */

static bool has_content(const char *directory, const char *name)
{
    struct stat about;
    char *path = format_string("%s/%s", directory, name);
    bool content = stat(path, &about) == 0 && about.st_size > 0;
    free(path);
    return content;
}

int print_text(const char *text)
{
    return fputs(text, stdout) >= 0 && fflush(stdout) == 0 ? 0 : errno;
}

void cannot_print(int error)
{
    message("cannot write standard output: %s", strerror(error));
    _exit(EXIT_FAILED); /* exit() would report it a second time */
}

/* Prints the tables, then the directory on stderr even if that failed. If the reader has closed the pipe, the program ends by
 * SIGPIPE as usual. */
static void print_results(const struct text *tables, const char *directory)
{
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    int error = print_text(text_of(tables));
    dprintf(STDERR_FILENO, "results: %s\n", directory);
    signal(SIGPIPE, before);
    if (error == 0)
        return;
    if (error == EPIPE && before == SIG_DFL)
        raise(SIGPIPE);
    cannot_print(error);
}

/* A run without a valid sample has a report, too (EXIT_NOT_OK). */
static void write_report(const char *directory)
{
    static char name[] = "report";
    char *path = copy_string(directory);
    char *argv[] = {name, path, NULL};
    int status = command_report(2, argv);
    free(path);
    if (status != EXIT_DONE && status != EXIT_NOT_OK)
        exit(EXIT_FAILED);
}

void conclude(const char *directory, bool figures, const char *before)
{
    struct text tables = {NULL, 0, 0};
    struct run run;
    if (!has_content(directory, "trials.csv"))
        fail("nothing could be measured: see %s/skipped.tsv", directory);
    run_read(&run, directory);
    text_add_string(&tables, before);
    put_summary(&run, terminal_room(stdout), &tables);
    if (has_content(directory, "wire.csv"))
        put_wire_summary(&run, &tables);
    if (figures)
        write_report(directory);
    if (run_setting(&run, setting_label(SETTING_CPUS)))
        put_scale(&run, &tables);
    print_results(&tables, directory);
    text_free(&tables);
    run_free(&run);
}

/* ---- missing and invalid samples ---- */

struct verdict {
    const char *name;
    unsigned rows;
};

struct verdicts {
    struct verdict *all;
    unsigned count, room, rows, broken; /* broken: invalid for another reason than noise */
};

static void count_verdict(struct verdicts *v, const char *name)
{
    unsigned i = 0;
    while (i < v->count && strcmp(v->all[i].name, name) != 0)
        i++;
    if (i == v->count) {
        v->all = array_grow(v->all, v->count, &v->room, sizeof *v->all);
        v->all[v->count++] = (struct verdict){name, 0};
    }
    v->all[i].rows++;
    v->rows++;
    v->broken += strcmp(name, "noisy") != 0;
}

/* Invalid samples, the warm-up left out. */
static void count_verdicts(struct verdicts *v, const struct rows *rows)
{
    for (unsigned i = 0; i < rows->count; i++)
        if (!row_is_valid(&rows->all[i]) && !row_is_warm_up(&rows->all[i]))
            count_verdict(v, rows->all[i].verdict);
}

static int order_of_verdicts(const void *a, const void *b)
{
    const struct verdict *left = a, *right = b;
    return strcmp(left->name, right->name);
}

/* "81 of 2001 samples (78 noisy, 3 errors) are invalid and left out" */
static void report_invalid(const struct engine *e, struct verdicts *v, unsigned long total)
{
    struct text list = {NULL, 0, 0};
    if (v->rows == 0)
        return;
    qsort(v->all, v->count, sizeof *v->all, order_of_verdicts);
    for (unsigned i = 0; i < v->count; i++)
        text_add(&list, "%s%u %s", i ? ", " : "", v->all[i].rows, v->all[i].name);
    message("%u of %lu samples (%s) are invalid and left out: see the verdict column of %s/*.csv",
            v->rows, total, text_of(&list), e->out);
    text_free(&list);
}

static void report_instrument(const struct engine *e, const struct run *run)
{
    unsigned by_switches = 0;
    if (strcmp(e->settings.text[SETTING_INSTRUMENT], "auto") != 0)
        return;
    for (unsigned i = 0; i < run->trials.count; i++)
        by_switches += strcmp(run->trials.all[i].instrument, "ctxsw") == 0;
    if (by_switches > 0)
        message("in %u trials wakeups were counted as context switches: the BPF counter is "
                "unavailable; build/bin/wakeups --instrument bpf -p $$ prints the reason",
                by_switches);
}

/* The numbers of trials in the plan, and of those that are finished. */
static unsigned long count_trials(const char *directory, unsigned long *done)
{
    struct csv plan;
    struct finished finished;
    unsigned long count = 0;
    *done = 0;
    finished_read(&finished, directory);
    plan_open(&plan, directory);
    while (plan_next(&plan)) {
        count++;
        *done += is_finished(&finished, strtoul(plan.fields[PLAN_TRIAL], NULL, 10));
    }
    plan_close(&plan);
    finished_free(&finished);
    return count;
}

static void report_not_run(const struct engine *e, unsigned long total, unsigned long done)
{
    const struct execution *execution = &e->execution;
    if (execution->capped)
        message("--max-time %s expired with %lu of %lu trials not run; continue with --resume %s "
                "--max-time D",
                e->settings.text[SETTING_MAX_TIME], total - done - execution->skipped, total,
                e->out);
    if (execution->skipped > 0)
        message("%lu of %lu trials were left out: see %s/skipped.tsv", execution->skipped, total,
                e->out);
}

/* Noise comes from the machine, whatever is compared, and costs one round. Any other verdict depends on the server under test:
 * leaving out such samples biases the result. */
int report_outcome(const struct engine *e)
{
    struct verdicts verdicts = {.rows = 0};
    struct text lost = {NULL, 0, 0};
    struct run run;
    unsigned long done, total = count_trials(e->out, &done);
    run_read(&run, e->out);
    report_instrument(e, &run);
    report_not_run(e, total, done);
    count_verdicts(&verdicts, &run.trials);
    if (run.has_wire)
        count_verdicts(&verdicts, &run.wire);
    report_invalid(e, &verdicts, total);
    lost_comparisons(&run, &lost);
    if (lost.text)
        message("these comparisons lost more than a fifth of their rounds:");
    for (char *rest = lost.text, *line; rest && *rest && (line = strsep(&rest, "\n"));)
        fprintf(stderr, "  %s\n", line);
    bool good = verdicts.broken == 0 && !lost.text && e->execution.skipped == 0 &&
                !e->execution.capped && !e->imprecise;
    free(verdicts.all);
    text_free(&lost);
    run_free(&run);
    return good ? EXIT_DONE : EXIT_NOT_OK;
}
