/* SPDX-License-Identifier: BSD-2-Clause */
/* One test per file of a fuzzer's corpus: CORPUS names the directory, from the top of the tree. */

#include "support.h"

#include <glob.h>

TEST(corpus_file)
{
    const char *const *path = *state;
    static uint8_t data[1 << 20];
    FILE *file = fopen(*path, "rb");
    assert_non_null(file);
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    assert_int_equal(LLVMFuzzerTestOneInput(data, size), 0);
}

int main(void)
{
    static glob_t files;
    if (glob(CORPUS "/*", 0, NULL, &files) != 0)
        return 1;
    add_rows("corpus_file", corpus_file, files.gl_pathv, files.gl_pathc, sizeof *files.gl_pathv);
    return run_added(NULL, NULL);
}
