/* SPDX-License-Identifier: BSD-2-Clause */
/* strategies.tsv with arbitrary content: names, expected wakeups, summaries, commands and roles of servers, in tables,
 * figures, report and comparison. The corpus is in tests/data/strategies. */

#include "derive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const derivations[])(struct run * run) = {derive_tables, derive_figures,
                                                            derive_report};
    write_text("trials.csv", six_rows);
    write_part("strategies.tsv", data, size);
    read_and_derive(derivations, sizeof derivations / sizeof *derivations);
    derive_comparison();
    return 0;
}
