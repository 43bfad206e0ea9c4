/* SPDX-License-Identifier: BSD-2-Clause */
#define CORPUS "tests/data/directory"
#include "tests/fuzz/fuzz_directory.c"

#include "corpus_cases.h"
