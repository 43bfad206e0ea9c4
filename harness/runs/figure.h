/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_FIGURE_H
#define WAKEONE_FIGURE_H

/*
 * The data of figures. A figure is a line in plots/figures.tsv, a plots/NAME.gp, and a function that makes its data from a run
 * or returns a reason: if the run did not measure it, the figure is left out (not an error); if its data are damaged, that is
 * an error, and the other figures are drawn.
 */

#include "complaint.h"
#include "run.h"
#include "text.h"

enum figure_outcome { FIGURE_DRAWN, FIGURE_LEFT_OUT, FIGURE_BROKEN };

/* The data of a figure: a run's rows of one load, of one group of the scale, or all. */
struct view {
    const struct run *run;
    const struct configuration *load; /* its cpus, connections, rate, requests; NULL = all */
    const char *group;                /* "workers,load,requests" of scale.csv; NULL = none */
    bool *member;                     /* of a group: its configurations; NULL = by the load */
    char **names;                     /* of servers, in the order of plots/strategies.tsv */
    unsigned name_count;
    double *workers; /* those of the view, ascending */
    unsigned worker_count;

    /* Arguments of the picture; a figure may replace them. */
    char *looks, *ticks, *cpus;
};

/* Whether a configuration is in the view and has valid samples. */
bool view_has(const struct view *view, const struct configuration *c);

/* The index of a server in view->names; -1 if not found. */
int view_place(const struct view *view, const char *server);

/* The configuration of a panel and a server; NULL without valid samples. */
const struct configuration *view_configuration(const struct view *view, unsigned panel,
                                               unsigned series);

typedef enum figure_outcome figure_data(struct view *view, struct text *data,
                                        struct complaint *why);

/* By file: figure_points.c, figure_panels.c, figure_latency.c, figure_share.c, figure_ratios.c, figure_scale.c, ... */
figure_data data_wakeups, data_throughput, data_scale, data_where, data_ratios, data_surface,
    data_rate, data_latency, data_cpu, data_share, data_classes, data_wire, data_timeline;

/* Draws all figures of a run into RUN/figures, with index.tsv; messages go to stderr. EXIT_DONE, EXIT_FAILED if one cannot be
 * drawn, EXIT_NOT_OK without a valid sample (and without figures). */
struct plot_options {
    bool png, all_loads;
    bool quiet; /* do not print the path of the figures */
};
int plot_run(const struct run *run, const struct plot_options *options);

/* The data of one figure; if it has a load or group, of the run's first. */
enum figure_outcome figure_of_run(const struct run *run, const char *name, struct text *data,
                                  struct complaint *why);

/* Text below each figure: machine, kernel, day, seed, run. The caller frees it. */
char *figure_footer(const struct run *run);

#endif
