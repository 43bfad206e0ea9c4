/* env.json from anywhere: a page, Markdown and JSON are made of the run whatever it says, and compare reads its facts or
 * refuses it with one line. The corpus is in tests/data/environment. */

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
