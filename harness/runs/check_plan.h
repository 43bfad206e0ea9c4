/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_CHECK_PLAN_H
#define WAKEONE_CHECK_PLAN_H

/* Reads and checks plan.tsv, which may have been edited or come from elsewhere. */

#include "csv.h"
#include "plan.h"

/* PLAN_OWN: reserved options (reserved_option() in settings.h) are refused. PLAN_FOREIGN: of another user's run; only options
 * that change how servers serve and how the load sends requests are allowed. */
enum plan_origin { PLAN_OWN, PLAN_FOREIGN };

/* Checks RUN/plan.tsv. The first error, with its line and column, is a usage error. */
void check_plan(const char *run, enum plan_origin origin);

/* Opens RUN/plan.tsv, and reads its lines: the fields are in the order of enum plan_column. False at the end. */
void plan_open(struct csv *csv, const char *run);
bool plan_next(struct csv *csv);
void plan_close(struct csv *csv);

#endif
