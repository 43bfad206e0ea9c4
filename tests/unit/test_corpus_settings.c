/* SPDX-License-Identifier: BSD-2-Clause */
#define CORPUS "tests/data/settings"
#include "tests/fuzz/fuzz_settings.c"

#include "corpus_cases.h"
