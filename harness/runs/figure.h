#ifndef WAKEONE_FIGURE_H
#define WAKEONE_FIGURE_H

/*
 * The data of figures. A figure is a line in plots/figures.tsv, a plots/NAME.gp, and a function that makes its data of a
 * run, or says why there is none: a run that has not measured it leaves it out (no fault); data that should be there and is
 * damaged is a fault, and the other figures are drawn.
 */

#include "complaint.h"
#include "run.h"
#include "text.h"

enum figure_outcome { FIGURE_DRAWN, FIGURE_LEFT_OUT, FIGURE_BROKEN };

/* What a figure is drawn of: a run's rows of one load, of one group of the scale, or all. */
struct view {
    const struct run *run;
    const struct configuration *load; /* of its cpus, connections, rate, requests; NULL = all */
    const char *group;                /* "workers,load,requests" of scale.csv; NULL = none */
    bool *member; /* of a group: which configurations of the run belong to it; NULL = by the load */
    char **names; /* of servers, in the order of plots/strategies.tsv */
    unsigned name_count;
    double *workers; /* those of the view, upwards */
    unsigned worker_count;

    /* What the picture is told; a figure may set its own. */
    char *looks, *ticks, *cpus;
};

/* The configurations of a view that have valid samples: is it one of them? */
bool view_has(const struct view *view, const struct configuration *c);

/* The index of a server in view->names; -1 if it is not there. */
int view_place(const struct view *view, const char *server);

/* The configuration of a panel and a server; NULL if there is none with valid samples. */
const struct configuration *view_configuration(const struct view *view, unsigned panel,
                                               unsigned series);

typedef enum figure_outcome figure_data(struct view *view, struct text *data,
                                        struct complaint *why);

/* By file: figure_points.c, figure_panels.c, figure_latency.c, figure_share.c, figure_ratios.c, figure_scale.c, ... */
figure_data data_wakeups, data_throughput, data_scale, data_where, data_ratios, data_surface,
    data_rate, data_latency, data_cpu, data_share, data_classes, data_wire, data_timeline;

/* Draws all figures of a run into RUN/figures, with index.tsv; messages go to stderr. EXIT_DONE, EXIT_FAILED if one is
 * broken, EXIT_NOT_OK if no row is valid (there are no figures then). */
struct plot_options {
    bool png, all_loads;
    bool quiet; /* does not print where the figures are */
};
int plot_run(const struct run *run, const struct plot_options *options);

/* The data of one figure, of the first load or group of the run if it is about one. */
enum figure_outcome figure_of_run(const struct run *run, const char *name, struct text *data,
                                  struct complaint *why);

/* Text below each figure: machine, kernel, day, seed, run; to be freed. */
char *figure_footer(const struct run *run);

#endif
