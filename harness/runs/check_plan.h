#ifndef WAKEONE_CHECK_PLAN_H
#define WAKEONE_CHECK_PLAN_H

/* plan.tsv as it is read: somebody may have changed it, and it may come from elsewhere. */

#include "csv.h"
#include "plan.h"

/* PLAN_OWN: no option that only the harness sets (reserved_option() in settings.h). PLAN_FOREIGN: of another user's run, so that
 * servers and load get no option that reaches further than how they serve and ask. */
enum plan_origin { PLAN_OWN, PLAN_FOREIGN };

/* Whether RUN/plan.tsv is a plan; if not, the first thing that is wrong, with its line and column, is a usage error. */
void check_plan(const char *run, enum plan_origin origin);

/* Opens RUN/plan.tsv, and reads its lines: the fields are those of enum plan_column. False: there are no more. */
void plan_open(struct csv *csv, const char *run);
bool plan_next(struct csv *csv);
void plan_close(struct csv *csv);

#endif
