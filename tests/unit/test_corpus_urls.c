#define CORPUS "tests/data/urls"
#include "tests/fuzz/fuzz_urls.c"

#include "corpus_cases.h"
