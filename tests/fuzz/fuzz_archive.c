/* SPDX-License-Identifier: BSD-2-Clause */
/* The archive of a packed run against bytes from anywhere. Headers have a sum, which is set right, so that what is behind it is
 * reached. The corpus is in tests/data/archive. */

#include "harness/runs/share.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No file leads elsewhere, and all of its bytes are there. */
static bool take(void *to, const char *name, const char *data, size_t length, struct complaint *why)
{
    unsigned *sum = to;
    (void)why;
    if (share_form_of(name) == SHARE_OTHER || *name == '/' || strstr(name, ".."))
        abort();
    for (size_t i = 0; i < length; i++)
        *sum += (unsigned char)data[i];
    return true;
}

static void set_sums(char *bytes, size_t size)
{
    enum { BLOCK = 512, AT_SUM = 148, SUM = 8, AT_MAGIC = 257 };
    for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
        char *header = bytes + at;
        unsigned sum = 0;
        if (memcmp(header + AT_MAGIC, "ustar", 5) != 0)
            continue;
        memset(header + AT_SUM, ' ', SUM);
        for (int i = 0; i < BLOCK; i++)
            sum += (unsigned char)header[i];
        snprintf(header + AT_SUM, SUM, "%06o", sum);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct complaint why = {""};
    unsigned sum = 0;
    char *bytes = malloc(size ? size : 1);
    if (!bytes)
        abort();
    memcpy(bytes, data, size);
    set_sums(bytes, size);
    if (!share_each(bytes, size, take, &sum, &why) && (!why.text[0] || strchr(why.text, '\n')))
        abort();
    free(bytes);
    return 0;
}
