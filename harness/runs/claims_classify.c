/* SPDX-License-Identifier: BSD-2-Clause */
#include "claims.h"
#include "csv.h"
#include "number.h"
#include "ratios.h"

#include "harness/lib/message.h"
#include "harness/stats/paired.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DECIMALS = 4, MOST_LEFT_OUT = 5 /* one in this number of rows of a side */ };
static const double CONFIDENCE = 95;

#define A_SELECTION "more than a fifth of a side was left out"

const char *const verdict_words[VERDICTS] = {
    [VERDICT_NONE] = "-",
    [VERDICT_REPRODUCED] = "reproduced",
    [VERDICT_DIRECTION_ONLY] = "direction only",
    [VERDICT_NOT_REPRODUCED] = "not reproduced",
    [VERDICT_NOT_TRUSTED] = "not to be trusted",
    [VERDICT_CANNOT_RUN] = "cannot run here",
    [VERDICT_NOT_MEASURED] = "not measured",
};

/* ---- a part ---- */

static void set_figures(struct part_result *r, const struct samples *samples)
{
    struct paired p = paired_ratio(samples->a, samples->b, samples->count, CONFIDENCE);
    r->pairs = samples->count;
    r->figure = rounded(p.ratio, DECIMALS);
    r->low = rounded(p.low, DECIMALS);
    r->high = rounded(p.high, DECIMALS);
    r->smallest = rounded(p.smallest, DECIMALS);
}

/* More than a fifth of the rows of a side are invalid: the remaining ones are a biased selection. */
static bool is_selection(const struct samples *samples)
{
    for (unsigned i = 0; i < 2; i++)
        if (MOST_LEFT_OUT * samples->sides[i].invalid > samples->sides[i].rows)
            return true;
    return false;
}

/* NAN without a control, or if its samples are a biased selection. */
static bool read_threshold(struct part_result *r, const char *directory, bool is_virtual,
                           struct complaint *why)
{
    struct claim_comparison control;
    struct samples samples = {.count = 0};
    r->threshold = NAN;
    if (!r->part->control || !control_comparison(&control, directory, r->part))
        return true;
    bool read = samples_read(&samples, directory, &control, is_virtual, why);
    if (read && samples.count > 0 && !is_selection(&samples)) {
        struct part_result noise;
        set_figures(&noise, &samples);
        r->threshold = noise_threshold(noise.figure, noise.low, noise.high);
    }
    samples_free(&samples);
    free((char *)control.a);
    return read;
}

static enum verdict classify_equal(const struct part_result *r, struct text *why)
{
    const struct part *p = r->part;
    if (r->low >= p->least.value && r->high <= p->most.value)
        return VERDICT_REPRODUCED;
    if (r->low <= p->nothing.value && p->nothing.value <= r->high) {
        text_add_string(why, "no significant difference, but one of that size is not ruled out");
        return VERDICT_DIRECTION_ONLY;
    }
    text_add_string(why, "significant difference");
    return VERDICT_NOT_REPRODUCED;
}

/* The direction is reproduced; checks the size. */
static enum verdict classify_size(const struct part_result *r, struct text *why)
{
    const struct part *p = r->part; /* no comparison with NAN is true */
    bool below = r->figure<p->least.value, above = r->figure> p->most.value;
    if (!below && !above)
        return VERDICT_REPRODUCED;
    text_add(why, "%s than published", (p->direction == DIRECTION_MORE) == above ? "more" : "less");
    return VERDICT_DIRECTION_ONLY;
}

static enum verdict classify_direction(const struct part_result *r, struct text *why)
{
    const struct part *p = r->part;
    double nothing = p->nothing.value;
    if (r->low <= nothing && nothing <= r->high) {
        text_add_string(why, "no significant difference");
        if (nothing == 1)
            text_add(why, "; smallest detectable difference %.1f %%", 100 * r->smallest);
        return VERDICT_NOT_REPRODUCED;
    }
    if (!isnan(r->threshold) && !(outcome_distance(r->figure / nothing) > r->threshold)) {
        text_add_string(why, "within the noise threshold");
        return VERDICT_NOT_REPRODUCED;
    }
    if (p->direction == DIRECTION_MORE ? r->low <= nothing : r->high >= nothing) {
        text_add_string(why, "the opposite direction");
        return VERDICT_NOT_REPRODUCED;
    }
    return classify_size(r, why);
}

static void note(struct text *notes, const char *note)
{
    text_add(notes, "%s%s", notes->length ? "; " : "", note);
}

static void classify_part(struct part_result *r, bool selection)
{
    if (r->part->direction == DIRECTION_NONE)
        return;
    if (selection) {
        r->verdict = VERDICT_NOT_TRUSTED;
        note(&r->notes, A_SELECTION);
    } else if (isnan(r->low))
        r->verdict = VERDICT_NOT_MEASURED;
    else
        r->verdict = (r->part->direction == DIRECTION_EQUAL ? classify_equal
                                                            : classify_direction)(r, &r->notes);
    if (!isnan(r->low) && isnan(r->threshold))
        note(&r->notes, "no A/A control");
}

static void note_left_out(struct text *notes, const struct samples *samples)
{
    const struct side *a = &samples->sides[0], *b = &samples->sides[1];
    if (samples->verdicts.length == 0)
        return;
    text_add(notes, "%sleft out: %u of %u of %s", notes->length ? "; " : "", a->invalid, a->rows,
             a->name);
    if (b->name)
        text_add(notes, ", %u of %u of %s", b->invalid, b->rows, b->name);
    text_add(notes, " (%s)", samples->verdicts.text);
}

static bool read_part(struct part_result *r, const char *directory, bool is_virtual,
                      struct complaint *why)
{
    struct samples samples;
    bool read = samples_read(&samples, directory, &r->part->comparison, is_virtual, why) &&
                read_threshold(r, directory, is_virtual, why);
    if (read) {
        set_figures(r, &samples);
        classify_part(r, is_selection(&samples));
        note_left_out(&r->notes, &samples);
    }
    samples_free(&samples);
    return read;
}

/* ---- a claim ---- */

/* Reproduced if all parts are; direction only if some are. A part that is not to be trusted could be either. */
static void classify_whole(struct claim_result *r)
{
    unsigned count[VERDICTS] = {0}, classified = 0;
    for (unsigned i = 0; i < r->part_count; i++)
        count[r->parts[i].verdict]++;
    classified = r->part_count - count[VERDICT_NONE];
    r->verdict = count[VERDICT_NOT_MEASURED]                   ? VERDICT_NOT_MEASURED
                 : count[VERDICT_NOT_TRUSTED]                  ? VERDICT_NOT_TRUSTED
                 : count[VERDICT_NOT_REPRODUCED] == classified ? VERDICT_NOT_REPRODUCED
                 : count[VERDICT_REPRODUCED] < classified      ? VERDICT_DIRECTION_ONLY
                 : *claim_field(r->claim, "ceiling")           ? VERDICT_DIRECTION_ONLY
                                                               : VERDICT_REPRODUCED;
    r->why = copy_string(r->verdict == VERDICT_NOT_MEASURED  ? "fewer than two valid rounds"
                         : r->verdict == VERDICT_NOT_TRUSTED ? A_SELECTION
                                                             : "-");
}

static void drop_parts(struct claim_result *r)
{
    for (unsigned i = 0; i < r->part_count; i++)
        text_free(&r->parts[i].notes);
    free(r->parts);
    r->parts = NULL;
    r->part_count = 0;
}

static bool read_parts(struct claim_result *r, const char *directory, struct complaint *why)
{
    const struct claim *claim = r->claim;
    r->parts = calloc(claim->part_count, sizeof *r->parts);
    if (!r->parts)
        fail("out of memory");
    r->part_count = claim->part_count;
    for (unsigned i = 0; i < claim->part_count; i++) {
        r->parts[i].part = &claim->parts[i];
        if (!read_part(&r->parts[i], directory, is_in_virtual_time(r), why))
            return false;
    }
    return true;
}

static void classify_unmeasured(struct claim_result *r, const char *needs)
{
    r->verdict = *needs ? VERDICT_CANNOT_RUN : VERDICT_NOT_MEASURED;
    r->why = copy_string(*needs ? needs : "see the messages above; continue with --resume");
}

/* The contents of the file `measured`, the clock, without the line end; NULL without the file. It is written when all of a
 * claim was measured. */
static char *read_clock(const char *directory)
{
    size_t size;
    char *path = format_string("%s/measured", directory), *clock = file_read(path, &size);
    free(path);
    if (clock)
        clock[strcspn(clock, "\n")] = '\0';
    return clock;
}

struct claim_result claim_classify(const struct claim *claim, const char *directory,
                                   const char *needs)
{
    struct complaint why;
    char *path = format_string("%s/%s", directory, claim->id);
    struct claim_result r = {.claim = claim, .clock = read_clock(path)};
    if (!r.clock)
        classify_unmeasured(&r, needs);
    else if (read_parts(&r, path, &why))
        classify_whole(&r);
    else {
        message("%s", why.text);
        drop_parts(&r);
        free(r.clock);
        r.clock = NULL;
        r.verdict = VERDICT_NOT_MEASURED;
        r.why = format_string("its files in %s cannot be read", claim->id);
    }
    free(path);
    return r;
}

void claim_result_free(struct claim_result *result)
{
    drop_parts(result);
    free(result->why);
    free(result->clock);
    *result = (struct claim_result){.claim = NULL};
}

bool is_in_virtual_time(const struct claim_result *result)
{
    return result->clock && *result->clock;
}

/* ---- files ---- */

void write_parts(const struct claim_result *result, struct text *to)
{
    static const char *const directions[] = {
        [DIRECTION_NONE] = "-",
        [DIRECTION_MORE] = "more",
        [DIRECTION_LESS] = "less",
        [DIRECTION_EQUAL] = "none",
    };
    for (unsigned i = 0; i < result->part_count; i++) {
        const struct part_result *r = &result->parts[i];
        const struct part *p = r->part;
        text_add(to, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", result->claim->id, p->key, p->what,
                 directions[p->direction], p->published.text, p->least.text, p->most.text,
                 p->nothing.text);
        text_add(to, "\t%u\t%s\t%s\t%s\t%s", r->pairs, number_fixed(r->figure, DECIMALS).text,
                 number_fixed(r->low, DECIMALS).text, number_fixed(r->high, DECIMALS).text,
                 isnan(r->threshold) ? "" : number_short(r->threshold).text);
        text_add(to, "\t%s%s%s\n", verdict_words[r->verdict], r->notes.length ? ": " : "",
                 text_of(&r->notes));
    }
}

void write_verdict(const struct claim_result *result, struct text *to)
{
    const char *clock = !result->clock ? "-" : is_in_virtual_time(result) ? "virtual" : "cores";
    text_add(to, "%s\t%s\t%s\t%s\n", result->claim->id, verdict_words[result->verdict], result->why,
             clock);
}
