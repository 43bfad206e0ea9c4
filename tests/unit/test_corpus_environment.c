/* SPDX-License-Identifier: BSD-2-Clause */
#define CORPUS "tests/data/environment"
#include "tests/fuzz/fuzz_environment.c"

#include "corpus_cases.h"
