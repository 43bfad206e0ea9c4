/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_TABLES_H
#define WAKEONE_TABLES_H

/* Tables of a run that was read, and the same as CSV in its directory. */

#include "run.h"
#include "text.h"

/* summary.csv; room: columns of the terminal, 0 = any number. */
void put_summary(const struct run *run, unsigned room, struct text *table);

/* wire_summary.csv, for a run with captured rounds. */
void put_wire_summary(const struct run *run, struct text *table);

/* scale.csv, for a run with settings. */
void put_scale(const struct run *run, struct text *table);

/* Comparisons that are not to be trusted, one per line. */
void lost_comparisons(const struct run *run, struct text *lines);

#endif
