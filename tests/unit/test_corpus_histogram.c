#define CORPUS "tests/data/histogram"
#include "tests/fuzz/fuzz_histogram.c"

#include "corpus_cases.h"
