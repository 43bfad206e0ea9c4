/* SPDX-License-Identifier: BSD-2-Clause */
#define CORPUS "tests/data/urls"
#include "tests/fuzz/fuzz_urls.c"

#include "corpus_cases.h"
