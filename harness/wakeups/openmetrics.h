/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_OPENMETRICS_H
#define WAKEONE_OPENMETRICS_H

/* Counts since the start, for collectors: OpenMetrics 1.0, also readable as Prometheus's text format. */

#include "report.h"

#include <stdio.h>

/* Sums over all processes, and wakeups and accepts of each running one. Counts that the instrument does not support are
 * omitted. */
void openmetrics_print(const struct report *report, FILE *file);

/* Replaces the file atomically; "-" is standard output. False with errno if it cannot be written; the previous file is
 * kept. */
bool openmetrics_write(const struct report *report, const char *path);

#endif
