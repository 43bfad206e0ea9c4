/* SPDX-License-Identifier: BSD-2-Clause */
#include "claims.h"
#include "document.h"
#include "run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* THRESHOLD_DIGITS: of noise thresholds, as parts.tsv has them */
enum { COMMIT_DIGITS = 12, DAY_LENGTH = 10, THRESHOLD_DIGITS = 6 };

/* ---- figures ---- */

struct short_number {
    char text[40];
};

/* Significant digits only */
static struct short_number short_number(double value)
{
    struct short_number n;
    if (value >= 0.1)
        snprintf(n.text, sizeof n.text, "%.*f", value >= 100 ? 0 : value >= 10 ? 1 : 2, value);
    else
        snprintf(n.text, sizeof n.text, "%.2g", value);
    return n;
}

static void add_figure(struct text *to, const struct part_result *r)
{
    bool narrow = r->figure >= 0.1 && r->figure < 10 && r->high - r->low < 0.1;
    if (isnan(r->figure))
        text_add_string(to, "-");
    else if (isnan(r->low))
        text_add(to, "%s (one round)", short_number(r->figure).text);
    else if (narrow)
        text_add(to, "%.3f [%.3f, %.3f]", r->figure, r->low, r->high);
    else
        text_add(to, "%s [%s, %s]", short_number(r->figure).text, short_number(r->low).text,
                 short_number(r->high).text);
}

/* The figures of the parts that have an expectation */
static void add_expected_figures(struct text *to, const struct claim_result *result)
{
    for (unsigned i = 0; i < result->part_count; i++) {
        const struct part_result *r = &result->parts[i];
        if (r->part->direction == DIRECTION_NONE)
            continue;
        text_add_string(to, to->length ? "; " : "");
        add_figure(to, r);
    }
    if (to->length == 0)
        text_add_string(to, "-");
}

/* ---- expectations ---- */

static void add_size(struct text *to, const struct part *p)
{
    struct short_number least = short_number(p->least.value), most = short_number(p->most.value);
    if (isnan(p->least.value) && isnan(p->most.value))
        text_add_string(to, "no size published");
    else if (isnan(p->most.value))
        text_add(to, "same size: %s or more", least.text);
    else if (isnan(p->least.value))
        text_add(to, "same size: %s or less", most.text);
    else
        text_add(to, "same size: %s to %s", least.text, most.text);
}

static void add_criterion(struct text *to, const struct part *p)
{
    if (p->direction == DIRECTION_EQUAL) {
        text_add(to, " (no difference: within %s to %s)", short_number(p->least.value).text,
                 short_number(p->most.value).text);
    } else if (p->direction != DIRECTION_NONE) {
        text_add(to, " (expected: %s %s; ", p->direction == DIRECTION_MORE ? "above" : "below",
                 short_number(p->nothing.value).text);
        add_size(to, p);
        text_add_string(to, ")");
    } else if (!isnan(p->published.value))
        text_add(to, " (published: %s)", short_number(p->published.value).text);
}

/* ---- verdicts ---- */

/* Results in virtual time are marked: they are not measured on CPUs. */
static const char *clock_suffix(const struct claim_result *result)
{
    return is_in_virtual_time(result) ? ", in virtual time" : "";
}

/* Verdict and notes of a part */
static void write_outcome(struct text *to, const struct part_result *r)
{
    bool has_expectation = r->part->direction != DIRECTION_NONE;
    if (has_expectation)
        text_add(to, ": %s", verdict_words[r->verdict]);
    if (r->notes.length > 0)
        text_add(to, ": %s", r->notes.text);
}

static void write_part(struct document *d, const struct part_result *r)
{
    struct text figure = {NULL, 0, 0}, beside = {NULL, 0, 0}, outcome = {NULL, 0, 0};
    add_figure(&figure, r);
    if (!isnan(r->figure))
        text_add(&beside, ", %u rounds", r->pairs);
    if (!isnan(r->threshold))
        text_add(&beside, ", noise threshold %.1f %%",
                 100 * rounded_to_digits(r->threshold, THRESHOLD_DIGITS));
    add_criterion(&beside, r->part);
    write_outcome(&outcome, r);
    document_item(d, "%s: **%v**%v%s.", r->part->what, text_of(&figure), text_of(&beside),
                  text_of(&outcome));
    text_free(&figure);
    text_free(&beside);
    text_free(&outcome);
}

static void write_last_item(struct document *d, const struct claim_result *result)
{
    bool cannot_run = result->verdict == VERDICT_CANNOT_RUN;
    bool has_reason = result->verdict == VERDICT_NOT_MEASURED ||
                      result->verdict == VERDICT_NOT_TRUSTED;
    document_item(d, "**Verdict: %v%v%v%s**%v%s.", verdict_words[result->verdict],
                  clock_suffix(result), cannot_run ? ": needs " : "", cannot_run ? result->why : "",
                  has_reason ? ": " : "", has_reason ? result->why : "");
}

/* The clock without its explanation, which is in docs/guests.md */
static void write_clock(struct document *d, const char *clock)
{
    char *model = copy_string(clock);
    model[strcspn(model, ":")] = '\0';
    document_item(d, "In virtual time: %s.", model);
    free(model);
}

static void write_claim(struct document *d, const struct claim_result *result)
{
    const struct claim *c = result->claim;
    const char *differs = claim_field(c, "differs");
    document_heading(d, 3, "`%v`: %s", c->id, claim_field(c, "claim"));
    document_begin_list(d);
    document_item(d, "Published: %s (%s; %s).", claim_field(c, "figure"), claim_field(c, "setting"),
                  claim_field(c, "source"));
    document_item(d, "Here: %s.%v%s%v%v", claim_field(c, "here"), *differs ? " Differences: " : "",
                  differs, *differs ? "." : "",
                  *claim_field(c, "ceiling") ? " Only the direction is compared." : "");
    if (is_in_virtual_time(result))
        write_clock(d, result->clock);
    for (unsigned i = 0; i < result->part_count; i++)
        write_part(d, &result->parts[i]);
    write_last_item(d, result);
    document_end_list(d);
}

static void write_table(struct document *d, const struct claim_result *results, unsigned count)
{
    static const char *const headings[] = {"result", "published", "here", "verdict"};
    document_begin_table(d, "llrl");
    for (unsigned i = 0; i < sizeof headings / sizeof *headings; i++)
        document_cell(d, "%v", headings[i]);
    for (unsigned i = 0; i < count; i++) {
        struct text figures = {NULL, 0, 0};
        add_expected_figures(&figures, &results[i]);
        document_cell(d, "`%v`", results[i].claim->id);
        document_cell(d, "%s", claim_field(results[i].claim, "figure"));
        document_cell(d, "%v", text_of(&figures));
        document_cell(d, "**%v%v**", verdict_words[results[i].verdict], clock_suffix(&results[i]));
        text_free(&figures);
    }
    document_end_table(d);
}

/* ---- the preface ---- */

/* "N VERDICT, ..." of the results in virtual time, or of the others */
static void add_counts(struct text *to, const struct claim_result *results, unsigned count,
                       bool in_virtual_time)
{
    for (unsigned verdict = VERDICT_REPRODUCED; verdict < VERDICTS; verdict++) {
        unsigned with = 0;
        for (unsigned i = 0; i < count; i++)
            with += results[i].verdict == verdict &&
                    is_in_virtual_time(&results[i]) == in_virtual_time;
        if (with > 0)
            text_add(to, "%s%u %s", to->length ? ", " : "", with, verdict_words[verdict]);
    }
}

/* A value of env.json, at most `most` bytes (0 = all); "?" if unknown. Free it. */
static char *environment_or(const struct run *run, const char *path, size_t most)
{
    char *value = environment_text(run, path);
    if (!value)
        return copy_string("?");
    if (most > 0 && strlen(value) > most)
        value[most] = '\0';
    return value;
}

static void write_origin(struct document *d, const struct run *run, unsigned count,
                         const char *verdicts)
{
    static const struct {
        const char *path;
        size_t most;
    } values[] = {{"utc", DAY_LENGTH}, {"machine", 0}, {"facts.cpus", 0},
                  {"cpu.model", 0},    {"kernel", 0},  {"commit", COMMIT_DIGITS}};
    enum { DAY, MACHINE, CPUS, MODEL, KERNEL, COMMIT, COUNT };
    char *of[COUNT];
    for (unsigned i = 0; i < COUNT; i++)
        of[i] = environment_or(run, values[i].path, values[i].most);
    document_paragraph(d,
                       "Of %u published result%v: %v. Measured %s on %s with %s CPUs, %s, Linux "
                       "%s, with commit %s.",
                       count, count == 1 ? "" : "s", verdicts, of[DAY], of[MACHINE], of[CPUS],
                       of[MODEL], of[KERNEL], of[COMMIT]);
    for (unsigned i = 0; i < COUNT; i++)
        free(of[i]);
}

static void write_preface(struct document *d, const struct claim_result *results, unsigned count,
                          const struct run *run)
{
    struct text verdicts = {NULL, 0, 0}, in_virtual_time = {NULL, 0, 0};
    add_counts(&verdicts, results, count, false);
    add_counts(&in_virtual_time, results, count, true);
    if (in_virtual_time.length > 0)
        text_add(&verdicts, "%sin virtual time %s", verdicts.length ? "; " : "",
                 in_virtual_time.text);
    write_origin(d, run, count, text_of(&verdicts));
    if (in_virtual_time.length > 0)
        document_paragraph(
            d,
            "Results that take more CPUs than the machine has were measured in virtual time: in a "
            "guest with that many CPUs, whose clock counts instructions (docs/guests.md). They "
            "predict a machine that matches the named price model; they are not measured on CPUs.");
    document_paragraph(
        d, "Figures are ratios over interleaved rounds: geometric mean and 95 %% interval. A "
           "direction is shown if the interval lies beyond the expected limit and the difference "
           "exceeds the noise threshold, where an A/A control gives one. The size is as published "
           "between half and twice the published effect (for ratios: its square root and square), "
           "or within the range that the stanza gives. A result with several parts is reproduced "
           "if all parts are, direction only if some are. Absolute figures depend on the machine "
           "and are not compared.");
    text_free(&verdicts);
    text_free(&in_virtual_time);
}

bool write_claims(struct document *d, const struct claim_result *results, unsigned count,
                  const char *directory, struct complaint *why)
{
    struct run run;
    run_open_tables(&run, directory);
    bool known = run.environment != NULL;
    if (known) {
        document_heading(d, 1, "Published results, measured again");
        write_preface(d, results, count, &run);
        if (d->form == FORM_MARKDOWN)
            document_paragraph(d,
                               "Made by `./run.sh claims`, from the stanzas of "
                               "`harness/claims/claims.txt`; `./run.sh claims ID` measures one.");
        write_table(d, results, count);
        for (unsigned i = 0; i < count; i++)
            write_claim(d, &results[i]);
    } else
        complain(why, "%s/env.json cannot be read", directory);
    run_free(&run);
    return known;
}
