/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of URL files with arbitrary input. The corpus is in tests/data/urls. */

#include "harness/load/urls.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct urls *urls)
{
    unsigned long until = 0;
    if (urls->count == 0 || urls->count > URLS_MAX)
        abort();
    for (unsigned i = 0; i < urls->count; i++) {
        const struct url *url = &urls->all[i];
        until += url->weight;
        if (url->weight == 0 || url->until != until || strlen(url->text) > URLS_LINE_MAX)
            abort();
        for (const char *c = url->text; *c; c++)
            if (*c <= ' ' || *c == 0x7f)
                abort();
        if (urls_choose(urls, 1, i) >= urls->count)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct urls urls;
    unsigned line;
    char *text = malloc(size + 1);
    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    if (!urls_parse(&urls, text, size, &line))
        check(&urls);
    free(text);
    return 0;
}
