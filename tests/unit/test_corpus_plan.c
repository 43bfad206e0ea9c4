/* SPDX-License-Identifier: BSD-2-Clause */
#define CORPUS "tests/data/plan"
#include "tests/fuzz/fuzz_plan.c"

#include "corpus_cases.h"
