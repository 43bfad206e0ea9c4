#define CORPUS "tests/data/environment"
#include "tests/fuzz/fuzz_environment.c"

#include "corpus_cases.h"
