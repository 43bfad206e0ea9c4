/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_FUZZ_DERIVE_H
#define WAKEONE_FUZZ_DERIVE_H

/* Everything that is derived from a valid run, except images: tables, data of figures, report, comparison with itself. */

#include "harness/runs/compare.h"
#include "harness/runs/expression.h"
#include "harness/runs/figure.h"
#include "harness/runs/report.h"
#include "harness/runs/run.h"

#include "run_files.h"

static inline void check_line_of(const struct complaint *complaint)
{
    if (complaint->text[0] == '\0' || strchr(complaint->text, '\n'))
        abort();
}

static inline void derive_tables(struct run *run)
{
    struct text text = {NULL, 0, 0};
    struct summary summary = summary_of(run);
    for (unsigned i = 0; i < run->trials.configuration_count; i++)
        if (strchr(configuration_key(&run->trials.configurations[i]).text, '\n'))
            abort();
    for (unsigned i = 0; i < run->server_count; i++) {
        long value;
        expression_value(run->servers[i].wakes, 8, 0, &value);
    }
    summary_csv(&summary, &text);
    summary_table(&summary, 80, &text);
    summary_free(&summary);
    text_free(&text);
}

static inline void derive_figures(struct run *run)
{
    static const char *const names[] = {"wakeups", "throughput", "ratios",  "surface", "rate",
                                        "latency", "cpu",        "share",   "classes", "wire",
                                        "scale",   "where",      "timeline"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text data = {NULL, 0, 0};
        struct complaint why = {""};
        if (figure_of_run(run, names[i], &data, &why) != FIGURE_DRAWN)
            check_line_of(&why);
        text_free(&data);
    }
}

static inline void derive_report(struct run *run)
{
    struct report report;
    struct text html = {NULL, 0, 0}, markdown = {NULL, 0, 0};
    report_of(run, &report);
    page_of_one(&report, &html, &markdown);
    char *json = report_as_json(&report);
    json_t *again = json ? json_loads(json, 0, NULL) : NULL;
    if (!again)
        abort(); /* always valid JSON */
    json_decref(again);
    free(json);
    text_free(&html);
    text_free(&markdown);
    report_free(&report);
}

/* The parts of a run that compare reads: facts, plan, ratios. */
static inline void derive_comparison(void)
{
    struct complaint why;
    struct comparison c = {.metrics = 1, .metric = {COLUMN_throughput_rps}, .count = 1};
    c.sides = calloc(1, sizeof *c.sides);
    if (!c.sides)
        abort();
    if (compare_read(&c, c.sides, run_directory(), &why) != 0)
        check_line_of(&why);
    comparison_free(&c);
}

/* Reads the run that was written, or rejects it with one line. */
static inline void read_and_derive(void (*const *derivations)(struct run *run), size_t count)
{
    struct complaint complaint;
    struct run run;
    if (run_open(&run, run_directory(), &complaint))
        for (size_t i = 0; i < count; i++)
            derivations[i](&run);
    else
        check_line_of(&complaint);
    run_free(&run);
}

#endif
