#define CORPUS "tests/data/directory"
#include "tests/fuzz/fuzz_directory.c"

#include "corpus_cases.h"
