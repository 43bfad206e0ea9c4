/* SPDX-License-Identifier: BSD-2-Clause */
/* Throughput of each configuration as a ratio to the baseline: by load and workers, the highest ratio first. */

#include "figure.h"
#include "forest.h"
#include "summary.h"

#include "harness/lib/message.h"

#include <math.h>
#include <stdlib.h>

enum { RATIOS_MOST = 48 };

/* Loads are in the order of the summary. */
struct placed {
    unsigned load;
    const struct summary_line *line;
};

static int by_place(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    double p = x->line->configuration->workers, q = y->line->configuration->workers;
    if (x->load != y->load)
        return x->load < y->load ? -1 : 1;
    if (p != q)
        return p < q ? -1 : 1;
    if (x->line->ratio->ratio != y->line->ratio->ratio)
        return x->line->ratio->ratio > y->line->ratio->ratio ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

static bool same_load(const struct configuration *a, const struct configuration *b)
{
    struct configuration as_if = *b;
    as_if.workers = a->workers;
    return same_block(a, &as_if);
}

static unsigned place_lines(const struct summary *s, struct placed *placed)
{
    unsigned count = 0, loads = 0;
    for (unsigned i = 0; i < s->count; i++) {
        if (!s->lines[i].ratio)
            continue;
        placed[count] = (struct placed){UINT32_MAX, &s->lines[i]};
        for (unsigned k = 0; k < count && placed[count].load == UINT32_MAX; k++)
            if (same_load(placed[k].line->configuration, s->lines[i].configuration))
                placed[count].load = placed[k].load;
        if (placed[count].load == UINT32_MAX)
            placed[count].load = loads++;
        count++;
    }
    qsort(placed, count, sizeof *placed, by_place);
    return count;
}

static struct forest_row row_of(const struct summary_line *line)
{
    const struct configuration *c = line->configuration;
    const struct ratio *r = line->ratio;
    return (struct forest_row){.server = c->server,
                               .workers = c->workers,
                               .connections = c->connections,
                               .rate = c->rate,
                               .requests = c->requests,
                               .cpus = c->cpus,
                               .ratio = r->ratio,
                               .low = r->low,
                               .high = r->high,
                               .threshold = r->threshold};
}

static void draw(struct view *view, const struct placed *placed, unsigned count, struct text *data)
{
    struct forest_row *rows = calloc(count + 1, sizeof *rows);
    if (!rows)
        fail("out of memory");
    for (unsigned i = 0; i < count; i++)
        rows[i] = row_of(placed[i].line);
    const struct forest forest = {rows, count, 1, NULL};
    free(view->looks);
    free(view->ticks);
    free(view->cpus);
    view->looks = copy_string("ratio #005FA3 7");
    forest_data(&forest, data, &view->ticks, &view->cpus);
    free(rows);
}

enum figure_outcome data_ratios(struct view *view, struct text *data, struct complaint *why)
{
    struct summary s = summary_of(view->run);
    struct placed *placed = calloc(s.count + 1, sizeof *placed);
    if (!placed)
        fail("out of memory");
    unsigned count = place_lines(&s, placed);
    if (count == 0)
        complain(why, "no server besides the baseline, %s", view->run->baseline);
    else if (count > RATIOS_MOST)
        complain(why, "too many ratios (%u) to %s: see summary.csv", count, view->run->baseline);
    else
        draw(view, placed, count, data);
    free(placed);
    summary_free(&s);
    return count == 0 || count > RATIOS_MOST ? FIGURE_LEFT_OUT : FIGURE_DRAWN;
}
