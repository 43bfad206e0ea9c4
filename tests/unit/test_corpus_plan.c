#define CORPUS "tests/data/plan"
#include "tests/fuzz/fuzz_plan.c"

#include "corpus_cases.h"
