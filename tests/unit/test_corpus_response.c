/* SPDX-License-Identifier: BSD-2-Clause */
#define CORPUS "tests/data/response"
#include "tests/fuzz/fuzz_response.c"

#include "corpus_cases.h"
