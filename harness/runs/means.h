/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_MEANS_H
#define WAKEONE_MEANS_H

#include "csv.h"
#include "text.h"

/*
 * A table by trial (functions.csv, callers.csv) merged by configuration: lines that differ only by trial and figures are
 * merged, with the means of the figures (4 digits) and the trial of the first. Figures are the columns us_per_req,
 * stall_us_per_req, instructions_per_req and share. False: `complaint` has the line with a different number of fields or an
 * invalid figure.
 */
bool means_write(struct csv *table, struct text *file, struct complaint *complaint);

#endif
