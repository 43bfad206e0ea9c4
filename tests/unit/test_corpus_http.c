/* SPDX-License-Identifier: BSD-2-Clause */
#define CORPUS "tests/data/http"
#include "tests/fuzz/fuzz_http.c"

#include "corpus_cases.h"
