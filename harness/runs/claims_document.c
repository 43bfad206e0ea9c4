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

/* As many digits as mean something */
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

/* Those of the parts that are judged */
static void add_judged_figures(struct text *to, const struct claim_result *result)
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

/* ---- what would have counted ---- */

static void add_size(struct text *to, const struct part *p)
{
    struct short_number least = short_number(p->least.value), most = short_number(p->most.value);
    if (isnan(p->least.value) && isnan(p->most.value))
        text_add_string(to, "no size was published");
    else if (isnan(p->most.value))
        text_add(to, "as published is %s and more", least.text);
    else if (isnan(p->least.value))
        text_add(to, "as published is %s and less", most.text);
    else
        text_add(to, "as published is %s to %s", least.text, most.text);
}

static void add_criterion(struct text *to, const struct part *p)
{
    if (p->direction == DIRECTION_EQUAL) {
        text_add(to, " (none is within %s to %s)", short_number(p->least.value).text,
                 short_number(p->most.value).text);
    } else if (p->direction != DIRECTION_NONE) {
        text_add(to, " (shown is %s %s; ", p->direction == DIRECTION_MORE ? "above" : "below",
                 short_number(p->nothing.value).text);
        add_size(to, p);
        text_add_string(to, ")");
    } else if (!isnan(p->published.value))
        text_add(to, " (published: %s)", short_number(p->published.value).text);
}

/* ---- verdicts ---- */

/* What virtual time says is never what CPUs say. */
static const char *clock_suffix(const struct claim_result *result)
{
    return is_in_virtual_time(result) ? ", in virtual time" : "";
}

/* What the verdict and its notes are behind the figure */
static void write_outcome(struct text *to, const struct part_result *r)
{
    bool is_judged = r->part->direction != DIRECTION_NONE;
    if (is_judged)
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
        text_add(&beside, "; noise floor %.1f %%",
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

static void write_claim(struct document *d, const struct claim_result *result)
{
    const struct claim *c = result->claim;
    const char *differs = claim_field(c, "differs");
    document_heading(d, 3, "`%v`: %s", c->id, claim_field(c, "claim"));
    document_begin_list(d);
    document_item(d, "Published: %s (%s; %s).", claim_field(c, "figure"), claim_field(c, "setting"),
                  claim_field(c, "source"));
    document_item(d, "Here: %s.%v%s%v%v", claim_field(c, "here"),
                  *differs ? " Other than there: " : "", differs, *differs ? "." : "",
                  *claim_field(c, "ceiling") ? " So at most the direction can be reproduced." : "");
    if (is_in_virtual_time(result))
        document_item(d, "In virtual time: %s.", result->clock);
    for (unsigned i = 0; i < result->part_count; i++)
        write_part(d, &result->parts[i]);
    write_last_item(d, result);
    document_end_list(d);
}

static void write_table(struct document *d, const struct claim_result *results, unsigned count)
{
    static const char *const headings[] = {"claim", "published", "source", "here", "verdict"};
    document_begin_table(d, "lllrl");
    for (unsigned i = 0; i < sizeof headings / sizeof *headings; i++)
        document_cell(d, "%v", headings[i]);
    for (unsigned i = 0; i < count; i++) {
        struct text figures = {NULL, 0, 0};
        add_judged_figures(&figures, &results[i]);
        document_cell(d, "`%v`", results[i].claim->id);
        document_cell(d, "%s", claim_field(results[i].claim, "figure"));
        document_cell(d, "%s", claim_field(results[i].claim, "source"));
        document_cell(d, "%v", text_of(&figures));
        document_cell(d, "**%v%v**", verdict_words[results[i].verdict], clock_suffix(&results[i]));
        text_free(&figures);
    }
    document_end_table(d);
}

/* ---- the preface ---- */

/* "N of a verdict, ..." of the claims that virtual time timed, or of the others */
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

/* A value of the environment, of so many bytes at most (0 = all); "?" if it is not known. */
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
    document_paragraph(
        d, "Of %u claim%v: %v. Measured %s on %s with %s CPUs, %s, Linux %s, with commit %s.",
        count, count == 1 ? "" : "s", verdicts, of[DAY], of[MACHINE], of[CPUS], of[MODEL],
        of[KERNEL], of[COMMIT]);
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
            d, "What takes more CPUs than there are was measured in virtual time: in a guest that "
               "has them, whose clock counts the instructions of each (docs/guests.md). That says "
               "what such a machine would do if its CPUs were as the model that is named, not what "
               "CPUs do.");
    document_paragraph(
        d,
        "Figures are ratios of interleaved rounds, geometric means with 95 %% intervals. Shown is "
        "what the interval, and the noise floor where there is one (the same server against "
        "itself), say. The size counts as published between half and twice of the effect (a "
        "ratio's root and square), or as a claim says. A claim with several parts is reproduced if "
        "all are, and direction only if some are. Absolute figures are the machine's, and are not "
        "compared.");
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
        document_heading(d, 1, "Published claims, measured again");
        write_preface(d, results, count, &run);
        if (d->form == FORM_MARKDOWN)
            document_paragraph(d, "Made by `./run.sh claims`; each claim is a stanza of "
                                  "`harness/claims/claims.txt` and can run alone.");
        write_table(d, results, count);
        for (unsigned i = 0; i < count; i++)
            write_claim(d, &results[i]);
    } else
        complain(why, "%s/env.json cannot be read", directory);
    run_free(&run);
    return known;
}
