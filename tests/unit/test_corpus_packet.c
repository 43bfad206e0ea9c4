/* SPDX-License-Identifier: BSD-2-Clause */
#define CORPUS "tests/data/packet"
#include "tests/fuzz/fuzz_packet.c"

#include "corpus_cases.h"
