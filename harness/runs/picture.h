/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_PICTURE_H
#define WAKEONE_PICTURE_H

/* Pictures: gnuplot draws data by plots/FIGURE.gp; its SVG is cleaned up. */

#include "complaint.h"

#include <stddef.h>

struct picture {
    const char *figure; /* plots/FIGURE.gp */
    const char *data;   /* gnuplot blocks */
    size_t data_length;
    const char *title, *subtitle, *footer;
    const char *looks; /* "name colour point" of each series, space-separated */
    const char *ticks; /* of the x axis, or another argument of the figure */
    const char *cpus;
};

/* Ends the program if there is no space for temporary files, before anything else is written. */
void picture_check_room(void);

/* Draws it into a file that ends in .svg or .png. False: `complaint` has gnuplot's message. */
bool picture_draw(const struct picture *picture, const char *path, struct complaint *complaint);

/*
 * An SVG of gnuplot -> a standalone file: with a title for screen readers, without gnuplot's titles of plot elements, which
 * browsers show as tool tips, and with the POSIX checksum of its data, which identifies them independently of the gnuplot
 * version. The caller frees it.
 */
char *svg_for_file(const char *svg, const char *title, const char *data, size_t data_length);

/* Such a file -> a fragment of a page: without a size, with `prefix` before all its ids. The caller frees it. */
char *svg_for_page(const char *svg, const char *title, const char *prefix);

/* The output of plots/PROGRAM for the data; NULL if it failed. The caller frees it. */
char *gnuplot_calculate(const char *program, const char *data, size_t length);

#endif
