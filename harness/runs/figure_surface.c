/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Server CPU time per request of racing as a multiple of wakeone's, by workers per CPU and load. Blocks, separated by two empty
 * lines:
 *   columns, rows
 *   the squares: column, row, the ratio as text, the colour
 *   the grid for contours: column, row, ratio; row by row, separated by empty lines (NaN = no ratio)
 *   the names of the columns and of the rows: number, name; one block each
 */

#include "figure.h"
#include "number.h"
#include "pairs.h"

#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum side { RACING, WAKEONE };
static const char *const sides[] = {"racing", "wakeone"};

/* One block: workers and CPUs are its column, the load its row. */
struct square {
    struct configuration block;
    unsigned rows[2], valid[2]; /* of each side */
    double ratio;               /* as published; NAN = none */
    bool shown;                 /* its interval excludes 1 */
    unsigned column, row;       /* from 1 */
};

struct surface {
    struct square *squares;
    unsigned count, columns, rows;
    bool measured[2], several_requests;
};

static struct square *square_of(struct surface *s, const struct configuration *block)
{
    for (unsigned i = 0; i < s->count; i++)
        if (same_block(&s->squares[i].block, block))
            return &s->squares[i];
    s->squares[s->count] = (struct square){.block = *block, .ratio = NAN};
    s->squares[s->count].block.server = "";
    return &s->squares[s->count++];
}

static void count_rows(struct surface *s, const struct rows *rows)
{
    s->squares = calloc(rows->configuration_count + 1, sizeof *s->squares);
    if (!s->squares)
        fail("out of memory");
    for (unsigned i = 0; i < rows->configuration_count; i++) {
        const struct configuration *c = &rows->configurations[i];
        for (int side = RACING; side <= WAKEONE; side++) {
            if (strcmp(c->server, sides[side]) != 0)
                continue;
            struct square *square = square_of(s, c);
            square->rows[side] = c->rows;
            square->valid[side] = c->valid;
            s->measured[side] = true;
        }
    }
}

/* Groups the pairs by block, in the order of the file within each. */
static int by_block(const void *a, const void *b)
{
    const struct configuration *x = &((const struct pair *)a)->block,
                               *y = &((const struct pair *)b)->block;
    int order = configuration_order(&x, &y);
    double p = ((const struct pair *)a)->round, q = ((const struct pair *)b)->round;
    return order ? order : (p > q) - (p < q);
}

static void set_ratios(struct surface *s, const struct run *run)
{
    struct pairs pairs = pairs_of(run, sides[RACING], sides[WAKEONE], COLUMN_server_cpu_us_per_req);
    qsort(pairs.all, pairs.count, sizeof *pairs.all, by_block);
    for (unsigned i = 0, next; i < pairs.count; i = next) {
        for (next = i;
             next < pairs.count && same_block(&pairs.all[i].block, &pairs.all[next].block);)
            next++;
        struct paired p = pairs_ratio(&pairs, i, next);
        struct square *square = square_of(s, &pairs.all[i].block);
        square->ratio = rounded(p.ratio, 4);
        square->shown = rounded(p.low, 4) > 1 || rounded(p.high, 4) < 1;
    }
    pairs_free(&pairs);
}

/* ---- columns and rows ---- */

static double or_0(double value)
{
    return isnan(value) ? 0 : value;
}

/* Columns by workers per CPU, then by workers and CPUs as text */
static int column_order(const struct configuration *a, const struct configuration *b)
{
    double x = a->workers / a->cpus, y = b->workers / b->cpus;
    int order = (x > y) - (x < y);
    if (order == 0)
        order = strcmp(key_value(a->workers).text, key_value(b->workers).text);
    return order ? order : strcmp(key_value(a->cpus).text, key_value(b->cpus).text);
}

/* Rows by rate, connections, requests as text */
static int row_order(const struct configuration *a, const struct configuration *b)
{
    const double pairs[][2] = {{or_0(a->rate), or_0(b->rate)},
                               {or_0(a->connections), or_0(b->connections)}};
    for (int i = 0; i < 2; i++)
        if (pairs[i][0] != pairs[i][1])
            return pairs[i][0] > pairs[i][1] ? 1 : -1;
    return strcmp(key_value(a->requests).text, key_value(b->requests).text);
}

static int by_column(const void *a, const void *b)
{
    return column_order(&((const struct square *)a)->block, &((const struct square *)b)->block);
}

static int by_row(const void *a, const void *b)
{
    return row_order(&((const struct square *)a)->block, &((const struct square *)b)->block);
}

static void number_squares(struct surface *s)
{
    qsort(s->squares, s->count, sizeof *s->squares, by_column);
    for (unsigned i = 0; i < s->count; i++) {
        s->columns += i == 0 || by_column(&s->squares[i - 1], &s->squares[i]) != 0;
        s->squares[i].column = s->columns;
    }
    qsort(s->squares, s->count, sizeof *s->squares, by_row);
    for (unsigned i = 0; i < s->count; i++) {
        s->rows += i == 0 || by_row(&s->squares[i - 1], &s->squares[i]) != 0;
        s->squares[i].row = s->rows;
        s->several_requests |= strcmp(key_value(s->squares[i].block.requests).text,
                                      key_value(s->squares[0].block.requests).text) != 0;
    }
}

static const struct square *square_at(const struct surface *s, unsigned column, unsigned row)
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->squares[i].column == column && s->squares[i].row == row)
            return &s->squares[i];
    return NULL;
}

/* ---- squares ---- */

/* Most samples are invalid: the valid ones are biased. */
static bool behind(const struct square *square, enum side side)
{
    return square->valid[side] * 2 < square->rows[side];
}

static double ratio_of_square(const struct square *square)
{
    return square && !behind(square, RACING) && !behind(square, WAKEONE) ? square->ratio : NAN;
}

static const char *words_of(const struct square *square, char *words, size_t size)
{
    if (behind(square, RACING) && behind(square, WAKEONE))
        return "both";
    for (int side = RACING; side <= WAKEONE; side++)
        if (behind(square, side))
            return sides[side];
    if (isnan(square->ratio))
        return "-";
    snprintf(words, size, square->shown ? "%.2f" : "(%.2f)", square->ratio);
    return words;
}

static unsigned mix(double from, double to, double share)
{
    return (unsigned)(from + (to - from) * share);
}

/* White at 1, towards vermilion above and blue below, pale enough for dark text; saturated at 4 and at 1/4 */
static unsigned colour_of(double ratio)
{
    static const double above[] = {240, 150, 90}, below[] = {120, 178, 226};
    enum { NO_RATIO = 14540253 };
    if (isnan(ratio))
        return NO_RATIO;
    double share = fmax(-1, fmin(1, log(ratio) / log(4)));
    const double *full = share >= 0 ? above : below;
    unsigned colour = 0;
    for (int i = 0; i < 3; i++)
        colour = colour * 256 + mix(255, full[i], fabs(share));
    return colour;
}

/* ---- the data ---- */

static void add_squares(struct text *data, const struct surface *s)
{
    char words[40];
    for (unsigned row = 1; row <= s->rows; row++)
        for (unsigned column = 1; column <= s->columns; column++) {
            const struct square *square = square_at(s, column, row);
            if (square)
                text_add(data, "%u %u \"%s\" %u\n", column, row,
                         words_of(square, words, sizeof words), colour_of(ratio_of_square(square)));
        }
    text_add_string(data, "\n\n");
}

static void add_grid(struct text *data, const struct surface *s)
{
    for (unsigned row = 1; row <= s->rows; row++) {
        for (unsigned column = 1; column <= s->columns; column++) {
            double ratio = ratio_of_square(square_at(s, column, row));
            text_add(data, "%u %u %s\n", column, row,
                     isnan(ratio) ? "NaN" : number_fixed(ratio, 4).text);
        }
        text_add_string(data, row < s->rows ? "\n" : "\n\n");
    }
}

static void add_column_name(struct text *data, const struct surface *s, unsigned column)
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->squares[i].column == column) {
            const struct configuration *c = &s->squares[i].block;
            text_add(data, "%u \"%s/%s\"\n", column, key_value(c->workers).text,
                     key_value(c->cpus).text);
            return;
        }
}

static void add_row_name(struct text *data, const struct surface *s, unsigned row)
{
    unsigned i = 0;
    while (s->squares[i].row != row)
        i++;
    const struct configuration *c = &s->squares[i].block;
    if (c->rate > 0)
        text_add(data, "%u \"%s/s", row, number_short(c->rate).text);
    else
        text_add(data, "%u \"%s conn.", row, number_short(or_0(c->connections)).text);
    if (s->several_requests)
        text_add(data, ", %s each", key_value(c->requests).text);
    text_add_string(data, "\"\n");
}

static const char *missing(const struct surface *s)
{
    if (!s->measured[RACING] || !s->measured[WAKEONE])
        return "the surface requires both racing and wakeone";
    if (s->columns < 2 || s->rows < 2)
        return "the surface requires several worker counts (or numbers of CPUs) and several loads";
    for (unsigned i = 0; i < s->count; i++)
        if (!isnan(s->squares[i].ratio))
            return NULL;
    return "no round has the CPU time of both racing and wakeone";
}

enum figure_outcome data_surface(struct view *view, struct text *data, struct complaint *why)
{
    struct surface s = {NULL, 0, 0, 0, {false, false}, false};
    count_rows(&s, &view->run->trials);
    set_ratios(&s, view->run);
    number_squares(&s);
    const char *reason = missing(&s);
    if (reason) {
        free(s.squares);
        complain(why, "%s", reason);
        return FIGURE_LEFT_OUT;
    }
    text_add(data, "%u %u \n\n\n", s.columns, s.rows);
    add_squares(data, &s);
    add_grid(data, &s);
    for (unsigned column = 1; column <= s.columns; column++)
        add_column_name(data, &s, column);
    text_add_string(data, "\n\n");
    for (unsigned row = 1; row <= s.rows; row++)
        add_row_name(data, &s, row);
    free(s.squares);
    return FIGURE_DRAWN;
}
