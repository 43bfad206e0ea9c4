/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Percentiles of latency: for each panel (servers within numbers of workers) the points of its configuration's spectrum,
 * milliseconds and 1/(1-percentile), as gnuplot blocks. The last bucket has percentile 1; it is drawn at the number of samples.
 */

#include "figure.h"
#include "latencies.h"

#include "harness/lib/message.h"

#include <math.h>

static bool any_timed(const struct view *view)
{
    const struct rows *rows = &view->run->trials;
    for (unsigned i = 0; i < rows->count; i++)
        if (row_is_valid(&rows->all[i]) && !isnan(rows->all[i].latency_p99_us) &&
            view_has(view, &rows->configurations[rows->configuration_of[i]]))
            return true;
    return false;
}

static bool add_spectrum(struct text *data, const struct latencies *l)
{
    unsigned long long total = l->count ? l->buckets[l->count - 1].count : 0;
    if (l->count == 0)
        text_add_string(data, "NaN NaN\n");
    for (unsigned i = 0; i < l->count; i++) {
        unsigned long long count = l->buckets[i].count;
        double inverse = count < total ? (double)total / (double)(total - count) : (double)total;
        text_add(data, "%s %s\n", number_short(l->buckets[i].value / 1000).text,
                 number_short(inverse).text);
    }
    text_add_string(data, "\n\n");
    return l->count > 0;
}

enum figure_outcome data_latency(struct view *view, struct text *data, struct complaint *why)
{
    bool any = false;
    if (!any_timed(view)) {
        complain(why, "no latencies: the run has counts only");
        return FIGURE_LEFT_OUT;
    }
    if (!has_latencies(view->run)) {
        complain(why, "the run has no histograms (hist/ or latency/)");
        return FIGURE_LEFT_OUT;
    }
    for (unsigned panel = 0; panel < view->worker_count; panel++)
        for (unsigned series = 0; series < view->name_count; series++) {
            struct latencies l = {NULL, 0, 0};
            const struct configuration *c = view_configuration(view, panel, series);
            if (c && c->valid > 0 && !latencies_read(view->run, c, &l, why))
                return FIGURE_BROKEN;
            any |= add_spectrum(data, &l);
            latencies_free(&l);
        }
    if (any)
        return FIGURE_DRAWN;
    complain(why, "the histograms are empty: no request completed in the windows");
    return FIGURE_LEFT_OUT;
}
