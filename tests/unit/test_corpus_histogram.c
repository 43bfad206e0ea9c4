/* SPDX-License-Identifier: BSD-2-Clause */
#define CORPUS "tests/data/histogram"
#include "tests/fuzz/fuzz_histogram.c"

#include "corpus_cases.h"
