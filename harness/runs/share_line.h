/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_SHARE_LINE_H
#define WAKEONE_SHARE_LINE_H

#include "run.h"

/*
 * Lines of results/gallery.tsv: the ratio of throughput of wakeone to racing by number of CPUs, of machines everywhere. A run has a
 * line for each number of CPUs: of the configurations of a closed load with one request per connection, the one whose workers are
 * nearest to 4 per CPU, and of these the one whose connections are nearest to 8 per CPU (in proportion; of two that are as near, the
 * lesser). Which one it is does not depend on what was measured.
 */

/* Adds the names of the columns, and a line end. */
void share_add_header(struct text *to);

/* Adds the lines of a run. sha256 and source stand in the last two columns. False: why the run has none. */
bool share_add_lines(struct text *to, const struct run *run, const char *sha256, const char *source,
                     struct complaint *why);

#endif
