/* SPDX-License-Identifier: BSD-2-Clause */
#include "forest.h"

#include "number.h"
#include "summary.h"

#include "harness/lib/array.h"
#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In pixels, from the axis upwards */
enum {
    PITCH = 17,   /* from series to series */
    BETWEEN = 6,  /* from configuration to configuration */
    GROUP = 8,    /* between numbers of workers */
    HEADING = 24, /* for the heading of a load */
    LABEL_MOST = 34,
    NAME_MOST = 28,
    NOTE_MOST = 125,
};

/* Ratios beyond a factor of 1000 are clipped; the text has the value. */
static const double FURTHEST = 1000;

struct label {
    double y;
    char *text;
};

struct labels {
    struct label *all;
    unsigned count, room;
};

struct layout {
    const struct forest *forest;
    double *top; /* of the block of each row's configuration, from the upper end downwards */
    struct labels rows, loads;
    struct lookup places, firsts; /* the first row of each configuration, and of each load */
    double height, least, most;   /* of the ratios */
};

/* ---- text ---- */

/* Text in a gnuplot data file: quotes and backslashes are special. */
static char *data_text(const char *text)
{
    char *plain = plain_string(text, 0);
    for (char *at = plain; *at; at++)
        *at = *at == '"' ? '\'' : *at == '\\' ? '/' : *at;
    return plain;
}

static void add_label(struct labels *labels, double y, char *text)
{
    labels->all = array_grow(labels->all, labels->count, &labels->room, sizeof *labels->all);
    labels->all[labels->count++] = (struct label){y, text};
}

static char *row_label(const struct forest_row *row)
{
    char *workers = copy_string(number_short(row->workers).text);
    char *label = format_string("%s, %s worker%s", row->server, workers,
                                row->workers == 1 ? "" : "s");
    if (strlen(label) > LABEL_MOST) {
        free(label);
        label = strlen(row->server) > NAME_MOST
                    ? format_string("%.*s..., %s", NAME_MOST - 3, row->server, workers)
                    : format_string("%s, %s", row->server, workers);
    }
    free(workers);
    return label;
}

static struct configuration load_of(const struct forest_row *row)
{
    return (struct configuration){.connections = row->connections,
                                  .rate = row->rate,
                                  .requests = row->requests,
                                  .cpus = row->cpus,
                                  .workers = row->workers,
                                  .server = row->server};
}

static char *load_label(const struct forest_row *row)
{
    struct configuration load = load_of(row);
    char *words = load_words(&load);
    char *label = isnan(row->cpus)
                      ? copy_string(words)
                      : format_string("%s, %s CPUs", words, number_short(row->cpus).text);
    free(words);
    return label;
}

/* ---- the layout ---- */

static void place_row(struct layout *l, unsigned i)
{
    const struct forest *forest = l->forest;
    const struct forest_row *row = &forest->rows[i];
    struct configuration place = load_of(row), load = key_of_load(&place, "");
    unsigned before = lookup_add(&l->places, &place, i);
    if (lookup_add(&l->firsts, &load, i) == i) {
        l->height += HEADING;
        add_label(&l->loads, l->height, load_label(row));
        l->height += 6;
    } else if (before == i && row->workers != forest->rows[i - 1].workers) {
        l->height += GROUP;
    }
    if (before < i) {
        l->top[i] = l->top[before];
        return;
    }
    l->top[i] = l->height;
    add_label(&l->rows, l->height, row_label(row));
    l->height += PITCH * forest->series + BETWEEN;
}

/* ---- ratios ---- */

/* Extends the range of the axis to a ratio. */
static struct number seen(struct layout *l, double ratio)
{
    ratio = fmax(1 / FURTHEST, fmin(FURTHEST, ratio));
    l->least = fmin(l->least, ratio);
    l->most = fmax(l->most, ratio);
    return number_short(ratio);
}

static struct number ratio_words(double ratio)
{
    struct number n;
    snprintf(n.text, sizeof n.text, ratio >= 0.001 && ratio < 1e6 ? "%.3f" : "%.3g", ratio);
    return n;
}

static double row_y(const struct layout *l, unsigned i)
{
    return l->top[i] + BETWEEN / 2.0 + PITCH * (l->forest->rows[i].series + 0.5);
}

static void add_ratio(struct layout *l, struct text *block, unsigned i)
{
    const struct forest_row *row = &l->forest->rows[i];
    bool interval = row->low > 0 && row->high > 0;
    struct number y = number_short(l->height - row_y(l, i));
    if (!(row->ratio > 0)) {
        text_add(block, "%s\tNaN\tNaN\tNaN\t%s\n", y.text,
                 row->nothing ? "nothing to compare" : "no ratio");
        return;
    }
    struct number at = seen(l, row->ratio), low = seen(l, row->low > 0 ? row->low : row->ratio),
                  high = seen(l, row->high > 0 ? row->high : row->ratio);
    text_add(block, "%s\t%s\t%s\t%s\t%s", y.text, at.text, low.text, high.text,
             ratio_words(row->ratio).text);
    if (interval)
        text_add(block, " [%s, %s]", ratio_words(row->low).text, ratio_words(row->high).text);
    text_add_string(block, "\n");
}

static void add_threshold(struct layout *l, struct text *block, unsigned i)
{
    double threshold = l->forest->rows[i].threshold;
    if (!(threshold > 0))
        return;
    struct number low = seen(l, 1 / (1 + threshold)), high = seen(l, 1 + threshold);
    text_add(block, "%s\t%s\t%s\t%s\n", number_short(l->height - row_y(l, i)).text,
             number_short(PITCH / 2.0).text, low.text, high.text);
}

/* ---- the axis ---- */

struct ticks {
    double all[400]; /* 8 in steps of 0.02 */
    unsigned count;
};

static void add_tick(struct ticks *ticks, double tick)
{
    if (ticks->count < sizeof ticks->all / sizeof *ticks->all)
        ticks->all[ticks->count++] = tick;
}

static struct ticks decades(double least, double most)
{
    struct ticks ticks = {{0}, 0};
    bool sparse = most / least > 200;
    for (int exponent = -4; exponent <= 4; exponent++)
        for (int digit = 1; digit <= (sparse ? 1 : 5); digit += digit == 1 ? 1 : 3)
            add_tick(&ticks, pow(10, exponent) * digit);
    return ticks;
}

static struct ticks steps(double least, double most)
{
    static const struct {
        double beyond, step;
    } table[] = {{1.6, 0.5}, {0.7, 0.2}, {0.3, 0.1}, {0.1, 0.05}, {-1, 0.02}};
    struct ticks ticks = {{0}, 0};
    size_t k = 0;
    while (most - least <= table[k].beyond)
        k++;
    for (int i = 1; i * table[k].step < 8; i++)
        add_tick(&ticks, i * table[k].step);
    return ticks;
}

/* Few round numbers; the outer two are beyond the data. */
static char *axis_ticks(double least, double most)
{
    struct text text = {NULL, 0, 0};
    struct ticks ticks = most / least > 6 ? decades(least, most) : steps(least, most);
    unsigned low = 0, high = ticks.count - 1;
    for (unsigned i = 0; i < ticks.count; i++)
        if (ticks.all[i] < least * 0.999)
            low = i;
    for (unsigned i = ticks.count; i-- > 0;)
        if (ticks.all[i] > most * 1.001)
            high = i;
    for (unsigned i = low; i <= high; i++)
        text_add(&text, "%s%g", i > low ? " " : "", ticks.all[i]);
    return text.text;
}

/* ---- the data ---- */

/* An empty block has one line that draws nothing. */
static void add_block(struct text *data, struct text *block)
{
    text_add(data, "%s\n\n", block->length ? block->text : "NaN\tNaN\tNaN\tNaN\t\n");
    text_free(block);
}

static void add_labels(struct text *data, struct labels *labels, double height, double below)
{
    struct text block = {NULL, 0, 0};
    for (unsigned i = 0; i < labels->count; i++) {
        text_add(&block, "%s\t%s\n", number_short(height - labels->all[i].y + below).text,
                 labels->all[i].text);
        free(labels->all[i].text);
    }
    free(labels->all);
    add_block(data, &block);
}

static void add_notes(struct text *data, const struct forest *forest)
{
    struct text block = {NULL, 0, 0};
    for (unsigned i = 0; forest->notes && i <= forest->series; i++) {
        char *note = data_text(forest->notes[i]);
        if (strlen(note) > NOTE_MOST)
            text_add(&block, "%d\t%.*s...\n", -60 - 15 * (int)i, NOTE_MOST - 3, note);
        else
            text_add(&block, "%d\t%s\n", -60 - 15 * (int)i, note);
        free(note);
    }
    add_block(data, &block);
}

void forest_data(const struct forest *forest, struct text *data, char **ticks, char **height)
{
    struct layout l = {.forest = forest, .least = 1, .most = 1};
    struct text block = {NULL, 0, 0};
    l.top = calloc(forest->count + 1, sizeof *l.top);
    if (!l.top)
        fail("out of memory");
    for (unsigned i = 0; i < forest->count; i++)
        place_row(&l, i);
    l.height += GROUP;
    for (unsigned series = 0; series < forest->series; series++) {
        for (unsigned i = 0; i < forest->count; i++)
            if (forest->rows[i].series == series)
                add_ratio(&l, &block, i);
        add_block(data, &block);
    }
    for (unsigned i = 0; i < forest->count; i++)
        add_threshold(&l, &block, i);
    add_block(data, &block);
    add_labels(data, &l.rows, l.height, -(PITCH * (double)forest->series + BETWEEN) / 2);
    add_labels(data, &l.loads, l.height, 6);
    add_notes(data, forest);
    *ticks = axis_ticks(l.least, l.most);
    *height = copy_string(number_short(l.height).text);
    lookup_free(&l.places);
    lookup_free(&l.firsts);
    free(l.top);
}
