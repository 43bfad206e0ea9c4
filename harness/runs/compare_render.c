/* SPDX-License-Identifier: BSD-2-Clause */
/* A comparison as a document (text, Markdown, HTML) and as CSV. */

#include "compare.h"
#include "summary.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_VALUE = 40 };

/* ---- values as text ---- */

/* With significant digits only */
static char *value_words(double value)
{
    double size = fabs(value);
    if (isnan(value))
        return copy_string("-");
    if (size >= 1000)
        return format_string("%.0f", value);
    if (size >= 100)
        return format_string("%.1f", value);
    if (size >= 1)
        return format_string("%.2f", value);
    return size > 0 ? format_string("%.3g", value) : copy_string("0");
}

static struct number ratio_words(double ratio)
{
    struct number n;
    snprintf(n.text, sizeof n.text, ratio >= 0.001 && ratio < 1e6 ? "%.3f" : "%.3g", ratio);
    return n;
}

static char *interval_words(double ratio, double low, double high)
{
    if (isnan(ratio))
        return copy_string("-");
    if (isnan(low))
        return copy_string(ratio_words(ratio).text);
    return format_string("%s [%s, %s]", ratio_words(ratio).text, ratio_words(low).text,
                         ratio_words(high).text);
}

static char *cpus_words(const struct comparison *c)
{
    struct text text = {NULL, 0, 0};
    bool differ = false;
    for (unsigned i = 1; i < c->count; i++)
        differ |= strcmp(c->sides[i].cpus, c->sides[0].cpus) != 0;
    if (!differ)
        return format_string(", %s CPUs", c->sides[0].cpus);
    text_add_string(&text, ", CPUs: ");
    for (unsigned i = 0; i < c->count; i++)
        text_add(&text, "%s%s %s", i ? ", " : "", c->sides[i].letter, c->sides[i].cpus);
    return text.text;
}

static char *load_name(const struct comparison *c, const struct configuration *key)
{
    char *words = load_words(key),
         *cpus = c->cpus_are_machines ? cpus_words(c)
                                      : format_string(", %s CPUs", key_value(key->cpus).text);
    char *name = format_string("%s%s", words, cpus);
    free(words);
    free(cpus);
    return name;
}

/* ---- the runs ---- */

static void add_runs(const struct comparison *c, struct document *d)
{
    if (d->form == FORM_MARKDOWN)
        document_heading(d, 1, "Runs compared");
    else
        document_heading(d, 2, "Runs (each is compared with %v)", c->sides[0].letter);
    document_begin_list(d);
    for (unsigned i = 0; i < c->count; i++) {
        const struct side *side = &c->sides[i];
        document_item(d,
                      d->form == FORM_MARKDOWN
                          ? "**%v** %s: host %s, Linux %s, %s; %u of %u samples valid"
                          : "**%v**  %s: host %s, Linux %s, %s; %u of %u samples valid",
                      side->letter, side->path, side_fact(side, "host"), side_fact(side, "kernel"),
                      side_fact(side, "utc"), side->valid, side->rows);
    }
    document_end_list(d);
}

/* ---- differences of the environments ---- */

static unsigned characters(const char *text)
{
    unsigned count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static bool is_long(const struct comparison *c, const struct difference *difference)
{
    for (unsigned i = 0; i < c->count; i++)
        if (characters(difference->values[i]) > LONG_VALUE)
            return true;
    return false;
}

static char *alignment(const char *first, unsigned runs, const char *last)
{
    struct text text = {NULL, 0, 0};
    text_add_string(&text, first);
    for (unsigned i = 0; i < runs; i++)
        text_add_string(&text, "l");
    text_add_string(&text, last);
    return text.text;
}

static void add_letters(const struct comparison *c, struct document *d)
{
    for (unsigned i = 0; i < c->count; i++)
        document_cell(d, "%v", c->sides[i].letter);
}

static void add_difference_table(const struct comparison *c, struct document *d)
{
    char *align = alignment("ll", c->count, "l");
    bool any = false;
    document_begin_table(d, align);
    document_cell(d, " ");
    document_cell(d, "what");
    add_letters(c, d);
    document_cell(d, "why it is unfair");
    for (unsigned k = 0; k < c->difference_count; k++) {
        const struct difference *difference = &c->differences[k];
        if (d->form == FORM_TEXT && is_long(c, difference))
            continue;
        any = true;
        document_cell(d, "%v", difference->reason ? "!" : "");
        document_cell(d, "%s", difference->name);
        for (unsigned i = 0; i < c->count; i++)
            document_cell(d, "%s", difference->values[i]);
        document_cell(d, "%v", difference->reason ? difference->reason : "");
    }
    if (any)
        document_end_table(d);
    else
        document_drop_table(d);
    free(align);
}

/* Values too long for a table */
static void add_long_differences(const struct comparison *c, struct document *d)
{
    for (unsigned k = 0; k < c->difference_count; k++) {
        const struct difference *difference = &c->differences[k];
        if (!is_long(c, difference))
            continue;
        char *line = document_inline(d, "\n  %v  %s%v%v\n", difference->reason ? "!" : " ",
                                     difference->name, difference->reason ? ": " : "",
                                     difference->reason ? difference->reason : "");
        document_raw(d, line);
        free(line);
        for (unsigned i = 0; i < c->count; i++) {
            line = document_inline(d, "       %v  %s\n", c->sides[i].letter, difference->values[i]);
            document_raw(d, line);
            free(line);
        }
    }
}

static void add_missing_sections(const struct comparison *c, struct document *d)
{
    for (unsigned i = 0; i < c->count; i++) {
        struct text sections = {NULL, 0, 0};
        for (unsigned k = 0; k < c->missing_section_count; k++)
            if (c->missing_sections[k].side == i)
                text_add(&sections, "%s%s", sections.length ? ", " : "",
                         c->missing_sections[k].section);
        if (!c->sides[i].has_environment)
            document_paragraph(
                d, "! %v has no env.json: its machine is unknown, so the comparison may be unfair.",
                c->sides[i].letter);
        else if (sections.length)
            document_paragraph(d, "Not in env.json of %v: %s.", c->sides[i].letter, sections.text);
        text_free(&sections);
    }
}

static void add_environment(const struct comparison *c, struct document *d)
{
    unsigned unfair = 0;
    for (unsigned k = 0; k < c->difference_count; k++)
        unfair += c->differences[k].reason != NULL;
    document_heading(d, 2, "Differences of the environments");
    if (c->difference_count == 0)
        document_paragraph(d, "None.");
    else
        add_difference_table(c, d);
    if (d->form == FORM_TEXT)
        add_long_differences(c, d);
    char *lines = unfair == 1 ? copy_string("One line is") : format_string("%u lines are", unfair);
    if (unfair > 0)
        document_paragraph(d,
                           "%v marked !: %v on the ratios to %v cannot be separated from others.",
                           lines, unfair == 1 ? "its effect" : "their effects", c->sides[0].letter);
    free(lines);
    add_missing_sections(c, d);
}

static void add_left_out(const struct comparison *c, struct document *d)
{
    for (unsigned i = 1; i < c->count; i++) {
        const struct left_out *l = &c->left_out[i];
        unsigned n = l->only_in_a + l->only_in_run + l->not_same;
        char *more = l->not_same
                         ? format_string(", %u with a different server or load of the same name",
                                         l->not_same)
                         : copy_string("");
        if (n > 0)
            document_paragraph(d, "%u configuration%v left out: %u only in %v, %u only in %v%v.", n,
                               n > 1 ? "s" : "", l->only_in_a, c->sides[0].letter, l->only_in_run,
                               c->sides[i].letter, more);
        free(more);
    }
}

/* ---- comparisons with A ---- */

/* The number of a load, from 1; 0 if no comparison has it */
static unsigned load_number(const struct comparison *c, const struct configuration *key)
{
    struct configuration load = key_of_load(key, "");
    return (unsigned)(lookup_find(&c->loads, &load) + 1);
}

static void add_load_heading(const struct comparison *c, struct document *d,
                             const struct configuration *key)
{
    unsigned number = load_number(c, key);
    char *name = load_name(c, key);
    if (c->loads.count > 1 && number > 0)
        document_heading(d, 3, "load %u: %v", number, name);
    else if (c->loads.count > 1)
        document_heading(d, 3, "load : %v", name);
    else
        document_heading(d, 3, "%v", name);
    free(name);
}

/* The sentence without the ratio and interval, which are in columns of their own */
static char *short_sentence(const char *sentence)
{
    char *copy = copy_string(sentence), *unpaired = strstr(copy, "; unpaired: ");
    const char *text = copy;
    if (unpaired)
        *unpaired = '\0';
    size_t number = strspn(text, "0123456789.einf+-");
    static const char times[] = " times as much (95 % interval ", but[] = " times as much, but ";
    if (number > 0 && strncmp(text + number, times, strlen(times)) == 0) {
        const char *comma = strchr(text + number + strlen(times), ',');
        if (comma && comma[1] == ' ') {
            text = comma + 2;
            size_t length = strlen(text);
            if (length > 0 && text[length - 1] == ')')
                copy[text - copy + length - 1] = '\0';
        }
    } else if (number > 0 && strncmp(text + number, but, strlen(but)) == 0) {
        text += number + strlen(but);
    }
    char *result = copy_string(text);
    free(copy);
    return result;
}

static double value_published(double value)
{
    return isnan(value) ? NAN : strtod(number_value(value).text, NULL);
}

/* The ratio with its interval or, where there is none, the difference */
static char *size_words(const struct metric_result *j)
{
    const struct unpaired *u = &j->result;
    double ratio = rounded(u->ratio, 4), difference = value_published(u->difference);
    if (!isnan(ratio))
        return interval_words(ratio, rounded(u->ratio_low, 4), rounded(u->ratio_high, 4));
    if (isnan(difference))
        return copy_string("-");
    char *value = value_words(difference), *low = value_words(value_published(u->low)),
         *high = value_words(value_published(u->high));
    char *words = isnan(u->low)
                      ? format_string("%s%s", difference > 0 ? "+" : "", value)
                      : format_string("%s%s [%s, %s]", difference > 0 ? "+" : "", value, low, high);
    free(value);
    free(low);
    free(high);
    return words;
}

static void add_result_row(struct document *d, const struct metric_result *j)
{
    char *a = value_words(value_published(j->result.median_b)),
         *b = value_words(value_published(j->result.median_a));
    char *size = size_words(j), *sentence = short_sentence(j->sentence);
    document_cell(d, "%s", j->key.server);
    document_cell(d, "%v", key_value(j->key.workers).text);
    document_cell(d, "%v", a);
    document_cell(d, "%v", b);
    document_cell(d, "%v", size);
    if (isnan(j->threshold))
        document_cell(d, "-");
    else
        document_cell(d, "%.1f %%", 100 * j->threshold);
    document_cell(d, "%v", j->judgement);
    document_cell(d, "%v", sentence);
    free(a);
    free(b);
    free(size);
    free(sentence);
}

static void begin_result_table(const struct comparison *c, struct document *d,
                               const struct metric_result *j)
{
    const char *a = c->sides[0].letter, *b = c->sides[j->side].letter;
    add_load_heading(c, d, &j->key);
    document_begin_table(d, "lrrrlrll");
    document_cell(d, "strategy");
    document_cell(d, "workers");
    document_cell(d, "%v", a);
    document_cell(d, "%v", b);
    document_cell(d, "%v/%v, 95 %%", b, a);
    document_cell(d, "noise");
    document_cell(d, " ");
    document_cell(d, "");
}

static void add_run_against_a(struct comparison *c, struct document *d, unsigned metric,
                              unsigned side)
{
    const char *name = column_name(c->metric[metric]), *direction = metric_direction(c, name);
    const struct metric_result *last = NULL;
    bool neither = strcmp(direction, "neither") == 0;
    document_heading(d, 2, "%v, %v against %v (%v%v)", name, c->sides[side].letter,
                     c->sides[0].letter, neither ? "no preferred direction" : direction,
                     neither ? "" : " is better");
    for (unsigned i = 0; i < c->result_count; i++) {
        const struct metric_result *j = &c->results[i];
        if (j->metric != metric || j->side != side)
            continue;
        if (!last || !same_compared_load(&last->key, &j->key)) {
            if (last)
                document_end_table(d);
            begin_result_table(c, d, j);
        }
        add_result_row(d, j);
        last = j;
    }
    if (last)
        document_end_table(d);
}

static void add_results(struct comparison *c, struct document *d, unsigned metric)
{
    bool has_threshold = false;
    for (unsigned i = 0; i < c->result_count; i++)
        has_threshold |= c->results[i].metric == metric && !isnan(c->results[i].threshold);
    for (unsigned side = 1; side < c->count; side++)
        add_run_against_a(c, d, metric, side);
    document_note(d,
                  "%v and the others: medians of valid samples. Unpaired: every other difference "
                  "between the runs is included.\n%v",
                  c->sides[0].letter,
                  has_threshold ? "noise: noise threshold from the A/A controls, the larger of "
                                  "both runs; smaller differences are reported as noise."
                                : "No run has an A/A control: the noise threshold is unknown.");
}

/* ---- within the runs ---- */

static const char *relation_words(const char *relation)
{
    static const char *const words[][2] = {{"overlap", " overlaps"},
                                           {"floor", " differs by less than the noise threshold"}};
    for (int i = 0; i < 2; i++)
        if (strcmp(words[i][0], relation) == 0)
            return words[i][1];
    return NULL;
}

static void add_within_row(const struct comparison *c, struct document *d, const struct within *w)
{
    struct text words = {NULL, 0, 0};
    document_cell(d, "%s", w->key.server);
    document_cell(d, "%v", key_value(w->key.workers).text);
    for (unsigned i = 0; i < c->count; i++) {
        const struct own_ratio *r = w->ratios[i];
        char *interval = r ? interval_words(r->ratio, r->low, r->high) : copy_string("-");
        document_cell(d, "%v", interval);
        free(interval);
        if (i == 0)
            continue;
        if (words.length)
            text_add_string(&words, "; ");
        if (*w->relation[i] == '\0')
            continue;
        const char *relation = relation_words(w->relation[i]);
        text_add(&words, "%s%s%s", c->sides[i].letter, relation ? relation : " is ",
                 relation ? "" : w->relation[i]);
    }
    document_cell(d, "%v", text_of(&words));
    text_free(&words);
}

static void begin_within_table(const struct comparison *c, struct document *d,
                               const struct within *w, const char *align)
{
    add_load_heading(c, d, &w->key);
    document_begin_table(d, align);
    document_cell(d, "strategy");
    document_cell(d, "workers");
    add_letters(c, d);
    document_cell(d, " ");
}

static bool any_within(const struct comparison *c, unsigned metric)
{
    for (unsigned i = 0; i < c->within_count; i++)
        for (unsigned k = 0; c->within[i].metric == metric && k < c->count; k++)
            if (c->within[i].ratios[k])
                return true;
    return false;
}

static void add_within(const struct comparison *c, struct document *d, unsigned metric)
{
    const struct within *last = NULL;
    if (!any_within(c, metric) && !c->baselines_differ)
        return;
    document_heading(d, 2, "%v: ratio to %s within each run", column_name(c->metric[metric]),
                     c->sides[0].baseline);
    if (c->baselines_differ) {
        document_paragraph(d,
                           "The runs have different baselines: their ratios are not comparable.");
        return;
    }
    document_note(d, "Comparable between machines: effects common to all strategies cancel in a "
                     "ratio, while absolute\nvalues differ more between machines than between "
                     "strategies. Paired by the rounds of each run; 95 %% intervals.");
    char *align = alignment("lr", c->count, "l");
    for (unsigned i = 0; i < c->within_count; i++) {
        const struct within *w = &c->within[i];
        if (w->metric != metric)
            continue;
        if (!last || !same_compared_load(&last->key, &w->key)) {
            if (last)
                document_end_table(d);
            begin_within_table(c, d, w, align);
        }
        add_within_row(c, d, w);
        last = w;
    }
    if (last)
        document_end_table(d);
    free(align);
}

/* ---- totals ---- */

/* Results of one server and load with the same outcome */
struct alike {
    const struct configuration *first;
    struct text workers; /* "2/8" */
};

static char *joined(const struct comparison *c, struct alike *all, unsigned count)
{
    struct text names = {NULL, 0, 0};
    for (unsigned i = 0; i < count; i++) {
        text_add(&names, "%s%s %s", i ? ", " : "", all[i].first->server, text_of(&all[i].workers));
        if (c->loads.count > 1)
            text_add(&names, " in load %u", load_number(c, all[i].first));
        text_free(&all[i].workers);
    }
    return names.text;
}

/* "better: 2 (racing 2/8, wakeone 8 in load 2)" */
static char *list_of(const struct comparison *c, unsigned side, const char *judgement)
{
    struct alike *all = NULL;
    struct lookup alike = {.all = NULL};
    unsigned tally = 0, count = 0, room = 0;
    for (unsigned i = 0; i < c->result_count; i++) {
        const struct metric_result *j = &c->results[i];
        if (j->metric != 0 || j->side != side || strcmp(j->judgement, judgement) != 0)
            continue;
        struct configuration load = key_of_load(&j->key, j->key.server);
        unsigned at = lookup_add(&alike, &load, count);
        if (at >= count) {
            all = array_grow(all, count, &room, sizeof *all);
            all[count++] = (struct alike){&j->key, {NULL, 0, 0}};
        }
        text_add(&all[at].workers, "%s%s", all[at].workers.length ? "/" : "",
                 key_value(j->key.workers).text);
        tally++;
    }
    char *names = joined(c, all, count);
    char *list = tally ? format_string("%s: %u (%s)", judgement, tally, names)
                       : format_string("%s: 0", judgement);
    lookup_free(&alike);
    free(names);
    free(all);
    return list;
}

static void add_totals(const struct comparison *c, struct document *d)
{
    document_heading(d, 2, "Result, by strategy and workers");
    for (unsigned side = 1; side < c->count; side++) {
        unsigned tested = 0;
        bool different = false;
        for (unsigned i = 0; i < c->result_count; i++)
            if (c->results[i].metric == 0 && c->results[i].side == side) {
                tested += c->results[i].tested;
                different |= strcmp(c->results[i].judgement, "different") == 0;
            }
        char *first = list_of(c, side, different ? "different" : "better"),
             *worse = list_of(c, side, "worse"), *undecided = list_of(c, side, "undecided");
        document_paragraph(d,
                           "%v, %v against %v: %v%v%v; %v. Of %u comparisons %v would be "
                           "significant by chance (5 %%).",
                           column_name(c->metric[0]), c->sides[side].letter, c->sides[0].letter,
                           first, different ? "" : "; ", different ? "" : worse, undecided, tested,
                           number_short(tested * 0.05).text);
        free(first);
        free(worse);
        free(undecided);
    }
}

/* ---- expected counts: exact, so any difference is real ---- */

struct expected {
    const struct expected_row **all; /* the first one of each CPUs, strategy and workers */
    unsigned count;
};

static bool same_expected(const struct expected_row *a, const struct expected_row *b)
{
    return strcmp(a->fields[0], b->fields[0]) == 0 && strcmp(a->fields[1], b->fields[1]) == 0 &&
           strcmp(a->fields[2], b->fields[2]) == 0;
}

/* The count of a run; NULL = none, or a range */
static const char *counted_by(const struct side *side, const struct expected_row *which)
{
    const char *found = NULL;
    for (unsigned i = 0; i < side->expected_count; i++) {
        const char *counted = side->expected[i].fields[4];
        if (same_expected(&side->expected[i], which) && *counted &&
            counted[strspn(counted, "0123456789.")] == '\0')
            found = counted;
    }
    return found;
}

static struct expected expected_of(const struct comparison *c)
{
    struct expected expected = {NULL, 0};
    for (unsigned i = 0; i < c->count; i++)
        for (unsigned k = 0; k < c->sides[i].expected_count; k++) {
            bool there = false;
            for (unsigned n = 0; !there && n < expected.count; n++)
                there = same_expected(expected.all[n], &c->sides[i].expected[k]);
            if (there)
                continue;
            expected.all = realloc(expected.all,
                                   (expected.count + 1) * sizeof(struct expected_row *));
            if (!expected.all)
                fail("out of memory");
            expected.all[expected.count++] = &c->sides[i].expected[k];
        }
    return expected;
}

/* The number of runs that have it; *same: all with the same count */
static unsigned runs_with(const struct comparison *c, const struct expected_row *which, bool *same)
{
    const char *first = NULL;
    unsigned runs = 0;
    *same = true;
    for (unsigned i = 0; i < c->count; i++) {
        const char *counted = counted_by(&c->sides[i], which);
        if (!counted)
            continue;
        runs++;
        first = first ? first : counted;
        *same &= strcmp(first, counted) == 0;
    }
    return runs;
}

static void add_expected_table(const struct comparison *c, struct document *d,
                               const struct expected *expected)
{
    struct text align = {NULL, 0, 0};
    bool same;
    text_add_string(&align, "lrr");
    for (unsigned i = 0; i < c->count; i++)
        text_add_string(&align, "r");
    document_begin_table(d, align.text);
    document_cell(d, "strategy");
    document_cell(d, "CPUs");
    document_cell(d, "workers");
    add_letters(c, d);
    for (unsigned n = 0; n < expected->count; n++) {
        if (runs_with(c, expected->all[n], &same) < 2 || same)
            continue;
        document_cell(d, "%s", expected->all[n]->fields[1]);
        document_cell(d, "%s", expected->all[n]->fields[0]);
        document_cell(d, "%s", expected->all[n]->fields[2]);
        for (unsigned i = 0; i < c->count; i++) {
            const char *counted = counted_by(&c->sides[i], expected->all[n]);
            document_cell(d, "%s", counted ? counted : "-");
        }
    }
    document_end_table(d);
    text_free(&align);
}

static void add_expected(const struct comparison *c, struct document *d)
{
    struct expected expected = expected_of(c);
    unsigned both = 0, differing = 0;
    for (unsigned n = 0; n < expected.count; n++) {
        bool same;
        if (runs_with(c, expected.all[n], &same) < 2)
            continue;
        both++;
        differing += !same;
    }
    if (both > 0) {
        document_heading(d, 2, "Expected counts: wakeups per idle connection, exact");
        char *verdict = differing
                            ? format_string("%u are equal, %u differ", both - differing, differing)
                            : copy_string("all are equal");
        document_paragraph(d,
                           "%u counts are in more than one run; %v. They are exact: each "
                           "connection was counted separately, with all workers asleep.",
                           both, verdict);
        free(verdict);
        if (differing)
            add_expected_table(c, d, &expected);
    }
    free(expected.all);
}

void comparison_document(struct comparison *c, struct document *d)
{
    add_runs(c, d);
    add_environment(c, d);
    add_left_out(c, d);
    for (unsigned m = 0; m < c->metrics; m++) {
        add_results(c, d, m);
        add_within(c, d, m);
    }
    add_totals(c, d);
    add_expected(c, d);
}

/* ---- CSV ---- */

static void add_quoted(struct text *csv, const char *text)
{
    if (!strpbrk(text, ",\"\n\r")) {
        text_add_string(csv, text);
        return;
    }
    text_add_string(csv, "\"");
    for (; *text; text++)
        text_add(csv, *text == '"' ? "\"\"" : "%c", *text);
    text_add_string(csv, "\"");
}

static const char *known(struct number *n)
{
    return strcmp(n->text, "-") == 0 || strcmp(n->text, "*") == 0 ? "" : n->text;
}

static void add_csv_key(struct text *csv, const struct comparison *c,
                        const struct configuration *key)
{
    struct number cpus = compared_cpus(c, key->cpus), connections = key_value(key->connections),
                  rate = key_value(key->rate), requests = key_value(key->requests);
    text_add(csv, "%s,%s,%s,%s,%s,%s", key->server, key_value(key->workers).text, known(&cpus),
             known(&connections), known(&rate), known(&requests));
}

static const struct within *within_of(const struct comparison *c, const struct metric_result *j)
{
    int i = lookup_find(&c->within_of[j->metric], &j->key);
    return i < 0 ? NULL : &c->within[i];
}

static void add_own(struct text *csv, const struct own_ratio *r)
{
    if (r)
        text_add(csv, ",%s,%s,%s", number_fixed(r->ratio, 4).text, number_fixed(r->low, 4).text,
                 number_fixed(r->high, 4).text);
    else
        text_add_string(csv, ",,,");
}

static void add_csv_line(struct text *csv, const struct comparison *c,
                         const struct metric_result *j)
{
    const struct unpaired *u = &j->result;
    const struct within *w = within_of(c, j);
    const double values[] = {u->median_b, u->median_a, u->difference, u->low, u->high};
    const double ratios[] = {u->ratio, u->ratio_low, u->ratio_high};
    text_add(csv, "%s,%s,", column_name(c->metric[j->metric]), c->sides[j->side].letter);
    add_csv_key(csv, c, &j->key);
    text_add(csv, ",%zu,%zu", u->n_b, u->n_a);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        text_add(csv, ",%s", number_value(values[i]).text);
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++)
        text_add(csv, ",%s", number_fixed(ratios[i], 4).text);
    text_add(csv, ",%s,%s,%s,%s", number_fixed(u->p, 6).text, number_fixed(j->threshold, 6).text,
             outcome_word(j->outcome), j->judgement);
    add_own(csv, w ? w->ratios[0] : NULL);
    add_own(csv, w ? w->ratios[j->side] : NULL);
    text_add(csv, ",%s,", w ? w->relation[j->side] : "");
    add_quoted(csv, j->sentence);
    text_add_string(csv, "\n");
}

void comparison_csv(const struct comparison *c, struct text *csv)
{
    text_add_string(csv, "metric,run,strategy,workers,cpus,connections,rate_offered,requests_per_"
                         "connection,n_base,n_run,median_base,"
                         "median_run,difference,difference_low,difference_high,ratio,ratio_low,"
                         "ratio_high,p,floor,outcome,judgement,"
                         "within_base,within_base_low,within_base_high,within_run,within_run_low,"
                         "within_run_high,within,sentence\n");
    for (unsigned i = 0; i < c->result_count; i++)
        add_csv_line(csv, c, &c->results[i]);
}
