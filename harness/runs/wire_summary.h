#ifndef WAKEONE_WIRE_SUMMARY_H
#define WAKEONE_WIRE_SUMMARY_H

/* The first byte of the answer, as the load generator and as the network saw it: medians over the valid rows of wire.csv. */

#include "run.h"
#include "text.h"

/* wire_summary.csv (results/README.md) and the same as a table for people, of a run that has wire.csv. */
void wire_summary(const struct run *run, struct text *csv, struct text *table);

#endif
