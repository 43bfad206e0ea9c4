/* SPDX-License-Identifier: BSD-2-Clause */
/* The readers of plan.tsv with arbitrary input: it is a valid plan, from which the arguments of all trials are derived, or
 * rejected with one line; the same for the reader in compare. The corpus is in tests/data/plan. */

#include "refuse.h"

#include "derive.h"

#include "harness/runs/check_plan.h"
#include "harness/runs/execute.h"

static void make_arguments(void)
{
    struct csv plan;
    plan_open(&plan, run_directory());
    while (plan_next(&plan))
        trial_arguments_free(trial_arguments(plan.fields));
    plan_close(&plan);
}

static void read_plan(const void *context)
{
    check_plan(run_directory(), *(const enum plan_origin *)context);
    make_arguments();
}

static void compare_plan(const void *context)
{
    (void)context;
    derive_comparison();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum plan_origin own = PLAN_OWN, foreign = PLAN_FOREIGN;
    write_text("trials.csv", six_rows);
    write_part("plan.tsv", data, size);
    may_refuse(read_plan, &own);
    may_refuse(read_plan, &foreign);
    may_refuse(compare_plan, NULL);
    return 0;
}
