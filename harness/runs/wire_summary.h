/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_WIRE_SUMMARY_H
#define WAKEONE_WIRE_SUMMARY_H

/* Time to the first byte of the response, by the load generator and by packet capture: medians of the valid samples of
 * wire.csv. */

#include "run.h"
#include "text.h"

/* wire_summary.csv (results/README.md) and the same as a table, for a run with wire.csv. */
void wire_summary(const struct run *run, struct text *csv, struct text *table);

#endif
