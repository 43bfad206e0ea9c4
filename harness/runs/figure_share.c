/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shares of connections by worker: for each panel (servers within numbers of workers) the bar of its shares: from and to in
 * percent, one line per worker, the busiest first; then a line with the mean number of workers without a connection and Jain's
 * index. As gnuplot blocks.
 */

#include "figure.h"
#include "points.h"
#include "shares.h"

#include <math.h>

static void add_bar(struct text *data, const struct view *view, const struct configuration *c,
                    const struct shares *shares)
{
    const struct share *share = c ? &shares->all[c - view->run->trials.configurations] : NULL;
    struct point jain = {0, NAN, NAN, NAN, false};
    double from = 0;
    if (c)
        jain = point_of(&view->run->trials, c, COLUMN_jain);
    for (unsigned i = 0; share && i < share->count; i++) {
        double to = from + rounded(share->percent[i], 6);
        text_add(data, "%.4f %.4f\n", from, to);
        from = to;
    }
    if (!share || share->count == 0)
        text_add_string(data, "NaN NaN\n");
    text_add(data, "\n%.0f %s\n\n\n", share && share->known ? rounded_to_digits(share->idle, 6) : 0,
             jain.n ? number_value(jain.median).text : "NaN");
}

/* Whether the shares of a configuration of the view are damaged, and why. */
static bool damaged(const struct view *view, const struct shares *shares, struct complaint *why)
{
    for (unsigned i = 0; i < shares->count; i++)
        if (shares->all[i].damage && view_has(view, &view->run->trials.configurations[i]))
            return !complain(why, "%s", shares->all[i].damage);
    return false;
}

enum figure_outcome data_share(struct view *view, struct text *data, struct complaint *why)
{
    struct shares shares;
    if (!has_shares(view->run)) {
        complain(why, "the run has no workers.csv or shares.csv");
        return FIGURE_LEFT_OUT;
    }
    if (!shares_read(view->run, &shares, why))
        return FIGURE_BROKEN;
    if (damaged(view, &shares, why)) {
        shares_free(&shares);
        return FIGURE_BROKEN;
    }
    for (unsigned panel = 0; panel < view->worker_count; panel++)
        for (unsigned series = 0; series < view->name_count; series++)
            add_bar(data, view, view_configuration(view, panel, series), &shares);
    shares_free(&shares);
    return FIGURE_DRAWN;
}
