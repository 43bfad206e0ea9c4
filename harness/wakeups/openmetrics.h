#ifndef WAKEONE_OPENMETRICS_H
#define WAKEONE_OPENMETRICS_H

/* What was counted since the start, for collectors: OpenMetrics 1.0, which readers of Prometheus's text format take as well. */

#include "report.h"

#include <stdio.h>

/* Sums of all processes, and of those that live wakeups and accepts of each. What the instrument does not count is left
 * out. */
void openmetrics_print(const struct report *report, FILE *file);

/* As a file that is replaced as a whole, so that it is never read half written; "-" is standard output. False and errno if it
 * cannot be written; the one before stays. */
bool openmetrics_write(const struct report *report, const char *path);

#endif
