/* SPDX-License-Identifier: BSD-2-Clause */
/* The readers of env.json with arbitrary input: the page, Markdown and JSON of the run are always written, and compare reads
 * its facts or rejects it with one line. The corpus is in tests/data/environment. */

#include "derive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const derivations[])(struct run * run) = {derive_report};
    write_text("trials.csv", six_rows);
    write_part("env.json", data, size);
    read_and_derive(derivations, 1);
    derive_comparison();
    return 0;
}
