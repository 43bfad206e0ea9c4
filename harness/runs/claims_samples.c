/* SPDX-License-Identifier: BSD-2-Clause */
#include "claims.h"
#include "csv.h"
#include "number.h"
#include "run.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- figures: columns, and values derived from them ---- */

enum { COLUMNS_MOST = 2, DERIVED_DIGITS = 6 };

/* 0 counts as one half, so that a ratio exists. */
static double share_of_empty_accepts(const double *v)
{
    return (v[0] + 0.5) / (v[0] + v[1] + 1);
}

/* Of a single worker, which is woken only for a connection: it calls accept() again after each success, and EAGAIN ends an
 * event-loop iteration. */
static double share_of_second_accepts(const double *v)
{
    double more = v[0] - v[1];
    return ((more > 0 ? more : 0) + 0.5) / (v[0] + 1);
}

static double count_or_half(const double *v)
{
    return v[0] + 0.5;
}

struct figure {
    const char *name;
    const char *columns[COLUMNS_MOST];
    double (*derive)(const double *values); /* of the columns; NULL: the column itself */
};

static const struct figure derived[] = {
    {"eagain_share", {"eagain", "conns"}, share_of_empty_accepts},
    {"second_accepts", {"conns", "eagain"}, share_of_second_accepts},
    {"answers_or_half", {"answers"}, count_or_half},
};

static struct figure figure_named(const char *name)
{
    for (size_t i = 0; i < sizeof derived / sizeof *derived; i++)
        if (strcmp(derived[i].name, name) == 0)
            return derived[i];
    return (struct figure){name, {name}, NULL};
}

/* ---- rows ---- */

struct round {
    const char *name;
    unsigned count[2];      /* rows of each side */
    double value[2];        /* of each side, its last */
    double least, greatest; /* of the first side */
};

struct reading {
    const struct claim_comparison *comparison;
    bool is_virtual;
    struct csv csv;
    struct figure figure;
    int figure_columns[COLUMNS_MOST];
    int round, strategy, workers, machine, verdict, failed; /* columns; -1: missing */
    struct samples *samples;
    struct round *rounds; /* in the order of their first rows */
    unsigned round_count, room;
    struct complaint *why;
};

static const char *field(const struct reading *r, int column)
{
    return column < 0 ? NULL : r->csv.fields[column];
}

static bool find_column(const struct reading *r, const char *name, int *column)
{
    *column = csv_column(&r->csv, name);
    return *column >= 0 || complain(r->why, "%s: missing column '%s'", r->csv.name, name);
}

static bool find_columns(struct reading *r)
{
    const struct claim_comparison *c = r->comparison;
    bool by_workers = strchr(c->a, ':') || (c->b && strchr(c->b, ':'));
    r->figure = figure_named(c->figure);
    r->workers = -1;
    r->machine = csv_column(&r->csv, "machine");
    r->verdict = csv_column(&r->csv, "verdict");
    r->failed = csv_column(&r->csv, "failed");
    for (unsigned i = 0; i < COLUMNS_MOST && r->figure.columns[i]; i++)
        if (!find_column(r, r->figure.columns[i], &r->figure_columns[i]))
            return false;
    return find_column(r, "round", &r->round) && find_column(r, "strategy", &r->strategy) &&
           (!by_workers || find_column(r, "workers", &r->workers));
}

/* Whether the row belongs to "racing" or, with 8 workers, to "8:racing" */
static bool is_of(const struct reading *r, const char *side)
{
    const char *colon = side ? strchr(side, ':') : NULL;
    if (!side)
        return false;
    if (!colon)
        return strcmp(side, field(r, r->strategy)) == 0;
    const char *workers = field(r, r->workers);
    size_t length = (size_t)(colon - side);
    return strlen(workers) == length && strncmp(workers, side, length) == 0 &&
           strcmp(colon + 1, field(r, r->strategy)) == 0;
}

static const char *verdict_of(const struct reading *r)
{
    const char *verdict = field(r, r->verdict), *failed = field(r, r->failed);
    double count;
    if (verdict && strcmp(verdict, "ok") != 0)
        return verdict;
    return failed && !(number_read(failed, &count) && count == 0) ? "failed" : "ok";
}

static bool is_timed_by_another_clock(const struct reading *r)
{
    const char *machine = field(r, r->machine);
    return machine && (strcmp(machine, "virtual") == 0) != r->is_virtual;
}

/* False: not measured. */
static bool read_value(const struct reading *r, double *value)
{
    double values[COLUMNS_MOST] = {0};
    for (unsigned i = 0; i < COLUMNS_MOST && r->figure.columns[i]; i++)
        if (!number_read(field(r, r->figure_columns[i]), &values[i]))
            return false;
    *value = r->figure.derive ? rounded_to_digits(r->figure.derive(values), DERIVED_DIGITS)
                              : values[0];
    return true;
}

static void add_verdict(struct text *verdicts, const char *verdict)
{
    size_t length = strlen(verdict);
    for (const char *at = text_of(verdicts); (at = strstr(at, verdict)); at += length)
        if ((at == verdicts->text || at[-1] == ' ') && (at[length] == ',' || at[length] == '\0'))
            return;
    text_add(verdicts, "%s%s", verdicts->length ? ", " : "", verdict);
}

static struct round *round_named(struct reading *r, const char *name)
{
    for (unsigned i = r->round_count; i-- > 0;) /* mostly the last one */
        if (strcmp(r->rounds[i].name, name) == 0)
            return &r->rounds[i];
    r->rounds = array_grow(r->rounds, r->round_count, &r->room, sizeof *r->rounds);
    r->rounds[r->round_count] = (struct round){.name = name};
    return &r->rounds[r->round_count++];
}

static bool add_value(struct reading *r, unsigned side, double value)
{
    struct round *round = round_named(r, field(r, r->round));
    if (!(value > 0))
        return complain(r->why, "%s: line %lu: expected a figure above 0, not %s", r->csv.name,
                        r->csv.line, number_short(value).text);
    round->value[side] = value;
    if (side > 0 || round->count[side] == 0 || value < round->least)
        round->least = value;
    if (side > 0 || round->count[side] == 0 || value > round->greatest)
        round->greatest = value;
    round->count[side]++;
    return true;
}

static bool take_row(struct reading *r, unsigned side)
{
    struct side *to = &r->samples->sides[side];
    const char *verdict = verdict_of(r);
    double value;
    if (strcmp(verdict, "noisy") == 0 || strcmp(verdict, "warm-up") == 0)
        return true;
    if (strcmp(verdict, "ok") != 0) {
        to->rows++;
        to->invalid++;
        add_verdict(&r->samples->verdicts, verdict);
        return true;
    }
    if (!read_value(r, &value))
        return true;
    to->rows++;
    return add_value(r, side, value);
}

static bool read_rows(struct reading *r)
{
    enum csv_line line;
    if (!find_columns(r))
        return false;
    while ((line = csv_next(&r->csv, r->why)) == CSV_LINE) {
        bool is_a = is_of(r, r->comparison->a), is_b = !is_a && is_of(r, r->comparison->b);
        if ((is_a || is_b) && !is_timed_by_another_clock(r) && !take_row(r, is_b))
            return false;
    }
    return line == CSV_END;
}

/* ---- pairs ---- */

/* False: the round is incomplete. */
static bool pair_of(const struct claim_comparison *c, const struct round *round, double *a,
                    double *b)
{
    *a = c->kind == COMPARE_EXTREMES ? round->greatest : round->value[0];
    *b = c->kind == COMPARE_EXTREMES ? round->least
         : c->kind == COMPARE_LEVEL  ? 1
                                     : round->value[1];
    return c->kind == COMPARE_EXTREMES ? round->count[0] == c->rows
           : c->kind == COMPARE_LEVEL  ? round->count[0] > 0
                                       : round->count[0] > 0 && round->count[1] > 0;
}

static void pair_rounds(const struct reading *r)
{
    struct samples *s = r->samples;
    s->a = calloc(r->round_count + 1, sizeof *s->a);
    s->b = calloc(r->round_count + 1, sizeof *s->b);
    if (!s->a || !s->b)
        fail("out of memory");
    for (unsigned i = 0; i < r->round_count; i++)
        s->count += pair_of(r->comparison, &r->rounds[i], &s->a[s->count], &s->b[s->count]);
}

bool samples_read(struct samples *samples, const char *directory, const struct claim_comparison *c,
                  bool is_virtual, struct complaint *why)
{
    struct reading reading = {
        .comparison = c, .is_virtual = is_virtual, .samples = samples, .why = why};
    char *path = format_string("%s/%s", directory, c->file);
    *samples = (struct samples){.sides = {{.name = copy_string(c->a)}}};
    samples->sides[1].name = c->b ? copy_string(c->b) : NULL;
    bool missing = access(path, F_OK) != 0;
    bool read = missing || (csv_open(&reading.csv, path, path, ',', why) && read_rows(&reading));
    if (read)
        pair_rounds(&reading);
    csv_close(&reading.csv);
    free(reading.rounds);
    free(path);
    return read;
}

void samples_free(struct samples *samples)
{
    free(samples->sides[0].name);
    free(samples->sides[1].name);
    text_free(&samples->verdicts);
    free(samples->a);
    free(samples->b);
    *samples = (struct samples){.count = 0};
}

/* ---- the A/A control ---- */

/* "8:racing" is that of "racing", with as many workers. */
static char *name_control(const char *directory, const char *baseline)
{
    struct run run;
    const char *colon = strchr(baseline, ':');
    int prefix = colon ? (int)(colon + 1 - baseline) : 0;
    run_open_tables(&run, directory);
    char *control = control_name(&run, baseline + prefix);
    char *name = control ? format_string("%.*s%s", prefix, baseline, control) : NULL;
    free(control);
    run_free(&run);
    return name;
}

bool control_comparison(struct claim_comparison *control, const char *directory,
                        const struct part *part)
{
    char *run = format_string("%s/%s", directory, part->comparison.file);
    *strrchr(run, '/') = '\0';
    *control = (struct claim_comparison){COMPARE_RATIO,           part->comparison.file,
                                         part->comparison.figure, name_control(run, part->control),
                                         part->control,           0};
    free(run);
    return control->a != NULL;
}
