/* SPDX-License-Identifier: BSD-2-Clause */
#define CORPUS "tests/data/archive"
#include "tests/fuzz/fuzz_archive.c"

#include "corpus_cases.h"
