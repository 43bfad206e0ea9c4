#ifndef WAKEONE_PICTURE_H
#define WAKEONE_PICTURE_H

/* Pictures: gnuplot draws data by plots/FIGURE.gp, and its SVG is made fit for readers. */

#include "complaint.h"

#include <stddef.h>

struct picture {
    const char *figure; /* plots/FIGURE.gp */
    const char *data;   /* blocks as gnuplot has them */
    size_t data_length;
    const char *title, *subtitle, *footer;
    const char *looks; /* "name colour point" of each series, space-separated */
    const char *ticks; /* of the x axis, or what the figure takes in their place */
    const char *cpus;
};

/* Ends the program where there is no room for temporary files, before anything else is written. */
void picture_check_room(void);

/* Draws it into a file that ends in .svg or .png. False: `complaint` says what gnuplot said. */
bool picture_draw(const struct picture *picture, const char *path, struct complaint *complaint);

/*
 * An SVG as gnuplot writes it -> a file of its own: with a title for those who hear it, without gnuplot's names of its
 * parts, which show as tool tips, and with the POSIX checksum of the data it was drawn from, which shows whether a figure
 * is that of the data, whichever gnuplot drew it. To be freed.
 */
char *svg_for_file(const char *svg, const char *title, const char *data, size_t data_length);

/* Such a file -> a part of a page: without a size, with `prefix` before all its ids. To be freed. */
char *svg_for_page(const char *svg, const char *title, const char *prefix);

/* What plots/PROGRAM prints of the data, to be freed; NULL if it failed. */
char *gnuplot_calculate(const char *program, const char *data, size_t length);

#endif
