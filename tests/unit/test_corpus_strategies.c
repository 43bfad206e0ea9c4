/* SPDX-License-Identifier: BSD-2-Clause */
#define CORPUS "tests/data/strategies"
#include "tests/fuzz/fuzz_strategies.c"

#include "corpus_cases.h"
